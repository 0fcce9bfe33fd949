"""From files to normalized clips of dancers."""
