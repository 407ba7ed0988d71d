"""Child processes and what they share: private folders, locks, state files, output, liveness."""
