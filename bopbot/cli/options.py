"""Types of the options that several commands share, with their help texts and checks."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer


def _width_by_height(size: str | None) -> str | None:
    if size is not None and not re.fullmatch(r"[1-9]\d{0,5}x[1-9]\d{0,5}", size):
        raise typer.BadParameter(f"expected width and height in pixels, for example 1280x720, got {size!r}")
    return size


def _one_of(what: str, names: Callable[[], Iterable[str]]) -> Callable[[str | None], str | None]:
    """Return a callback that accepts only these names; the table is imported when it is needed."""

    def check(name: str | None) -> str | None:
        if name is not None and name not in (known := list(names())):
            raise typer.BadParameter(f"there is no {what} {name!r}; there are {', '.join(known)}")
        return name

    return check


def _pose_model(name: Path | None) -> Path | None:
    """Return the file of a pose model; heavy names the user's file of the larger one."""
    if str(name) != "heavy":
        return name
    from pose_vocab.errors import ModelError
    from pose_vocab.extraction.bundle import find_pose_model

    try:
        return find_pose_model("heavy")
    except ModelError as error:
        raise typer.BadParameter(str(error)) from error


def _formation(text: str | None) -> str | None:
    from pose_vocab.errors import OutputError
    from render.stage.formation import Formation

    try:
        Formation.parse(text)
    except OutputError as error:
        raise typer.BadParameter(str(error)) from error
    return text


def _styles() -> Iterable[str]:
    from render.styles import STYLES

    return STYLES


def _themes() -> Iterable[str]:
    from render.theme import THEMES

    return THEMES


def _layouts() -> Iterable[str]:
    from bopbot.drawing.layouts import LAYOUTS

    return LAYOUTS


def _kinds() -> Iterable[str]:
    from bopbot.codec_presets import CODEC_PRESETS

    return CODEC_PRESETS


def _choices() -> Iterable[str]:
    from bopbot.language_models import CHOICES

    return CHOICES


def _dancers() -> Iterable[str]:
    from bopbot.language_models import DANCERS

    return DANCERS


def _language_models() -> Iterable[str]:
    from bopbot.language_models import LANGUAGE_MODELS

    return LANGUAGE_MODELS


def _formats() -> Iterable[str]:
    from pose_vocab.formats import FORMATS

    return FORMATS


def _axes() -> Iterable[str]:
    from pose_vocab.formats.body_axes import TO_Y_UP

    return TO_Y_UP


def _skeletons() -> Iterable[str]:
    from pose_vocab.skeletons import SKELETONS

    return SKELETONS


def _sizes() -> Iterable[str]:
    from models.presets import PRESETS

    return PRESETS


DanceOutput = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        help="The file to write; its suffix is its kind. A video: .mp4, .m4v, .mov, .webm. An animation: .gif, .webp. "
        "A folder of PNG frames: a name without a suffix. A contact sheet: .svg. A page that plays the dance: .html, "
        ".htm. A character for 3D programs: .glb, .bvh, .usda, .usdc, .usdz. Markers: .c3d, .trc. Poses: .npz, .pose, "
        ".csv, .parquet, .nc, or .openpose for a folder of OpenPose JSON.",
    ),
]
Seconds = Annotated[float, typer.Option(min=1.0, max=3600.0, help="Length of the new dance in seconds.")]
Begin = Annotated[float, typer.Option(min=0.0, help="Start of the part to use, in seconds.")]
Part = Annotated[
    float | None,
    typer.Option("--seconds", min=0.01, help="Length of the part to use, in seconds; by default up to the end."),
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Seed of the random numbers; the same seed gives the same result.")
]
Energy = Annotated[float, typer.Option(min=0.0, max=2.0, help="Amount of motion: 0 calm, 1 as learned, 2 lively.")]
Temperature = Annotated[
    float, typer.Option(min=0.0, help="Sampling temperature; lower values give more predictable dances.")
]
TopK = Annotated[
    int | None,
    typer.Option(min=0, help="Sample from this many most probable words; 0 for all. By default chosen for the model."),
]
TopP = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        max=1.0,
        help="Sample from the most probable words up to this total probability; by default chosen for the model.",
    ),
]
LanguageModels = Annotated[
    str,
    typer.Option(
        "--lm",
        help="The language model: gpt2, lstm or mixture, both (gpt2 and lstm), or all.",
        callback=_one_of("language model", _choices),
    ),
]
Dancers = Annotated[
    str,
    typer.Option(
        "--lm",
        help="The language model: gpt2, lstm, or both side by side.",
        callback=_one_of("language model", _dancers),
    ),
]
LanguageModel = Annotated[
    str,
    typer.Option(
        "--lm", help="The language model: gpt2, lstm or mixture.", callback=_one_of("language model", _language_models)
    ),
]
Size = Annotated[
    str,
    typer.Option(
        "--preset",
        help="Size of the model. starter: trains in minutes on a laptop; seed: GPT-2 small, for a GPU.",
        callback=_one_of("preset", _sizes),
    ),
]
Style = Annotated[
    str,
    typer.Option(
        help="How the dancer is drawn: stick, openpose, bopbot, mannequin, silhouette, neon or overlay.",
        callback=_one_of("style", _styles),
    ),
]
FormationName = Annotated[
    str | None,
    typer.Option(
        "--formation",
        help="Draw several copies of each dancer, for example line:5, wedge:3, circle:6 or block:9.",
        callback=_formation,
    ),
]
Theme = Annotated[
    str | None,
    typer.Option(
        help="Colours of the stage: light, dark, studio or transparent; by default chosen for the style.",
        callback=_one_of("theme", _themes),
    ),
]
LiveTarget = Annotated[
    str | None,
    typer.Option(
        "--live",
        help="Play in real time to a target: window, json (lines on stdout), osc:HOST:PORT, osc-flat:HOST:PORT or "
        "vmc:HOST:PORT.",
    ),
]
Layout = Annotated[
    str,
    typer.Option(
        help="What the picture shows: dance, or side-by-side with the source.", callback=_one_of("layout", _layouts)
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(
        help="The kind of words: limbs (default), five words a tenth of a second; picture, one word a frame; body, in "
        "3D; seed.",
        callback=_one_of("kind", _kinds),
    ),
]
MinConfidence = Annotated[
    float, typer.Option(min=0, max=1, help="Joints with a lower confidence are treated as missing; 0 to keep all.")
]
MaxGap = Annotated[float, typer.Option(min=0, help="Longest gap, in seconds, that is interpolated; 0 for none.")]
Smoothing = Annotated[float, typer.Option(min=0, help="Cut-off frequency of the low-pass filter, in Hz; 0 for none.")]
PoseModel = Annotated[
    Path | None,
    typer.Option(
        "--pose-model",
        "--pose",
        help="For videos: another MediaPipe pose landmarker bundle (.task), or heavy for the larger one, which you "
        "download.",
        callback=_pose_model,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="Format of the pose files; by default detected.",
        callback=_one_of("format", _formats),
    ),
]
SourceFps = Annotated[
    float | None, typer.Option(min=1, max=1000, help="Frames a second of the pose files, instead of what they state.")
]
Skeleton = Annotated[
    str | None,
    typer.Option(help="Skeleton of arrays that do not name their joints.", callback=_one_of("skeleton", _skeletons)),
]
SourceSize = Annotated[
    str | None,
    typer.Option(
        help="Width and height of the filmed picture, for example 1280x720, for coordinates from 0 to 1.",
        callback=_width_by_height,
    ),
]
UpAxis = Annotated[
    str | None,
    typer.Option(
        "--up",
        help="The axis of the pose files that points up: y, z, -y, ...; by default the dancers tell it.",
        callback=_one_of("axis", _axes),
    ),
]
JointMap = Annotated[
    Path | None,
    typer.Option("--joints", help="A JSON file that names the dancer's joints in an unknown rig or marker set."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
