from dataclasses import replace

import numpy as np
import pytest
from builders import moved, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pose_vocab.errors import OutputError
from pose_vocab.sequence import PoseSequence
from render.renderer import DanceRenderer
from render.scenery import BEAT_FLASH_S, EDGE, Captions, Scenery, beat_ticks, caption_at
from render.shapes import Image
from render.stage.formation import Formation
from render.text import ELLIPSIS, SMALLEST_PX, draw_text, fit_text, text_width
from render.theme import THEMES

SIZE = (360, 480)


def first_picture(scenery: Scenery, style: str = "stick") -> Image:
    return next(DanceRenderer(style, *SIZE, scenery=scenery).frames(standing_px(2)))


def changed_rows(scenery: Scenery, other: Scenery | None = None) -> tuple[int, int]:
    """The first and the last row in which the scenery shows beside another, the plain one by default."""
    rows = np.flatnonzero((first_picture(scenery) != first_picture(other or Scenery())).any(axis=(1, 2)))
    return int(rows[0]), int(rows[-1])


def test_a_title_stands_above_and_a_caption_below() -> None:
    top, bottom = changed_rows(Scenery(title="Salsa"), Scenery(title=" "))
    assert 5 < top < bottom < 60
    top, bottom = changed_rows(Scenery(captions=((0.0, "movak"),)), Scenery(captions=((0.0, " "),)))
    assert 400 < top < bottom < 470


def test_a_caption_stands_until_the_next() -> None:
    captions = ((0.5, "one"), (1.0, "two"), (2.0, ""))
    assert [caption_at(captions, at) for at in (0.0, 0.5, 0.99, 1.0, 1.99, 2.5)] == ["", "one", "one", "two", "two", ""]


def test_a_shadow_lies_below_the_dancer() -> None:
    shadowless = Scenery(shadow=False)
    top, bottom = changed_rows(Scenery(), shadowless)
    joints = DanceRenderer("stick", *SIZE).lay_out([standing_px(2)]).dancers[0]
    assert top < joints.ground[0, 1] < bottom
    assert bottom - top < 0.4 * joints.body[0]


def test_a_grid_lies_on_the_floor() -> None:
    stage = DanceRenderer("stick", *SIZE).lay_out([standing_px(2)])
    assert stage.back_row is not None
    top, bottom = changed_rows(Scenery(grid=True))
    assert top > stage.back_row - stage.body * 0.5
    assert bottom > 470


def test_a_grid_stays_on_the_floor_while_the_camera_follows() -> None:
    walk = moved(standing_px(120), np.column_stack([np.linspace(0, 1200, 120), np.zeros(120)]))
    pictures = list(DanceRenderer("stick", *SIZE, scenery=Scenery(grid=True, follow=True, shadow=False)).frames(walk))
    corner = slice(440, 480), slice(0, 120)
    assert (pictures[50][corner] != pictures[51][corner]).any()
    still = list(DanceRenderer("stick", *SIZE, scenery=Scenery(grid=True, shadow=False)).frames(walk))
    assert np.array_equal(still[50][corner], still[51][corner])


def test_a_beat_glows_in_the_middle_and_then_passes_to_the_left() -> None:
    before, on, after = (beat_ticks([1.0], at, 400, 240, (0, 0, 0)) for at in (0.5, 1.0, 1.5))
    ticks = [float(shapes[0, 1]) for shapes in (before, on, after)]
    # A second is a fifth of the width.
    assert ticks == pytest.approx([240, 200, 160])
    radii = [float(shapes[-1, 5]) for shapes in (before, on, after)]
    assert radii[1] > 2 * radii[0] == 2 * radii[2]
    assert len(beat_ticks([1.0], 5.0, 400, 240, (0, 0, 0))) == 1
    assert BEAT_FLASH_S < 0.25


def test_every_theme_has_its_colours() -> None:
    walls = {name: tuple(first_picture(Scenery(theme=name))[2, 2].tolist()) for name in THEMES}
    assert walls["transparent"] == (0, 0, 0, 0)
    assert len(set(walls.values())) == len(THEMES)
    for name in ("light", "dark", "studio"):
        wall = THEMES[name].wall
        assert wall is not None
        assert np.abs(np.array(walls[name]) - wall[0]).max() <= 1


@pytest.mark.parametrize("style", ["stick", "mannequin"])
def test_a_transparent_picture_over_a_colour_is_the_opaque_one(style: str) -> None:
    clear = first_picture(Scenery(theme="transparent", shadow=False), style).astype(float)
    alpha = clear[..., 3:] / 255
    assert set(np.unique(clear[..., 3])) >= {0.0, 255.0}
    white = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    renderer = DanceRenderer(style, *SIZE, scenery=Scenery(theme="transparent", shadow=False))
    stage = renderer.lay_out([standing_px(2)])
    next(iter(renderer.style_of(0).figures(stage.dancers[0]))).paint(white)
    assert np.abs(clear[..., :3] * alpha + 255 * (1 - alpha) - white).max() <= 2


def test_a_line_is_written_in_its_colour_and_cut_off_at_the_edge() -> None:
    picture = np.full((40, 200, 3), 255, np.uint8)
    draw_text(picture, "Ёлка, naïve", 4, 4, 24, (200, 0, 0))
    inked = (picture != 255).any(axis=2)
    assert inked.sum() > 300
    assert (picture[inked] == (200, 0, 0)).all(axis=1).mean() > 0.2
    assert np.flatnonzero(inked.any(axis=0))[-1] <= 4 + text_width("Ёлка, naïve", 24)
    large = np.full((840, 1400, 3), 255, np.uint8)
    draw_text(large, "Salsa", 600, 400, 24, (0, 0, 0))
    for left, top, seen in ((-500, 0, False), (190, 30, True), (-30, 4, True), (0, -30, False), (0, 400, False)):
        picture[:] = 255
        draw_text(picture, "Salsa", left, top, 24, (0, 0, 0))
        assert np.array_equal(picture, large[400 - top : 440 - top, 600 - left : 800 - left])
        assert (picture != 255).any() == seen


def test_nothing_written_changes_nothing() -> None:
    picture = np.full((40, 200, 3), 255, np.uint8)
    draw_text(picture, "", 4, 4, 24, (200, 0, 0))
    assert (picture == 255).all()


LONG = "The quick brown fox jumps over the lazy dog, again and again"


@pytest.mark.parametrize("size", [(360, 480), (120, 640), (90, 200), (640, 360)])
def test_what_is_written_keeps_its_distance_from_the_edges(size: tuple[int, int]) -> None:
    def picture(title: str, captions: Captions) -> NDArray[np.int16]:
        renderer = DanceRenderer("stick", *size, scenery=Scenery(title=title, captions=captions))
        return next(renderer.frames(standing_px(2))).astype(np.int16)

    written = (picture(LONG, ((0.0, LONG),)) != picture(" ", ((0.0, " "),))).any(axis=2)
    for half in (written[: size[1] // 2], written[size[1] // 2 :]):
        columns = np.flatnonzero(half.any(axis=0))
        assert EDGE * size[1] - 2 < columns[0] < columns[-1] < size[0] - EDGE * size[1] + 2


@given(st.text("aéЖ W", max_size=80), st.integers(1, 60), st.integers(20, 600))
@settings(max_examples=60, deadline=None)
def test_a_line_fits_in_smaller_letters_or_without_its_end(text: str, size_px: int, room_px: int) -> None:
    line, size = fit_text(text, size_px, room_px)
    whole = " ".join(text.split())
    assert text_width(line, size) <= room_px
    assert SMALLEST_PX <= size <= max(size_px, SMALLEST_PX)
    if line != whole:
        assert line.endswith(ELLIPSIS)
        assert whole.startswith(line.removesuffix(ELLIPSIS))
        assert size == SMALLEST_PX
        assert text_width(whole, size) > room_px


def test_a_line_break_is_a_space() -> None:
    assert fit_text("two\nlines\t", 20, 400) == ("two lines", 20)


@pytest.mark.parametrize("scenery", [Scenery(title="Salsa 你好 🕺"), Scenery(captions=((0.0, "a"), (1.0, "你好 🕺")))])
def test_characters_that_the_font_lacks_are_named(scenery: Scenery) -> None:
    with pytest.raises(OutputError, match=r"你 \(U\+4F60\) 好 \(U\+597D\) 🕺 \(U\+1F57A\)"):
        DanceRenderer(scenery=scenery)


def test_characters_that_the_font_has_are_written() -> None:
    """Each adds ink of its own: without it the picture is another, and no two look alike."""
    blank = first_picture(Scenery(title=" "))
    letters = "Ёлка,nïve-Ωmg→Ж"
    alone = {letter: first_picture(Scenery(title=letter)) for letter in letters}
    assert all((picture != blank).any() for picture in alone.values())
    assert len({picture.tobytes() for picture in alone.values()}) == len(letters)

    scenery = Scenery(title="Ёлка, naïve - Ωmega →\nЖ", captions=((0.0, "movak"),))
    assert (first_picture(scenery) != first_picture(replace(scenery, title="Ёлка, naïve - Ωmega →"))).any()
    assert (first_picture(scenery) != first_picture(replace(scenery, captions=((0.0, "mova"),)))).any()


WRITTEN = {
    "title": Scenery(title="Salsa"),
    "captions": Scenery(captions=((0.0, "movak"),)),
    "beats": Scenery(beats_s=[0.0]),
    "all": Scenery(title="Salsa", captions=((0.0, "movak"),), beats_s=[0.0]),
}
BLANK = {
    "title": Scenery(title=" "),
    "captions": Scenery(captions=((0.0, " "),)),
    "beats": Scenery(beats_s=[]),
    "all": Scenery(title=" ", captions=((0.0, " "),), beats_s=[]),
}


def with_arms_up(dims: int) -> PoseSequence:
    """Wrists a torso above the shoulders."""
    clip = standing_px(2)
    keypoints = clip.keypoints.copy()
    for side in ("left", "right"):
        shoulder, elbow, wrist = (clip.skeleton.index(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist"))
        keypoints[:, elbow] = keypoints[:, shoulder] - (0, 55)
        keypoints[:, wrist] = keypoints[:, shoulder] - (0, 110)
    if dims == 3:
        flat = keypoints * np.array([0.005, -0.005], np.float32)
        keypoints = np.concatenate([flat, np.zeros((*flat.shape[:2], 1), np.float32)], axis=2)
    return clip.with_keypoints(keypoints)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("size", [(360, 480), (640, 360), (720, 720)])
@pytest.mark.parametrize("what", WRITTEN)
def test_nothing_written_touches_the_dancer(what: str, size: tuple[int, int], dims: int) -> None:
    clip = with_arms_up(dims)

    scenery, nobody = WRITTEN[what], clip.with_keypoints(np.full_like(clip.keypoints, np.nan))
    renderer = DanceRenderer("mannequin", *size, scenery=scenery)
    blank = DanceRenderer("mannequin", *size, scenery=BLANK[what])
    written = (next(renderer.frames(nobody)) != next(blank.frames(nobody))).any(axis=(1, 2))
    alone = np.zeros((size[1], size[0], 4), np.uint8)
    stage = renderer.lay_out([clip], free_rows=scenery.free_rows(size[1]))
    next(iter(renderer.style_of(0).figures(stage.dancers[0]))).paint(alone)
    covered = alone[..., 3].any(axis=1)
    assert written.any()
    first, last = np.flatnonzero(covered)[[0, -1]]
    assert not written[first : last + 1].any()
    assert last - first > size[1] / 3


@pytest.mark.parametrize("dims", [2, 3])
def test_free_rows_lower_the_floor_with_the_dancers(dims: int) -> None:
    clip, scenery = with_arms_up(dims), WRITTEN["all"]
    stage = DanceRenderer(width=360, height=480).lay_out([clip], free_rows=scenery.free_rows(480))
    (dancer,) = stage.dancers
    assert stage.floor is not None
    assert np.allclose(stage.floor.project([0.0, 0.0]), dancer.ground[0], atol=0.5)
    toe = dancer.joints[0, clip.skeleton.index("left_toe")]
    assert dancer.ground[0, 1] == pytest.approx(toe[1], abs=1)


def test_without_writing_no_row_is_kept_free() -> None:
    assert Scenery(grid=True, captions=((0.0, ""),)).free_rows(480) == (0, 0)
    for height in (1, 7, 20, 50, 2160):
        above, below = WRITTEN["all"].free_rows(height)
        assert 0 <= above + below <= height / 2


GREY = 70
"""As dark as the ink of the theme light."""


def filmed_picture(scenery: Scenery, **wishes: Formation) -> Image:
    film = [np.full((SIZE[1], SIZE[0], 3), GREY, np.uint8)] * 2
    return next(DanceRenderer("stick", *SIZE, scenery=scenery, **wishes).frames(standing_px(2), over=film))


@pytest.mark.parametrize("what", ["title", "captions", "beats"])
def test_what_is_written_on_a_film_has_an_outline(what: str) -> None:
    picture = filmed_picture(WRITTEN[what]).astype(int)
    rows = slice(0, 60) if what == "title" else slice(420, 480)
    region = picture[rows, :340]
    assert (region.max(axis=2) > 200).sum() > 20
    clear = first_picture(replace(WRITTEN[what], theme="transparent", shadow=False))[rows]
    opaque = clear[clear[..., 3] > 200][:, :3].astype(int)
    halo, ink = THEMES["transparent"].halo, THEMES["transparent"].ink
    assert (np.abs(opaque - halo).max(axis=1) < 30).any()
    assert (np.abs(opaque - ink).max(axis=1) < 30).any()


def test_on_a_stage_nothing_written_has_an_outline() -> None:
    picture = np.full((40, 200, 3), 255, np.uint8)
    draw_text(picture, "Salsa", 4, 4, 24, (200, 0, 0))
    rimmed = picture.copy()
    rimmed[:] = 255
    draw_text(rimmed, "Salsa", 4, 4, 24, (200, 0, 0), (0, 0, 200))
    plain, blue = (picture != 255).any(axis=2), (rimmed == (0, 0, 200)).all(axis=2)
    assert not (picture == (0, 0, 200)).all(axis=2).any()
    assert blue.sum() > 100
    # The letters stand where they stood, within the outline.
    full = (picture == (200, 0, 0)).all(axis=2)
    assert (rimmed[full] == (200, 0, 0)).all()
    assert (rimmed[plain] != 255).any(axis=1).all()
    assert len(beat_ticks([1.0], 1.0, 400, 240, (0, 0, 0), (255, 255, 255))) == 4


@pytest.mark.parametrize("formation", [Formation.parse("line:2"), Formation(mirror=True)])
def test_a_formation_has_no_place_on_a_film(formation: Formation) -> None:
    with pytest.raises(OutputError, match="needs a stage"):
        filmed_picture(Scenery(), formation=formation)


def test_a_film_is_not_transparent() -> None:
    with pytest.raises(OutputError, match="not transparent"):
        filmed_picture(Scenery(theme="transparent"))
