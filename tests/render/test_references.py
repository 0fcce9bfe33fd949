"""Each style looks as it did when somebody looked at it: see `tests/reference_pictures.py`."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from reference_pictures import FOLDER, picture

from render.styles import STYLES

BLUR_PX = 1.0
"""What is finer than this nobody sees: edges may be blended otherwise on another machine."""
MEAN, WORST = 0.6, 40
"""Differences of colour in 0..255 after the blur, over the whole picture and at its worst pixel."""


def seen(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Over grey where it is transparent, and without what is too fine."""
    picture = image.astype(np.float32)
    if picture.shape[2] == 4:
        alpha = picture[..., 3:] / 255
        picture = picture[..., :3] * alpha + 128 * (1 - alpha)
    return np.asarray(cv2.GaussianBlur(picture, None, BLUR_PX))


def differences(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[float, float]:
    apart = np.abs(seen(one) - seen(other))
    return float(apart.mean()), float(apart.max())


def reference(style: str) -> NDArray[np.uint8]:
    stored = cv2.imread(str(FOLDER / f"{style}.png"), cv2.IMREAD_UNCHANGED)
    assert stored is not None, f"no reference of {style}; draw it: python -m tests.reference_pictures"
    code = cv2.COLOR_BGRA2RGBA if stored.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(stored, code), np.uint8)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_looks_as_it_did(style: str) -> None:
    mean, worst = differences(picture(style), reference(style))
    assert mean < MEAN
    assert worst < WORST


def test_the_tolerance_tells_styles_and_small_changes_apart() -> None:
    stick = reference("stick")
    for style in STYLES:
        if style != "stick":
            assert differences(reference(style), stick)[0] > MEAN
    shifted = np.roll(stick, 2, axis=1)
    assert differences(shifted, stick)[1] > WORST
    recoloured = np.where((stick == (213, 94, 0)).all(axis=2)[..., None], np.uint8(90), stick)
    assert differences(recoloured, stick)[1] > WORST


def test_no_reference_is_of_a_style_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(STYLES)
