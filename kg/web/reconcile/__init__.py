"""Reconciliation: a column of names in another's table is matched to things here.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""
