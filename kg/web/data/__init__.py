"""Dumps, parts, descriptions, changes and feeds: the ways in for programs that take."""
