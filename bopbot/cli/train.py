"""``bopbot train``: train a model on a collection of dances."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bopbot.cli.console import complain, say, showing_progress, stderr
from bopbot.cli.option_groups import CleaningOptions, PoseFileOptions, PoseModelOptions, takes_option_groups
from bopbot.cli.options import Kind, LanguageModels, Quiet, Seed, Size

if TYPE_CHECKING:
    from models.training_log import Check


@takes_option_groups
def train(
    source: Annotated[list[Path], typer.Argument(help="Pose files and videos, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for the model.")],
    vocab: Annotated[
        Path | None, typer.Option(help="The folder of a vocabulary; by default one is built from SOURCE.")
    ] = None,
    words: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=200_000,
            help="Size of the vocabulary, for all parts of the body together; by default chosen from the data.",
        ),
    ] = None,
    kind: Kind = None,
    lm: LanguageModels = "gpt2",
    preset: Size = "starter",
    init: Annotated[
        str | None,
        typer.Option(help="Start from the blocks of a pretrained GPT-2: a folder, or a name on the Hugging Face hub."),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Largest number of training steps.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Sequences in a batch, on each GPU if there are several.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-7, max=1.0, help="The peak learning rate.")] = None,
    held_out: Annotated[
        str, typer.Option(help="Files for validation only: a fraction of the files, or a pattern of file names.")
    ] = "0.1",
    no_augment: Annotated[
        bool, typer.Option("--no-augment", help="Do not train on mirrored, faster and slower copies.")
    ] = False,
    tensorboard: Annotated[Path | None, typer.Option(help="Write TensorBoard logs to this folder.")] = None,
    seed: Seed = 0,
    *,
    cleaning: CleaningOptions,
    pose_model: PoseModelOptions,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
) -> None:
    """Train a model on the dances in SOURCE. If interrupted, the same command continues."""
    from bopbot.codec_presets import DEFAULT_PRESET
    from bopbot.dance_model import MODEL_FILES
    from bopbot.language_models import CHOICES
    from bopbot.training.corpus import CorpusOptions
    from bopbot.training.resumable_run import train_model
    from bopbot.training.training import TrainingPlan
    from models.presets import find_preset
    from pose_vocab.files import check_folder_writable

    check_folder_writable(output, MODEL_FILES)
    if vocab is not None and (kind is not None or words is not None):
        raise typer.BadParameter(
            "a vocabulary has its own kind and number of words; leave --kind and --words out", param_hint="--vocab"
        )
    if init is not None and "gpt2" not in CHOICES[lm]:
        raise typer.BadParameter(f"only gpt2 can start from a pretrained model, and --lm is {lm}", param_hint="--init")
    size = find_preset(preset)
    training = replace(
        size.training,
        steps=steps or size.training.steps,
        batch_size=batch_size or size.training.batch_size,
        seed=seed,
    )
    recipe = CorpusOptions(
        kind=kind or DEFAULT_PRESET,
        n_words=words,
        max_words=size.max_words,
        vocabulary=vocab,
        held_out=held_out,
        augment=not no_augment,
        seed=seed,
        cleaning=cleaning.cleaning(),
        pose_input=pose_files.pose_input(pose_model.pose_model),
    )

    def watch(name: str, check: "Check") -> None:
        if stderr.is_terminal and not quiet:
            stderr.print(
                f"{name:<8} step {check.step:>6}  loss {check.train_loss:.3f}  "
                f"perplexity{' held out' if check.held_out_loss else ''} {check.perplexity:.1f}  "
                f"{check.words_per_second:,.0f} words/s"
            )

    with showing_progress(quiet) as progress:
        lesson = TrainingPlan(CHOICES[lm], size, training, learning_rate, init, tensorboard)
        learned, corpus = train_model(source, output, recipe, lesson, complain, progress, watch)
    if quiet or learned is None:
        return
    say(f"{output}: {corpus.codec.lexicon.n_words} words, learned from {corpus.frames} frames")
    for name, report in learned.reports.items():
        say(f"{name}: kept after {report.kept_step} of {report.steps} steps, {report.seconds:.0f} s")
    if learned.bits:
        say(f"{sum(ids.size for ids in corpus.held_out)} words held out:  perplexity a frame  bits a frame")
        for name, bits in learned.bits.items():
            say(f"  {name:<20} {2**bits:>20.1f}  {bits:>12.2f}")
    else:
        say("no files were held out, so there are no validation scores")
