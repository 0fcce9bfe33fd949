"""The humanoid rig of a dancer, shared by the formats that store rotations of bones."""
