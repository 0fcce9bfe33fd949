"""The model that the package ships, and the program that trains it."""
