"""``bopbot vocab``: build a vocabulary of poses, and show its words."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import complain, say, showing_progress
from bopbot.cli.option_groups import CleaningOptions, PoseFileOptions, PoseModelOptions, takes_option_groups
from bopbot.cli.options import Json, Kind, Quiet, Seed

app = typer.Typer(help="Build a vocabulary of poses, and show its words.", no_args_is_help=True)


@app.command()
@takes_option_groups
def build(
    source: Annotated[list[Path], typer.Argument(help="Pose files and videos, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for the vocabulary.")],
    words: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=200_000,
            help="Size of the vocabulary, for all parts of the body together; by default chosen from the data.",
        ),
    ] = None,
    kind: Kind = None,
    seed: Seed = 0,
    *,
    cleaning: CleaningOptions,
    pose_model: PoseModelOptions,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
) -> None:
    """Cluster the poses in SOURCE into words."""
    from bopbot.codec_presets import DEFAULT_PRESET, find_codec_preset
    from bopbot.codecs import build_codec, codec_files, save_codec
    from bopbot.inputs.clips import clips_in
    from pose_vocab.files import check_folder_writable

    kind = kind or DEFAULT_PRESET
    check_folder_writable(output, codec_files())
    with showing_progress(quiet) as progress:
        clips = clips_in(
            source,
            find_codec_preset(kind),
            cleaning.cleaning(),
            complain,
            progress,
            pose_input=pose_files.pose_input(pose_model.pose_model),
        )
        codec = build_codec(clips, kind, words, seed)
    save_codec(codec, output)
    if not quiet:
        made = codec.lexicon.n_words
        parts = len(codec.lexicon.parts)
        fewer = (
            f" ({words} requested, but there are no more distinct poses)"
            if words and made < words // parts * parts
            else ""
        )
        of_parts = f" of {parts} parts of the body" if parts > 1 else ""
        say(f"{output}: {made} words{of_parts}{fewer} from {sum(map(len, clips))} frames")


@app.command()
def show(
    vocabulary: Annotated[Path, typer.Argument(help="The folder of a vocabulary or of a model.")],
    word: Annotated[str | None, typer.Argument(help="One word; by default all words.")] = None,
    atlas: Annotated[Path | None, typer.Option(help="Draw the mean poses into this picture (.png) instead.")] = None,
    json: Json = False,
) -> None:
    """List the words of a VOCABULARY, show one WORD, or draw an atlas."""
    from bopbot.codecs import load_codec
    from pose_vocab.errors import VocabularyError

    codec = load_codec(vocabulary / "words" if (vocabulary / "words").is_dir() else vocabulary)
    found = codec.lexicon
    if word is not None and word not in found.words:
        raise VocabularyError(f"{word!r} is not a word of {vocabulary}; leave it out to list all words")
    ids = found.ids_of([word] if word else found.words)
    if atlas is not None:
        from bopbot.drawing.word_atlas import draw_atlas
        from render.image_file import write_png

        write_png(draw_atlas(codec, ids.tolist()), atlas)
        say(str(atlas))
        return
    table = found.table().iloc[ids]
    say(table.to_json(orient="records", indent=1) if json else table.to_string(index=False))
