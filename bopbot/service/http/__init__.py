"""What the server answers: the API, events, files, health."""
