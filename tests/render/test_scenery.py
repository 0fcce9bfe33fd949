import numpy as np
import pytest
from builders import moved, standing_px

from render.lettering import text_width, write_line
from render.renderer import DanceRenderer
from render.scenery import BEAT_FLASH_S, Scenery, beat_ticks, caption_at
from render.shapes import Image
from render.theme import THEMES

SIZE = (360, 480)


def first_picture(scenery: Scenery, style: str = "stick") -> Image:
    return next(DanceRenderer(style, *SIZE, scenery=scenery).frames(standing_px(2)))


def changed_rows(scenery: Scenery, other: Scenery | None = None) -> tuple[int, int]:
    """The first and the last row in which the scenery shows beside another, the plain one by default."""
    rows = np.flatnonzero((first_picture(scenery) != first_picture(other or Scenery())).any(axis=(1, 2)))
    return int(rows[0]), int(rows[-1])


def test_a_title_stands_above_and_a_caption_below() -> None:
    top, bottom = changed_rows(Scenery(title="Salsa"))
    assert 5 < top < bottom < 60
    top, bottom = changed_rows(Scenery(captions=((0.0, "movak"),)))
    assert 400 < top < bottom < 470


def test_a_caption_stands_until_the_next() -> None:
    captions = ((0.5, "one"), (1.0, "two"), (2.0, ""))
    assert [caption_at(captions, at) for at in (0.0, 0.5, 0.99, 1.0, 1.99, 2.5)] == ["", "one", "one", "two", "two", ""]


def test_a_shadow_lies_below_the_dancer() -> None:
    shadowless = Scenery(shadow=False)
    top, bottom = changed_rows(Scenery(), shadowless)
    joints = DanceRenderer("stick", *SIZE).stage([standing_px(2)]).dancers[0]
    assert top < joints.ground[0, 1] < bottom
    assert bottom - top < 0.4 * joints.body[0]


def test_a_grid_lies_on_the_floor() -> None:
    stage = DanceRenderer("stick", *SIZE).stage([standing_px(2)])
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
    stage = renderer.stage([standing_px(2)])
    next(iter(renderer.style.figures(stage.dancers[0]))).paint(white)
    assert np.abs(clear[..., :3] * alpha + 255 * (1 - alpha) - white).max() <= 2


def test_a_line_is_written_in_its_colour_and_cut_off_at_the_edge() -> None:
    picture = np.full((40, 200, 3), 255, np.uint8)
    write_line(picture, "Ёлка, naïve", 4, 4, 24, (200, 0, 0))
    inked = (picture != 255).any(axis=2)
    assert inked.sum() > 300
    assert (picture[inked] == (200, 0, 0)).all(axis=1).mean() > 0.2
    assert np.flatnonzero(inked.any(axis=0))[-1] <= 4 + text_width("Ёлка, naïve", 24)
    for left, top in ((-500, 0), (190, 30), (0, -30), (0, 400)):
        write_line(picture, "Salsa", left, top, 24, (0, 0, 0))


def test_nothing_written_changes_nothing() -> None:
    picture = np.full((40, 200, 3), 255, np.uint8)
    write_line(picture, "", 4, 4, 24, (200, 0, 0))
    assert (picture == 255).all()
