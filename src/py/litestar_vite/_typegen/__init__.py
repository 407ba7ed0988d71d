"""TypeScript generation: types for the app's pages and its routes."""
