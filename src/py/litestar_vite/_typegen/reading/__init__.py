"""Reads handlers: what they return, by annotations, and by their source where annotations say nothing."""
