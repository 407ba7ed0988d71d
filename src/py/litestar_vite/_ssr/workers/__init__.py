"""The render workers that the app starts, supervises and shares."""
