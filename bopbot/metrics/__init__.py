"""Metrics of dances: a small function for each."""
