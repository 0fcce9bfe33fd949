"""BopBot's own pose file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.formats.units import all_within_picture, to_pixels
from pose_vocab.sequence import PoseSequence


class BopBotNpz:
    """What `PoseSequence.save` writes: one person, on any skeleton, in 2D or 3D."""

    name = "bopbot"
    title = "BopBot's own pose file"
    suffixes = (".npz",)
    several_people = False

    def recognizes(self, path: Path) -> bool:
        """Whether it is an archive that names its format and its skeleton."""
        try:
            with zipfile.ZipFile(path) as archive:
                return {"format.npy", "skeleton.npy", "keypoints.npy"} <= set(archive.namelist())
        except (OSError, zipfile.BadZipFile):
            return False

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read what `PoseSequence.load` reads.

        Raises
        ------
        PoseError : as `load`; 2D that is shares of a picture whose size nobody knows.
        """
        poses = PoseSequence.load(path)
        notices: tuple[str, ...] = ()
        if poses.dims == 2 and all_within_picture(poses.keypoints):
            keypoints, notices = to_pixels(poses.keypoints, pose_input.size_px, path)
            poses = poses.with_keypoints(keypoints)
        return PosesRead((replace(poses, fps=pose_input.fps or poses.fps),), notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write the one person; raises OutputError for several, and what `PoseSequence.save` raises."""
        require_single_person(people, path).save(path)
