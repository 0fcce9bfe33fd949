"""From a video to the dancers in it, by MediaPipe's PoseLandmarker."""

from pose_vocab.extraction.dancers import Dancer, Watched, extract, extract_all, watch

__all__ = ["Dancer", "Watched", "extract", "extract_all", "watch"]
