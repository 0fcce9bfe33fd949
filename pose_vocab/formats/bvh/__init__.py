"""BVH motion capture files: read and written."""
