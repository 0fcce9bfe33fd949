"""Files of motion capture markers."""
