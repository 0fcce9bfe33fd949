"""Where the dancers stand in the picture: stage, floor, formation and camera."""
