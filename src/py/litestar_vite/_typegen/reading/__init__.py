"""Infers the return values of handlers from their annotations, and from their source where these are too vague."""
