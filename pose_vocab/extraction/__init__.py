"""From a video to the dancers in it, by MediaPipe's PoseLandmarker."""

from pose_vocab.extraction.dancers import extract, extract_all

__all__ = ["extract", "extract_all"]
