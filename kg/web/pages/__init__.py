"""What has an address for people, and the data of each thing."""
