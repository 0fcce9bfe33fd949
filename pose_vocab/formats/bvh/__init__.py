"""BVH motion capture files: reading and writing."""
