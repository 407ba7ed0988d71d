"""Gates R1 to R17 of server-side rendering: a real app server, a scripted render server, real load."""
