"""BVH files as different programs write them: each variant of one file gives the same motion."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rigid_dancer import dancing_m

from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh import bvh_text, hierarchy, motion_table
from pose_vocab.formats.bvh.bvh_reader import parse_bvh
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.parsed import Parsed

Change = Callable[[str], str]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file as BopBot writes it."""
    path = tmp_path_factory.mktemp("bvh") / "a.bvh"
    save_bvh(dancing_m()[:12], path)
    return path.read_text()


def parse(folder: Path, content: str | bytes) -> Parsed:
    path = folder / "a.bvh"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return parse_bvh(path)


def decimal_commas(text: str) -> str:
    return re.sub(r"(\d)\.(\d)", r"\1,\2", text)


def motion_between_commas(text: str) -> str:
    head, motion = text.split("MOTION")
    lines = motion.split("\n")
    return head + "MOTION" + "\n".join([*lines[:3], *(line.replace(" ", ", ") for line in lines[3:])])


def broken_lines(text: str) -> str:
    head, motion = text.split("MOTION")
    lines = motion.split("\n")
    return head + "MOTION" + "\n".join([*lines[:3], *(line.replace(" ", "\n", 40) for line in lines[3:])])


def scaled_bones(text: str) -> str:
    head, motion = text.split("MOTION")
    head = re.sub(r"CHANNELS 6 ([^\n]*)", r"CHANNELS 9 \1 Xscale Yscale Zscale", head)
    lines = motion.split("\n")
    rows = [" ".join([*line.split()[:6], "1 1 1", *line.split()[6:]]) for line in lines[3:] if line]
    return head + "MOTION" + "\n".join([*lines[:3], *rows])


def six_channels(text: str, kind: str) -> str:
    """Give every joint position channels, with its offset or with zeros."""
    head, motion = text.split("MOTION")
    lines, offsets, is_end = [], [], False
    for line in head.split("\n"):
        is_end = is_end or line.strip() == "End Site"
        if line.strip().startswith("OFFSET"):
            if not is_end:
                offsets.append(line.split()[1:])
                line = "OFFSET 0 0 0" if kind == "positions without offsets" else line
            is_end = False
        lines.append(line.replace("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition"))
    rows = motion.split("\n")
    frames = []
    for row in rows[3:]:
        values = row.split()
        frame = values[:6]
        for number, offset in enumerate(offsets[1:] if values else ()):
            frame += [*(["0"] * 3 if kind == "shifts" else offset), *values[6 + 3 * number : 9 + 3 * number]]
        frames.append(" ".join(frame))
    return "\n".join(lines) + "MOTION" + "\n".join([*rows[:3], *frames])


VARIANTS: dict[str, Change] = {
    "end site": lambda text: text.replace("End Site", "End site"),
    "END SITE": lambda text: text.replace("End Site", "END SITE"),
    "lower case keywords": lambda text: re.sub(
        "HIERARCHY|ROOT|JOINT|OFFSET|CHANNELS|MOTION", lambda found: found[0].lower(), text
    ),
    "channels with capitals": lambda text: text.replace("rotation", "Rotation").replace("position", "Position"),
    "channels in lower case": lambda text: re.sub(r"([XYZ])(rotation|position)", lambda found: found[0].lower(), text),
    "space before the colon": lambda text: text.replace("Frames:", "Frames :").replace("Frame Time:", "Frame  time :"),
    "no space behind the colon": lambda text: text.replace("Frames: ", "Frames:").replace("Frame Time: ", "FrameTime:"),
    "CR": lambda text: text.replace("\n", "\r"),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "empty lines": lambda text: text.replace("\n", "\n\n"),
    "tabs": lambda text: re.sub(" +", "\t", text),
    "braces on the same line": lambda text: re.sub(r"\n\s*\{", "{", text),
    "comments": lambda text: "# made by hand\n" + text.replace("MOTION", "// the motion\nMOTION # here"),
    "decimal commas": decimal_commas,
    "commas between numbers": motion_between_commas,
    "frames in several lines": broken_lines,
    "trailing spaces": lambda text: text.replace("\n", "  \n"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_reads_the_same(tmp_path: Path, text: str, variant: str) -> None:
    expected, changed = parse(tmp_path, text), parse(tmp_path, VARIANTS[variant](text))
    assert changed.skeleton == expected.skeleton
    assert np.array_equal(changed.points, expected.points)
    assert (changed.fps, changed.notices) == (expected.fps, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_any_encoding_reads_the_same(tmp_path: Path, text: str, encoding: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    renamed = text.replace("Head", "T\u00eate")
    changed = parse(tmp_path, marks.get(encoding, b"") + renamed.encode(encoding))
    assert "T\u00eate" in changed.skeleton.joint_names
    assert np.array_equal(changed.points[:, :-1], parse(tmp_path, renamed).points[:, :-1])


def test_names_may_have_spaces(tmp_path: Path, text: str) -> None:
    spaced = re.sub(r"(ROOT|JOINT) (\w+)", r"\1 Bip01 \2 bone", text)
    changed = parse(tmp_path, spaced)
    assert changed.skeleton.joint_names[:2] == ("Bip01 Hips bone", "Bip01 Spine bone")
    assert np.array_equal(changed.points[:, :-1], parse(tmp_path, text).points[:, :-1])


def test_a_repeated_name_is_numbered(tmp_path: Path, text: str) -> None:
    changed = parse(tmp_path, text.replace("JOINT Chest", "JOINT Spine"))
    assert changed.skeleton.joint_names[:3] == ("Hips", "Spine", "Spine_2")
    assert changed.notices == (f"{tmp_path / 'a.bvh'}: several joints are called 'Spine'; numbered from the second on",)


@pytest.mark.parametrize("stated", [11, 13, 500])
def test_another_number_of_frames_is_a_notice(tmp_path: Path, text: str, stated: int) -> None:
    changed = parse(tmp_path, text.replace("Frames: 12", f"Frames: {stated}"))
    assert np.array_equal(changed.points, parse(tmp_path, text).points)
    assert changed.notices == (f"{tmp_path / 'a.bvh'}: {stated} frames are stated, 12 are read",)


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path, text: str) -> None:
    changed = parse(tmp_path, text[:-200])
    assert np.array_equal(changed.points, parse(tmp_path, text).points[:11])
    [notice] = changed.notices
    assert notice.endswith("the last line is cut short, so that frame is left out")


@pytest.mark.parametrize("kind", ["positions", "positions without offsets", "shifts"])
def test_joints_with_six_channels_state_positions_or_shifts(tmp_path: Path, text: str, kind: str) -> None:
    changed = parse(tmp_path, six_channels(text, kind))
    assert changed.points[:, :-1] == pytest.approx(parse(tmp_path, text).points[:, :-1], abs=1e-3)
    added = any(notice.endswith("position channels of joints are added to their offsets") for notice in changed.notices)
    assert added == (kind == "shifts")


def test_scales_are_ignored_with_a_notice(tmp_path: Path, text: str) -> None:
    changed = parse(tmp_path, scaled_bones(text))
    assert np.array_equal(changed.points, parse(tmp_path, text).points)
    assert changed.notices[0].endswith("scales its bones; that is ignored")


def test_the_first_rig_with_limbs_is_read(tmp_path: Path, text: str) -> None:
    head, motion = text.split("MOTION")
    prop = "ROOT Ball\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n}\n"
    lines = motion.split("\n")
    rows = ["1 2 3 " + line for line in lines[3:] if line]
    changed = parse(tmp_path, head.replace("ROOT", prop + "ROOT") + "MOTION" + "\n".join([*lines[:3], *rows]))
    assert np.array_equal(changed.points, parse(tmp_path, text).points)
    assert changed.notices[0].endswith("contains 2 rigs; only the one of 'Hips' is read")


def test_bounds_are_checked_before_memory_is_taken(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_table, "MAX_JOINT_FRAMES", 100)
    with pytest.raises(PoseError, match="12 frames of 26 joints, more than 100 together"):
        parse(tmp_path, text)
    monkeypatch.setattr(hierarchy, "MAX_JOINTS", 5)
    with pytest.raises(PoseError, match=r"line .* more than 5 joints"):
        parse(tmp_path, text)
    monkeypatch.setattr(bvh_text, "MAX_BYTES", 2**20)
    with pytest.raises(PoseError, match="larger than 1 MiB"):
        parse(tmp_path, text + " " * 2**20)


@pytest.mark.parametrize(
    ("stated", "fps", "meaning"), [("30", 30, "frames per second"), ("33.333333", 30, "milliseconds")]
)
def test_a_frame_time_of_many_seconds_is_a_rate_or_in_milliseconds(
    tmp_path: Path, text: str, stated: str, fps: float, meaning: str
) -> None:
    changed = parse(tmp_path, re.sub("Frame Time: .*", f"Frame Time: {stated}", text))
    assert changed.fps == pytest.approx(fps)
    assert f"which is read as {meaning}" in changed.notices[0]
