"""When a dance and its music have their beats, and how one is put on the other."""
