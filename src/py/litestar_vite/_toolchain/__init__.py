"""Node, the project's package manager, and its package.json."""
