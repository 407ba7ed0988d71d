"""Gates R1 to R18 of server-side rendering: a real app server, a scripted render server, real load."""
