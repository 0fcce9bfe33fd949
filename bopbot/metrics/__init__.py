"""What a dance is measured by: a small function for each figure."""
