"""TypeScript generation: the app's named routes."""
