"""Facts to quads: the terms, the one place that mints IRIs, and what is written for an article and for reference data."""
