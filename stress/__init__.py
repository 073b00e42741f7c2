"""Tries to break corrtip: campaigns that corrupt, kill, starve and repeat, and count what it did not stand."""
