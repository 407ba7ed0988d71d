"""The page object: props in, JSON bytes out."""
