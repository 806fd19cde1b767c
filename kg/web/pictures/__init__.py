"""Pictures of what the graph holds: each drawn from one documented query, with the same rows as a table and as CSV.

``queries/`` has the queries; ``parameters`` reads what an address asks for, ``asking`` has the query answered, a module for each
picture draws the rows (``timeline``, ``network``, ``world``, ``relations``, ``month``), ``pages`` puts them into addresses.
"""
