"""From poses to files that people look at."""
