"""What goes wrong: processes that are killed, disks that are full, files that are damaged, stores of other versions."""
