"""What stands between the world and the application."""
