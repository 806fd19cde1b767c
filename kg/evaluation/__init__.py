"""Measures extraction against annotated texts: ``kg.evaluation.figures`` tells which figures there are."""
