"""Makes the model beside this file: salsa, as MediaPipe sees the mannequin dance it, from many sides.

    python -m bopbot.starter.make_starter path/to/data FILMS

`FILMS` is a folder for what MediaPipe saw; made again, the model needs no filming. The motion is that of
subjects 60 and 61 of the CMU motion capture database; see README, "Licences and acknowledgements".
"""

import sys
from dataclasses import replace
from pathlib import Path

from bopbot.codec_presets import DEFAULT_PRESET
from bopbot.dance_model import STARTER, DanceModel
from bopbot.language_models import CHOICES
from bopbot.starter.synthetic_videos import Shot, film_all
from bopbot.training.corpus import CorpusOptions
from bopbot.training.resumable_run import train_model
from bopbot.training.training import TrainingPlan, bits_a_frame
from models.presets import PRESETS
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import PoseError

TAKES = "6[01]_*.bvh"
"""The names of salsa takes, lead and follow of a couple."""
HELD_OUT = "6[01]_1[24]_*"
"""Two performances, seen by both bodies, that the starter is measured by and never learns from."""
YAWS_DEG = range(0, 360, 45)
"""Directions from which each take is filmed; learning adds what a mirror shows."""


def main(data: Path, films: Path) -> None:
    takes = sorted((data / "mocap").glob(TAKES))
    if not takes:
        raise PoseError(f"there is no motion {TAKES} in {data / 'mocap'}")
    seen = film_all([Shot(take, yaw_deg) for take in takes for yaw_deg in YAWS_DEG], films, _tell)
    preset = PRESETS["starter"]
    recipe = CorpusOptions(
        kind=DEFAULT_PRESET,
        n_words=None,
        max_words=preset.max_words,
        vocabulary=None,
        held_out=HELD_OUT,
        augment=True,
        seed=0,
        cleaning=Cleaning(),
    )
    whole = films.with_name(f"{films.name}.model")
    learned, corpus = train_model(
        seen, whole, recipe, TrainingPlan(CHOICES["all"], preset, preset.training), print, _tell
    )
    if learned is None:
        return
    model = DanceModel.load(whole)
    for language_model in model.language_models.values():
        language_model.half()
        language_model.float()  # what is scored is what is left of the weights
    halved = replace(learned, model=model, bits=bits_a_frame(model.language_models, corpus))
    for name, bits in halved.bits.items():
        print(f"{name:<10} held-out perplexity {2**bits:.2f} a frame")
    for language_model in model.language_models.values():
        language_model.half()
    halved.save(STARTER, corpus)


def _tell(stage: str, done: int, total: int) -> None:
    if done == total or done % 100 == 0:
        print(f"{stage}: {done} of {total}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
