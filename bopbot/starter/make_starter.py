"""Train the model beside this file on salsa that the mannequin dances and MediaPipe extracts, from many views.

    python -m bopbot.starter.make_starter path/to/data FOLDER

`FOLDER` receives the extracted poses; a second run reuses them. The motion is that of
subjects 60 and 61 of the CMU motion capture database; see README, "Licences and acknowledgements".
"""

import sys
from dataclasses import replace
from pathlib import Path

from bopbot.codec_presets import DEFAULT_PRESET
from bopbot.dance_model import STARTER, DanceModel
from bopbot.language_models import CHOICES
from bopbot.starter.synthetic_videos import Shot, render_and_extract_all
from bopbot.training.corpus import CorpusOptions
from bopbot.training.resumable_run import train_model
from bopbot.training.training import TrainingPlan, bits_a_frame
from models.presets import PRESETS
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import PoseError

TAKES = "6[01]_*.bvh"
"""File names of the salsa takes, lead and follow of a couple."""
HELD_OUT = "6[01]_1[24]_*"
"""Two performances of either dancer, on which the starter is measured and not trained."""
YAWS_DEG = range(0, 360, 45)
"""Camera directions of each take; training adds mirror images."""


def main(data: Path, folder: Path) -> None:
    """Render the takes, extract their poses, train the starter and save it in half precision."""
    takes = sorted((data / "mocap").glob(TAKES))
    if not takes:
        raise PoseError(f"there is no file {TAKES} in {data / 'mocap'}; give the folder that holds mocap/")
    poses = render_and_extract_all(
        [Shot(take, yaw_deg) for take in takes for yaw_deg in YAWS_DEG], folder, _print_progress
    )
    preset = PRESETS["starter"]
    options = CorpusOptions(
        kind=DEFAULT_PRESET,
        n_words=None,
        max_words=preset.max_words,
        vocabulary=None,
        held_out=HELD_OUT,
        augment=True,
        seed=0,
        cleaning=Cleaning(),
    )
    full_precision = folder.with_name(f"{folder.name}.model")
    learned, corpus = train_model(
        poses, full_precision, options, TrainingPlan(CHOICES["all"], preset, preset.training), print, _print_progress
    )
    if learned is None:
        return
    model = DanceModel.load(full_precision)
    for language_model in model.language_models.values():
        language_model.half()
        language_model.float()  # the scores are those of the rounded weights
    rounded = replace(learned, model=model, bits=bits_a_frame(model.language_models, corpus))
    for name, bits in rounded.bits.items():
        print(f"{name:<10} held-out perplexity {2**bits:.2f} a frame")
    for language_model in model.language_models.values():
        language_model.half()
    rounded.save(STARTER, corpus)


def _print_progress(stage: str, done: int, total: int) -> None:
    if done == total or done % 100 == 0:
        print(f"{stage}: {done} of {total}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
