"""Pose sequences to pictures, and pictures to a video file."""

from render.renderer import DanceRenderer
from render.styles import STYLES
from render.writer import write_video

__all__ = ["STYLES", "DanceRenderer", "write_video"]
