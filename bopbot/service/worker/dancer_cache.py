"""What a job's folder holds of its dancer, read once for several takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bopbot.choreography.composition import known_dances
from bopbot.choreography.copy_detection import KnownDance
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import DanceModel
from bopbot.inputs.clips import clips_of
from bopbot.inputs.discovery import identity_of
from bopbot.inputs.source_dance import SourceDance
from bopbot.service.store.durable_write import durable_write
from bopbot.service.store.file_names import ABOUT, MODEL, POSES, SEEN, UPLOAD
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError
from pose_vocab.normalization import Clip
from pose_vocab.sequence import PoseSequence

FORMAT = "bopbot-dancer 2"
"""The version of everything that is cached of a dancer, the model included; other versions are learned again."""
KEPT = 4
"""Dancers that stay in memory: another take of them need not read them again."""


@dataclass(frozen=True)
class DancerInfo:
    """What was found out about an upload.

    Parameters
    ----------
    frames : how many were looked at.
    notices : what a user should know of it, a line each.
    media_type : of the video, and `width`, `height` in pixels, and `duration_s` in seconds.
    dancer_share : share of the frames in which the dancer is seen well enough to be read.
    """

    frames: int
    notices: tuple[str, ...]
    media_type: str
    width: int
    height: int
    duration_s: float
    dancer_share: float

    def save(self, folder: Path) -> None:
        with durable_write(folder / ABOUT) as beside:
            beside.write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n")

    @classmethod
    def is_complete(cls, folder: Path) -> bool:
        """Whether everything is in the folder, as this version of BopBot writes it."""
        return (folder / ABOUT).exists() and json.loads((folder / ABOUT).read_bytes())["format"] == FORMAT

    @classmethod
    def load(cls, folder: Path) -> DancerInfo:
        said = json.loads((folder / ABOUT).read_bytes())
        del said["format"]
        return cls(**{**said, "notices": tuple(said["notices"])})


@dataclass(frozen=True, eq=False)
class CachedDancer:
    """A dancer: what was seen, the model that learned from it, and what a new dance may be like."""

    folder: Path
    about: DancerInfo
    seen: SourceDance
    clips: Sequence[Clip]
    model: DanceModel
    known: Sequence[KnownDance]

    @classmethod
    def load(cls, folder: Path, known: Sequence[KnownDance] | None = None) -> CachedDancer:
        """Read the folder of a job; `known` where it is known already."""
        about, model = DancerInfo.load(folder), DanceModel.load(folder / MODEL)
        poses, drawn = PoseSequence.load(folder / POSES), PoseSequence.load(folder / SEEN)
        seen = SourceDance(poses, drawn, folder / UPLOAD, about.frames, about.notices)
        clips = clips_of(poses, find_codec_preset(model.codec.preset), Cleaning())
        return cls(folder, about, seen, clips, model, known_dances(model, clips) if known is None else known)


_kept: dict[str, CachedDancer] = {}


def load_dancer(folder: Path, known: Sequence[KnownDance] | None = None) -> CachedDancer:
    """What is in the folder of a job, from memory if it was there lately; deleted jobs are forgotten here.

    Raises
    ------
    ModelError : nothing was learned yet.
    """
    if not DancerInfo.is_complete(folder):
        raise ModelError("nothing is learned of this dancer yet; wait until the first dance is made")
    identity = identity_of(folder / ABOUT)
    found = _kept.pop(identity, None) or CachedDancer.load(folder, known)
    for old in [key for key, one in _kept.items() if not one.folder.exists()]:
        del _kept[old]
    while len(_kept) >= KEPT:
        del _kept[next(iter(_kept))]
    _kept[identity] = found
    return found
