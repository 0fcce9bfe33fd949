"""Poses: reading them from videos and files, their vocabulary, and the codec between poses and words."""

from __future__ import annotations

from typing import Any

from pose_vocab.codec.vocabulary import Vocabulary
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import SKELETONS, Skeleton

__all__ = ["SKELETONS", "PoseSequence", "Skeleton", "Vocabulary", "extract", "extract_all"]


def __getattr__(name: str) -> Any:
    """Import extraction at its first use, because it imports mediapipe."""
    if name in ("extract", "extract_all"):
        from pose_vocab import extraction

        return getattr(extraction, name)
    raise AttributeError(f"module 'pose_vocab' has no attribute {name!r}")
