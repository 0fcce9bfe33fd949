"""Arguments and options that several commands share."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer


def _width_by_height(size: str | None) -> str | None:
    if size is not None and not re.fullmatch(r"[1-9]\d{0,5}x[1-9]\d{0,5}", size):
        raise typer.BadParameter(f"expected width and height in pixels like 1280x720, got {size!r}")
    return size


def _one_of(what: str, names: Callable[[], Iterable[str]]) -> Callable[[str | None], str | None]:
    """A callback that lets only those names pass; the table is read when it is needed."""

    def check(name: str | None) -> str | None:
        if name is not None and name not in (known := list(names())):
            raise typer.BadParameter(f"there is no {what} {name!r}; there are {', '.join(known)}")
        return name

    return check


def _a_formation(text: str | None) -> str | None:
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
        ".htm. Poses: .npz, .bvh, .pose, .csv, or .openpose for a folder of OpenPose JSON.",
    ),
]
Seconds = Annotated[float, typer.Option(min=1.0, max=3600.0, help="Length of the new dance.")]
Begin = Annotated[float, typer.Option(min=0.0, help="Where the part begins, in seconds from the first frame.")]
Part = Annotated[
    float | None, typer.Option("--seconds", min=0.01, help="Length of the part; by default up to the end.")
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same result.")]
Energy = Annotated[float, typer.Option(min=0.0, max=2.0, help="From 0, calm, over 1, as learned, to 2, lively.")]
Temperature = Annotated[float, typer.Option(min=0.0, help="Less is tamer, more is wilder.")]
TopK = Annotated[
    int | None,
    typer.Option(min=0, help="Choose among so many likeliest words; 0: among all. By default what suits the model."),
]
TopP = Annotated[
    float | None,
    typer.Option(
        min=0.01, max=1.0, help="Choose among the likeliest words up to this probability; by default what suits."
    ),
]
LanguageModels = Annotated[
    str,
    typer.Option(
        "--lm",
        help="gpt2, lstm or mixture, both (gpt2 and lstm), or all.",
        callback=_one_of("language model", _choices),
    ),
]
Dancers = Annotated[
    str,
    typer.Option("--lm", help="gpt2, lstm, or both side by side.", callback=_one_of("language model", _dancers)),
]
LanguageModel = Annotated[
    str, typer.Option("--lm", help="gpt2, lstm or mixture.", callback=_one_of("language model", _language_models))
]
Size = Annotated[
    str,
    typer.Option(
        "--preset",
        help="starter: small, for minutes on a laptop; seed: GPT-2 small, for a GPU.",
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
        "--formation", help="Make one dancer many: line:5, wedge:3, circle:6 or block:9.", callback=_a_formation
    ),
]
Theme = Annotated[
    str | None,
    typer.Option(
        help="The colours of the stage: light, dark, studio or transparent; by default what suits the style.",
        callback=_one_of("theme", _themes),
    ),
]
LiveTarget = Annotated[
    str | None, typer.Option("--live", help="Play in real time: window, json (lines on stdout) or osc:HOST:PORT.")
]
Layout = Annotated[
    str, typer.Option(help="dance, or side-by-side with the video.", callback=_one_of("layout", _layouts))
]
Kind = Annotated[
    str | None,
    typer.Option(
        help="limbs (the default), five words a tenth of a second; picture, a word a frame; body, in 3D; seed.",
        callback=_one_of("kind", _kinds),
    ),
]
MinConfidence = Annotated[float, typer.Option(min=0, max=1, help="A joint less sure than this is missing; 0: none is.")]
MaxGap = Annotated[float, typer.Option(min=0, help="Longest gap, in seconds, that is bridged; 0: none is.")]
Smoothing = Annotated[float, typer.Option(min=0, help="Cut-off frequency of the smoothing, in Hz; 0: none.")]
PoseModel = Annotated[Path | None, typer.Option(help="Another MediaPipe pose landmarker (.task).")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="The format of files of poses, which is otherwise found out.",
        callback=_one_of("format", _formats),
    ),
]
SourceFps = Annotated[
    float | None, typer.Option(min=1, max=1000, help="Frames a second of poses, whatever their files say.")
]
Skeleton = Annotated[
    str | None,
    typer.Option(help="The joints of arrays that do not name theirs.", callback=_one_of("skeleton", _skeletons)),
]
SourceSize = Annotated[
    str | None,
    typer.Option(help="The filmed picture, like 1280x720, for poses that are shares of it.", callback=_width_by_height),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
