"""Extraction on an Apache Spark cluster: the same quads as on one machine, in sorted shards, and the event table. ``docs/spark.md``."""
