"""Child processes, and private folders, locks, state files and output that processes share."""
