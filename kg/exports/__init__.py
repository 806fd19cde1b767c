"""What leaves the house as files: dumps, parts, descriptions of the dataset, and the log of changes. HTTP is in ``web``."""
