"""The example video that the package ships, and the program that renders it."""
