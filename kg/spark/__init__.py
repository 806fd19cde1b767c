"""Extraction on an Apache Spark cluster: the quads of one machine in sorted shards, and the event table: see ``docs/spark.md``"""
