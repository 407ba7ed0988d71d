"""Child processes, and the private folders, locks, state files and output that processes share."""
