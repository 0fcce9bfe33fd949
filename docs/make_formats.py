"""Make docs/formats.md from the table of formats.

    python docs/make_formats.py

A test compares the page with the table, so a format that is added must say what it reads, writes and guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pose_vocab.formats import FOLDER, FORMATS, WRITABLE
from pose_vocab.formats.body_axes import RARE_UNITS_PER_METRE, TO_Y_UP, UNITS_PER_METRE
from pose_vocab.formats.csv_columns import FRAME, PERSON, TIMES, VIDEO
from pose_vocab.formats.interface import FormatNotes
from pose_vocab.formats.json_files import ID_KEYS
from pose_vocab.formats.units import MAX_FPS
from pose_vocab.skeletons import SKELETONS

OPENED_BY = {
    ".glb": "Blender's importer and three.js' `GLTFLoader`; the Khronos validator finds nothing. With `--takes` "
    "it holds an animation a take. Pages with three.js set `frustumCulled = false` on its meshes, or a dancer who "
    "travels vanishes.",
    ".bvh": "three.js' `BVHLoader`, which adds the root's OFFSET: it is zero.",
    ".usda, .usdc, .usdz": "USD's own skinning and validation (`pip install 'bopbot[usd]'`).",
    ".c3d": "ezc3d.",
    ".trc, .csv": "pandas.",
    ".parquet": "pandas, a row a frame and joint (`pip install 'bopbot[parquet]'`).",
    ".nc": "xarray, as a dataset of movement (`pip install 'bopbot[movement]'`).",
}
"""Programs by which written files are opened in tests, or were opened by hand."""
PAGE = Path(__file__).parent / "formats.md"


def page() -> str:
    """Return the text of docs/formats.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Pose files"
    yield ""
    yield (
        "`render`, `convert`, `choreograph` and every other command that takes a dance reads these files. The "
        "format is "
        "detected; `--format NAME` states it. This page is made by `python docs/make_formats.py`."
    )
    yield ""
    yield "| Format | Files | Read | Written | Guessed, with a notice |"
    yield "| --- | --- | --- | --- | --- |"
    for name, row in (FORMATS | WRITABLE).items():
        yield f"| {row.title} (`{name}`) | {_files(name, row.suffixes)} | {_cells(row.notes)} |"
    yield ""
    yield "## Where written files open"
    yield ""
    for what, where in OPENED_BY.items():
        yield f"- `{what}`: {where}"
    yield ""
    yield "## What is interpreted in every format"
    yield ""
    yield (
        "All formats pass through the same steps (`pose_vocab/formats/normalize_read.py`). What is guessed is "
        "printed as "
        "a notice; what cannot be told is refused with the option that tells it."
    )
    yield ""
    for what, how in _steps():
        yield f"- **{what}.** {how}"
    yield ""
    yield "## Skeletons"
    yield ""
    yield "| `--skeleton` | Joints |"
    yield "| --- | --- |"
    for name, skeleton in SKELETONS.items():
        yield f"| `{name}` | {skeleton.n_joints} |"
    yield ""
    yield "## Rigs and markers that are not recognized"
    yield ""
    yield (
        "The message lists the joints of the file. A JSON file that names the dancer's joints among them is "
        "passed with "
        "`--joints map.json`; a list of names stands for the point in their middle:"
    )
    yield ""
    yield "```json"
    yield '{"left_hip": "Bone_17", "right_hip": "Bone_21", "neck": ["Bone_3", "Bone_4"]}'
    yield "```"
    yield ""
    yield f"The dancer's joints are {', '.join(f'`{joint}`' for joint in SKELETONS['dancer'].joint_names)}."


def _files(name: str, suffixes: tuple[str, ...]) -> str:
    """Return the suffixes, and the folder of the format that has one."""
    listed = ", ".join(f"`{suffix}`" for suffix in suffixes)
    return f"folder, {listed}" if name == FOLDER else listed


def _cells(notes: FormatNotes) -> str:
    """Return the three last cells of a row."""
    return " | ".join(
        text[:1].upper() + text[1:] if text else "-" for text in (notes.reads, notes.writes, notes.guesses)
    )


def _steps() -> Iterator[tuple[str, str]]:
    """Yield what is interpreted, and how."""
    yield (
        "Missing",
        "An empty cell, NaN, null, confidence 0, and a point whose coordinates are all 0 or all -1 are joints "
        "that were "
        "not seen.",
    )
    yield (
        "Time",
        f"Timestamps ({_names(TIMES)}; clock times and dates) are used as they are: gaps stay absences, a "
        "varying rate is "
        "resampled at its faster parts, and equal stamps of one dancer are spread evenly. Without them frame numbers "
        f"({_names(FRAME)}) count: a constant step is a lower frame rate, and a file that begins at frame 40 "
        "begins there. "
        f"A rate above {MAX_FPS:g} frames a second is named. `--source-fps` states the rate.",
    )
    yield (
        "Up",
        "The axis along which most bodies stand is turned to y, in a picture to y down. With "
        f"`--up` ({_names(TO_Y_UP)}) nothing is guessed. Left-handed axes are told by noses and toes.",
    )
    yield (
        "Unit",
        f"{', '.join(UNITS_PER_METRE)}, and if no dancer has that size {', '.join(RARE_UNITS_PER_METRE)}, "
        "follow from the "
        "length of the dancer from head to foot along the bones.",
    )
    yield (
        "Picture or space",
        "Coordinates from 0 to 1 are fractions of the picture and need `--source-size`. A third value is a "
        "coordinate if "
        "hips are at the origin or bodies do not stand as in a picture; otherwise it is dropped.",
    )
    yield (
        "Who",
        f"Ids ({_names(dict.fromkeys((*PERSON, *ID_KEYS)))}) are used unless one occurs twice in a frame or all "
        "differ; "
        f"otherwise people are tracked. A table of several videos ({_names(VIDEO)}) is refused.",
    )


def _names(names: Iterable[str]) -> str:
    """Return names in code style."""
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
