"""The event table: one row for each event and dyad, from a graph's triples. ``docs/event-table.md`` tells its columns."""
