"""The model that the package carries, and what made it."""
