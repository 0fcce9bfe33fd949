from pathlib import Path
from xml.etree import ElementTree

import pytest
from builders import random_walk_px, standing_px

from pose_vocab.errors import OutputError
from render.contact_sheet import CELLS, write_contact_sheet
from render.renderer import DanceRenderer
from render.scenery import Scenery

SVG = "{http://www.w3.org/2000/svg}"


def sheet(path: Path, style: str = "stick", frames: int = 47, **wishes: str | bool) -> ElementTree.Element:
    renderer = DanceRenderer(style, 200, 300, scenery=Scenery(**wishes))  # type: ignore[arg-type]
    write_contact_sheet([random_walk_px(60, seed=3)[:frames]], path, renderer)
    return ElementTree.parse(path).getroot()


def test_it_shows_moments_at_even_distances(tmp_path: Path) -> None:
    root = sheet(tmp_path / "a.svg")
    assert len(root.findall(f"{SVG}svg")) == CELLS
    times = [text.text for text in root.findall(f"{SVG}text")]
    # 47 frames at 20 a second: every second frame.
    assert times == [f"{0.1 * k:.2f} s" for k in range(CELLS)]
    for cell in root.findall(f"{SVG}svg"):
        assert cell.attrib["viewBox"] == "0 0 200 300"
        assert len(cell.findall(f"{SVG}path")) > 20


def test_a_short_dance_is_shown_whole(tmp_path: Path) -> None:
    assert len(sheet(tmp_path / "a.svg", frames=3).findall(f"{SVG}svg")) == 3
    assert len(sheet(tmp_path / "a.svg", frames=1).findall(f"{SVG}svg")) == 1


def test_a_title_is_text_whatever_stands_in_it(tmp_path: Path) -> None:
    title = "<script>alert(1)</script> & co."
    root = sheet(tmp_path / "a.svg", title=title)
    assert root.find(f"{SVG}text").text == title  # type: ignore[union-attr]
    assert root.find(f".//{SVG}script") is None


def test_a_solid_figure_is_a_picture_in_it(tmp_path: Path) -> None:
    root = sheet(tmp_path / "a.svg", "mannequin", frames=2)
    for cell in root.findall(f"{SVG}svg"):
        assert cell.find(f"{SVG}image").attrib["href"].startswith("data:image/png;base64,")  # type: ignore[union-attr]


def test_the_same_dance_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        sheet(tmp_path / name, grid=True)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_transparent_sheet_has_no_stage(tmp_path: Path) -> None:
    assert sheet(tmp_path / "a.svg", theme="transparent").findall(f".//{SVG}rect") == []


def test_bad_wishes_are_answered(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"is a \.svg file, not '\.png'"):
        sheet(tmp_path / "a.png")
    with pytest.raises(OutputError, match="no poses to draw"):
        write_contact_sheet([standing_px()[:0]], tmp_path / "a.svg", DanceRenderer())
