"""BopBot's own pose file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose_vocab.formats.format import PoseInput, PosesRead
from pose_vocab.formats.one_person import the_only
from pose_vocab.formats.units import in_pixels, lie_in_picture
from pose_vocab.sequence import PoseSequence


class OwnFile:
    """What `PoseSequence.save` writes: one person, on any skeleton, in 2D or 3D."""

    name = "bopbot"
    title = "BopBot's own pose file"
    suffixes = (".npz",)

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
        if poses.dims == 2 and lie_in_picture(poses.keypoints):
            keypoints, notices = in_pixels(poses.keypoints, pose_input.size_px, path)
            poses = poses.with_keypoints(keypoints)
        return PosesRead((replace(poses, fps=pose_input.fps or poses.fps),), notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write the one person; raises OutputError for several, and what `PoseSequence.save` raises."""
        the_only(people, path).save(path)
