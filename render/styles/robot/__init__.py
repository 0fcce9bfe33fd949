"""The robot of the style `bopbot`, part by part."""
