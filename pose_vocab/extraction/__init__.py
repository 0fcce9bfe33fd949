"""From a video to the dancers in it, by MediaPipe's PoseLandmarker."""

from pose_vocab.extraction.dancers import Dancer, ExtractedVideo, extract, extract_all, extract_dancers

__all__ = ["Dancer", "ExtractedVideo", "extract", "extract_all", "extract_dancers"]
