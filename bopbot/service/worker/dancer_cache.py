"""The dancer of a job as its folder stores it, cached in memory for further takes."""

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
CACHED_DANCERS = 4
"""Dancers that stay in memory, so that another take of them does not read the files again."""


@dataclass(frozen=True)
class DancerInfo:
    """Facts about an upload.

    Parameters
    ----------
    frames : number of frames that were analysed.
    notices : remarks for the user, one line each.
    media_type : of the video, and `width`, `height` in pixels, and `duration_s` in seconds.
    dancer_share : share of the frames in which the dancer is seen well enough for words.
    """

    frames: int
    notices: tuple[str, ...]
    media_type: str
    width: int
    height: int
    duration_s: float
    dancer_share: float

    def save(self, folder: Path) -> None:
        """Write the facts to a folder, after all its other files."""
        with durable_write(folder / ABOUT) as beside:
            beside.write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n")

    @classmethod
    def is_complete(cls, folder: Path) -> bool:
        """Return whether the folder holds a prepared dancer in the format of this version."""
        return (folder / ABOUT).exists() and json.loads((folder / ABOUT).read_bytes())["format"] == FORMAT

    @classmethod
    def load(cls, folder: Path) -> DancerInfo:
        """Read the facts from a folder."""
        fields = json.loads((folder / ABOUT).read_bytes())
        del fields["format"]
        return cls(**{**fields, "notices": tuple(fields["notices"])})


@dataclass(frozen=True, eq=False)
class CachedDancer:
    """A dancer: the poses that were seen, the adapted model, and the dances that a new one must not copy."""

    folder: Path
    about: DancerInfo
    seen: SourceDance
    clips: Sequence[Clip]
    model: DanceModel
    known: Sequence[KnownDance]

    @classmethod
    def load(cls, folder: Path, known: Sequence[KnownDance] | None = None) -> CachedDancer:
        """Read the folder of a job; pass `known` where it was computed before."""
        about, model = DancerInfo.load(folder), DanceModel.load(folder / MODEL)
        poses, drawn = PoseSequence.load(folder / POSES), PoseSequence.load(folder / SEEN)
        seen = SourceDance(poses, drawn, folder / UPLOAD, about.frames, about.notices)
        clips = clips_of(poses, find_codec_preset(model.codec.preset), Cleaning())
        return cls(folder, about, seen, clips, model, known_dances(model, clips) if known is None else known)


_cache: dict[str, CachedDancer] = {}


def load_dancer(folder: Path, known: Sequence[KnownDance] | None = None) -> CachedDancer:
    """Return the dancer of a job, from memory where it was used lately; dancers of deleted jobs are dropped.

    Raises
    ------
    ModelError : the folder holds no prepared dancer.
    """
    if not DancerInfo.is_complete(folder):
        raise ModelError("the moves of this dancer are not learned yet; wait until the first take is done")
    identity = identity_of(folder / ABOUT)
    found = _cache.pop(identity, None) or CachedDancer.load(folder, known)
    for old in [key for key, one in _cache.items() if not one.folder.exists()]:
        del _cache[old]
    while len(_cache) >= CACHED_DANCERS:
        del _cache[next(iter(_cache))]
    _cache[identity] = found
    return found
