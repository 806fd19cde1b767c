"""What an operator does with a store and looks at: backups, what has come apart in it, and the state of an installation."""
