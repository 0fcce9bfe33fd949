"""glTF binary files (GLB): dancers as skinned mannequins with animations."""
