"""BopBot's own pose file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pose_vocab.formats.interface import PoseInput, PosesRead
from pose_vocab.formats.single_person import require_single_person
from pose_vocab.formats.units import all_within_picture, choose_fps, to_pixels
from pose_vocab.sequence import PoseSequence


class BopBotNpz:
    """Reads and writes one person on any skeleton, in 2D or 3D: the file of `PoseSequence.save`."""

    name = "bopbot"
    title = "BopBot's own pose file"
    suffixes = (".npz",)
    several_people = False

    def recognizes(self, path: Path) -> bool:
        """Return whether it is an archive with a format, a skeleton and keypoints."""
        try:
            with zipfile.ZipFile(path) as archive:
                return {"format.npy", "skeleton.npy", "keypoints.npy"} <= set(archive.namelist())
        except (OSError, zipfile.BadZipFile):
            return False

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read the person.

        Raises
        ------
        PoseError : as `PoseSequence.load`; normalized coordinates of a picture of unknown size.
        """
        poses = PoseSequence.load(path)
        fps, notices = choose_fps(pose_input, poses.fps, path)
        if poses.dims == 2 and all_within_picture(poses.keypoints):
            keypoints, pixel_notices = to_pixels(poses.keypoints, pose_input.size_px, path)
            poses, notices = poses.with_keypoints(keypoints), notices + pixel_notices
        return PosesRead((replace(poses, fps=fps),), notices)

    def write(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Write the person; raise OutputError for several people, and as `PoseSequence.save`."""
        require_single_person(people, path).save(path)
