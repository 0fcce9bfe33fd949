"""``bopbot train``: a model from anybody's dances."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import complain, say, showing_progress
from bopbot.cli.options import Kind, MaxGap, MinConfidence, Quiet, Seed, Smoothing, cleaning


def train(
    source: Annotated[list[Path], typer.Argument(help="Pose files and videos, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model's folder.")],
    vocab: Annotated[
        Path | None, typer.Option(help="A vocabulary to use; without one, it is made from SOURCE.")
    ] = None,
    words: Annotated[
        int | None,
        typer.Option(
            min=2, max=200_000, help="How many words to make; by default a third of the frames, 2,000 at most."
        ),
    ] = None,
    kind: Kind = None,
    steps: Annotated[int, typer.Option(min=1, help="How many batches to learn.")] = 800,
    seed: Seed = 0,
    min_confidence: MinConfidence = 0.5,
    max_gap: MaxGap = 0.5,
    smoothing: Smoothing = 6.0,
    quiet: Quiet = False,
) -> None:
    """Learn words and moves from the dances in SOURCE."""
    from bopbot.codecs import build_codec, load_codec
    from bopbot.dance_model import MODEL_FILES
    from bopbot.learning import learn
    from bopbot.presets import DEFAULT_PRESET, find_preset
    from bopbot.sources import clips_in
    from models.presets import SMALL
    from pose_vocab.files import check_folder_writable

    check_folder_writable(output, MODEL_FILES)
    if vocab is not None and (kind is not None or words is not None):
        raise typer.BadParameter("the vocabulary says this itself; leave --kind and --words out", param_hint="--vocab")
    with showing_progress(quiet) as progress:
        codec = None if vocab is None else load_codec(vocab)
        preset_name = (kind or DEFAULT_PRESET) if codec is None else codec.preset
        clips = clips_in(
            source, find_preset(preset_name), cleaning(min_confidence, max_gap, smoothing), complain, progress
        )
        clips += [clip.mirrored() for clip in clips]
        codec = codec or build_codec(clips, preset_name, words, seed)
        model = learn(codec, clips, SMALL.size, replace(SMALL.training, steps=steps, seed=seed), progress)
    model.save(output)
    if not quiet:
        frames = sum(len(clip) for clip in clips)
        say(f"{output}: {len(codec.vocabulary.words)} words, learned from {frames} frames (mirrored ones included)")
