"""Motion capture files (BVH)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose_vocab.formats.bvh.reader import load_bvh
from pose_vocab.formats.bvh.writer import save_bvh
from pose_vocab.formats.format import PoseInput, PosesRead
from pose_vocab.formats.one_person import the_only
from pose_vocab.sequence import PoseSequence

BEGINS_WITH = b"HIERARCHY"


class Bvh:
    """One rig in metres: read by `pose_vocab.formats.bvh.reader`, written by `pose_vocab.formats.bvh.writer`."""

    name = "bvh"
    title = "BVH motion capture"
    suffixes = (".bvh",)

    def recognizes(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return file.read(200).lstrip().startswith(BEGINS_WITH)
        except OSError:
            return False

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read the one rig; raises what `load_bvh` raises."""
        poses = load_bvh(path)
        return PosesRead((replace(poses, fps=pose_input.fps or poses.fps),))

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str]:
        """Write the one person as a rig; says what was bridged or guessed, and raises what `save_bvh` raises."""
        return save_bvh(the_only(people, path), path)
