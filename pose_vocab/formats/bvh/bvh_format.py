"""Motion capture files (BVH)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose_vocab.formats.bvh.bvh_reader import load_bvh
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.sequence import PoseSequence

BEGINS_WITH = b"HIERARCHY"


class Bvh:
    """One rig in metres, read by `bvh_reader` and written by `bvh_writer`."""

    name = "bvh"
    title = "BVH motion capture"
    suffixes = (".bvh",)
    several_people = False

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
        return save_bvh(require_single_person(people, path), path)
