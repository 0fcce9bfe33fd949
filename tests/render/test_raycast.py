"""Answers that follow from geometry: areas, unit vectors, what covers what."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from builders import STANDING
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body_solids import RoundCone
from render.clothes import Paint, palette, unfolded_ball
from render.raycast import AMBIENT, DIFFUSE, LIGHT, RIM, cast
from render.styles.mannequin import Solid

GREY, RED, GREEN, BLUE = range(4)
PALETTE = np.array([(120, 120, 120), (200, 0, 0), (0, 200, 0), (0, 0, 200), *[(20 * k, 0, 0) for k in range(8)]])
PALETTE = PALETTE.astype(np.float32)
OCTANT = 4
"""The first of eight rows, one for each octant of the directions."""

CENTRE = np.array([50.3, 49.6, 0.0])


def beside(x: float, y: float, z: float) -> NDArray[np.float64]:
    return CENTRE + np.array([x, y, z])


def octants(left: NDArray[np.float64], up: NDArray[np.float64], forward: NDArray[np.float64]) -> NDArray[np.uint8]:
    return (OCTANT + (left > 0) + 2 * (up > 0) + 4 * (forward > 0)).astype(np.uint8)


PATTERNS = octants(*unfolded_ball(64))[None]


def cone(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    radius_a: float,
    radius_b: float,
    colour: int = GREY,
    flatten: NDArray[np.float64] | None = None,
) -> RoundCone:
    return RoundCone(a, b, radius_a, radius_b, Paint(colour, 1.0, colour), np.eye(3) if flatten is None else flatten)


def ball(
    at: NDArray[np.float64], radius: float, colour: int = GREY, flatten: NDArray[np.float64] | None = None
) -> RoundCone:
    return cone(at, at, radius, radius, colour, flatten)


def on_glass(*parts: RoundCone) -> NDArray[np.uint8]:
    """Parts on a transparent picture."""
    image = np.zeros((100, 100, 4), np.uint8)
    cast(image, parts, PALETTE, PATTERNS)
    return image


def area(image: NDArray[np.uint8]) -> float:
    return float(image[..., 3].sum()) / 255


def test_a_ball_covers_a_circle() -> None:
    assert area(on_glass(ball(CENTRE, 40))) == pytest.approx(np.pi * 40**2, rel=0.002)


@pytest.mark.parametrize("depth", [0, 30, -200])
def test_a_round_cone_covers_its_two_balls_and_what_lies_between_their_tangents(depth: float) -> None:
    radius_a, radius_b, apart = 20.0, 8.0, 50.0
    turn = np.arcsin((radius_a - radius_b) / apart)
    tangents = (radius_a + radius_b) * apart * np.cos(turn)
    ends = (np.pi / 2 + turn) * radius_a**2 + (np.pi / 2 - turn) * radius_b**2
    way = apart * np.array([np.cos(0.4), np.sin(0.4), 0]) + (0, 0, depth)
    covered = area(on_glass(cone(CENTRE - way / 2, CENTRE + way / 2, radius_a, radius_b)))
    assert covered == pytest.approx(tangents + ends, rel=0.004)


def test_a_ball_in_a_ball_is_not_seen() -> None:
    assert np.array_equal(on_glass(cone(CENTRE, beside(3, 4, 0), 30, 10)), on_glass(ball(CENTRE, 30)))


def test_brightness_follows_the_direction_of_the_surface() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    cast(image, [ball(CENTRE, 40)], PALETTE, PATTERNS)
    y, x = (np.indices((100, 100)) + 0.5 - CENTRE[1::-1, None, None]) / 40
    inside = x**2 + y**2 < 0.9
    normal = np.stack([x, y, -np.sqrt(np.maximum(1 - x**2 - y**2, 0))])
    lit = np.maximum(np.tensordot(LIGHT, normal, 1), 0)
    expected = 120 * (AMBIENT + DIFFUSE * lit - RIM * (0.5 + normal[2]))
    assert np.abs(image[..., 0] - expected)[inside].max() < 1


def test_a_flattened_ball_is_an_ellipse() -> None:
    image = on_glass(ball(CENTRE, 40, flatten=np.diag([2.0, 1.0, 1.0])))
    assert area(image) == pytest.approx(np.pi * 40 * 20, rel=0.004)
    rows, columns = np.nonzero(image[..., 3])
    assert np.ptp(columns) == pytest.approx(40, abs=1.5)
    assert np.ptp(rows) == pytest.approx(80, abs=1.5)


@pytest.mark.parametrize(("ahead", "seen"), [(13, False), (17, True)])
def test_a_flattened_ball_ends_where_it_is_flat(ahead: float, seen: bool) -> None:
    """The front of the flat one is 20 before its centre, that of the small one is 5 before its own."""
    image = on_glass(ball(CENTRE, 40, RED, np.diag([1.0, 1.0, 2.0])), ball(beside(0, 0, -ahead), 5, GREEN))
    assert (image[49, 50, 1] > 100 > image[49, 50, 0]) == seen


def test_a_slanting_flattened_ball_covers_its_shadow() -> None:
    """Squeezed to a third along a line 45 degrees into the picture: sqrt((1 + 1/9) / 2) as wide as it was."""
    slanting = np.array([1, 0, 1]) / np.sqrt(2)
    squeezed = np.eye(3) + 2 * np.outer(slanting, slanting)
    width = np.sqrt((1 + 1 / 9) / 2)
    assert area(on_glass(ball(CENTRE, 40, flatten=squeezed))) == pytest.approx(np.pi * 40**2 * width, rel=0.004)


coordinates = arrays(np.float64, (4, 3), elements=st.floats(20, 80, width=32))


@settings(max_examples=40, deadline=None)
@given(coordinates, coordinates, st.permutations(range(4)))
def test_nearest_is_seen_whatever_comes_first(a: NDArray[np.float64], b: NDArray[np.float64], order: list[int]) -> None:
    parts = [cone(a[k] + (0, 0, 100 * k), b[k] + (0, 0, 100 * k), 12, 7, k) for k in range(4)]
    assert np.array_equal(on_glass(*parts), on_glass(*(parts[k] for k in order)))
    front = on_glass(parts[0])
    covered = front[..., 3] == 255
    assert np.array_equal(on_glass(*parts)[covered], front[covered])


def test_what_crosses_is_cut_where_it_crosses() -> None:
    """A level and a slanting rod: left of their crossing the one is nearer, right of it the other."""
    way, into = np.array([40.0, 0, 0]), np.array([0.0, 0, 40])
    image = on_glass(
        cone(CENTRE - way, CENTRE + way, 10, 10, RED), cone(CENTRE - way + into, CENTRE + way - into, 10, 10, GREEN)
    )
    assert image[49, 30, 0] > 100 > image[49, 30, 1]
    assert image[49, 70, 1] > 100 > image[49, 70, 0]


def test_colours_change_at_the_border() -> None:
    rod = RoundCone(np.array([20.0, 50, 0]), np.array([80.0, 50, 0]), 10, 10, Paint(RED, 0.75, BLUE))
    image = on_glass(rod)
    assert (image[50, 12:65, 0] > 0).all() and (image[50, 12:65, 2] == 0).all()
    assert (image[50, 65:88, 2] > 0).all() and (image[50, 65:88, 0] == 0).all()


def test_an_unfolded_ball_holds_all_directions_evenly() -> None:
    directions = unfolded_ball(64).reshape(3, -1)
    assert np.allclose(np.linalg.norm(directions, axis=0), 1)
    assert np.abs(directions.mean(axis=1)).max() < 1e-9
    assert np.unique(directions.round(6), axis=1).shape == directions.shape


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (3, 3), elements=st.sampled_from(np.linspace(-1, 1, 17).tolist())).filter(
        lambda m: abs(np.linalg.det(m)) > 0.05
    )
)
def test_a_pattern_turns_with_its_axes(matrix: NDArray[np.float64]) -> None:
    axes, _ = np.linalg.qr(matrix)
    image = np.zeros((100, 100, 3), np.uint8)
    cast(image, [RoundCone(CENTRE, CENTRE, 40, 40, Paint(GREY, 1.0, GREY, 0, axes))], PALETTE, PATTERNS)
    y, x = (np.array([[40.5], [62.5]]) - CENTRE[1::-1, None]) / 40
    normal = np.array([x[0], y[0], -np.sqrt(1 - x[0] ** 2 - y[0] ** 2)])
    seen = axes @ normal
    if np.abs(seen).min() > 0.1:
        brightness = AMBIENT + DIFFUSE * max(LIGHT @ normal, 0) - RIM * (0.5 + normal[2])
        assert image[40, 62, 0] == pytest.approx(PALETTE[octants(*seen), 0] * brightness, abs=1.5)


def test_transparent_pictures_can_be_laid_over_any_other() -> None:
    parts = [ball(CENTRE, 30, RED), cone(beside(-40, -20, 0), beside(40, 30, 0), 5, 3, GREEN)]
    glass = on_glass(*parts).astype(np.float64)
    background = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    image = background.copy()
    cast(image, parts, PALETTE, PATTERNS)
    laid_over = glass[..., :3] + background * (1 - glass[..., 3:] / 255)
    assert np.abs(image - laid_over).max() <= 1.5
    assert (glass[..., :3] <= glass[..., 3:]).all()
    assert set(np.unique(glass[..., 3])) == {0, 64, 128, 191, 255}


def test_missing_parts_are_left_out() -> None:
    there, nowhere = ball(CENTRE, 20), ball(CENTRE * np.nan, 20, RED)
    half = cone(CENTRE, beside(np.nan, 0, 0), 20, 30, RED)
    assert np.array_equal(on_glass(nowhere, there, half), on_glass(there))
    assert not on_glass(nowhere, half).any()
    assert not on_glass().any()


@settings(max_examples=40, deadline=None)
@given(st.integers(-60, 60), st.integers(-60, 60))
def test_what_leaves_the_picture_is_cut_off(right: int, down: int) -> None:
    parts = [ball(CENTRE, 30, RED), cone(beside(-40, -20, -9), beside(40, 30, 9), 5, 3, GREEN)]
    large = np.zeros((220, 220, 4), np.uint8)
    offset = np.array([60.0, 60, 0])
    cast(large, [part._replace(a=part.a + offset, b=part.b + offset) for part in parts], PALETTE, PATTERNS)
    shift = np.array([right, down, 0.0])
    moved = on_glass(*(part._replace(a=part.a + shift, b=part.b + shift) for part in parts))
    seen = large[60 - down : 160 - down, 60 - right : 160 - right].astype(int)
    assert np.abs(moved - seen).max() <= 64
    assert (moved != seen).any(axis=2).mean() < 0.002


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("far", [1e4, 1e9, 1e30, -1e30])
def test_a_part_may_be_far_outside(far: float, axis: int) -> None:
    """A ball there is seen along the line of sight only, and a cone that goes there covers the way, nothing else."""
    end = CENTRE + far * np.eye(3)[axis]
    parts = [cone(CENTRE, end, 20, 10), RoundCone(end, CENTRE, 9, 9, Paint(0, 0, 0, 0))]
    circle, along_sight = np.pi * 20**2, axis == 2
    assert area(on_glass(ball(end, 20))) == pytest.approx(circle if along_sight else 0, rel=0.004)

    covered, both = (on_glass(*parts[:count])[..., 3] > 0 for count in (1, 2))
    away = np.indices((100, 100)) + 0.5 - CENTRE[1::-1, None, None]
    beyond = np.abs(away).max(axis=0) > 21
    if not along_sight:
        beyond = (np.abs(away[axis]) > 21) | (away[1 - axis] * np.sign(far) < -21)
    assert not both[beyond].any()
    if along_sight:
        assert covered.sum() == pytest.approx(circle, rel=0.05)
    elif far == 1e4:
        assert covered.sum() == pytest.approx(circle / 2 + 2 * 20 * (100 - CENTRE[axis]), rel=0.05)
    in_front = ball(beside(0, 0, -40), 15, RED)
    if not (along_sight and far < 0):
        opaque = on_glass(in_front)[..., 3] == 255
        assert np.array_equal(on_glass(*parts, in_front)[opaque], on_glass(in_front)[opaque])


def standing(turn: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A dancer with a torso of 146 px and the depth of the joints, turned about the spine."""
    body = np.array([STANDING[name] for name in DANCER.joint_names]) * [146, -146] + [640, 330]
    across = body[:, 0] - 640
    body[:, 0] = 640 + np.cos(turn) * across
    return body.astype(np.float32), (np.sin(turn) * across).astype(np.float32)


def drawn(turn: float) -> NDArray[np.uint8]:
    image = np.zeros((720, 1280, 3), np.uint8)
    joints, depth = standing(turn)
    Solid(joints, 146.0, depth, palette(0)).paint(image)
    return image


def test_threads_draw_what_one_alone_draws() -> None:
    turns = np.linspace(0, 6, 24)
    alone = [drawn(turn) for turn in turns]
    with ThreadPoolExecutor(4) as threads:
        assert all(map(np.array_equal, alone, threads.map(drawn, turns)))
