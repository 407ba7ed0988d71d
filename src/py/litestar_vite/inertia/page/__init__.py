"""What a page holds: props in, JSON bytes out."""
