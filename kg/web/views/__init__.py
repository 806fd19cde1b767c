"""What pages show, read out of a state of the store: one module for each kind of thing, and what they share."""
