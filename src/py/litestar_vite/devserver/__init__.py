"""The development server: finds Vite, starts it, watches it, and knows who owns it."""
