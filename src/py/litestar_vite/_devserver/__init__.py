"""The development server: finds or starts Vite, watches it and stops it."""
