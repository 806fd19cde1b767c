"""What the browser gets: our scripts and the packages of the npm registry that they stand on, made into a few files."""
