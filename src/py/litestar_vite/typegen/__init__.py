"""What the front end learns from the app. For now: the named routes."""
