"""Extraction of dancers from a video, by MediaPipe's PoseLandmarker."""

from pose_vocab.extraction.dancers import Dancer, ExtractedVideo, extract, extract_all, extract_dancers

__all__ = ["Dancer", "ExtractedVideo", "extract", "extract_all", "extract_dancers"]
