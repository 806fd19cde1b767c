"""Readers of names, dates, places, topics and quotations in a sentence."""
