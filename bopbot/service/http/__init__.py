"""HTTP routes: the API, events, files, uploads, health."""
