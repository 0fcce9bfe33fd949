"""Long runs that the tests only begin: ``make stress``, or some of them, by name: ``make stress RUNS="a_crowd"``."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from service import stress as of_the_service

from render.renderer import DanceRenderer
from render.writer import write_video
from tests.bench import seconds
from tests.builders import random_walk_px

HOUR_S, FPS = 3600, 30.0
SIZE_PX = (640, 360)

Item = TypeVar("Item")


def peak_mb() -> float:
    """The most memory that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def watched(items: Iterator[Item], every: int) -> Iterator[Item]:
    """The same items; the peak of memory is printed after so many, time and again."""
    for count, item in enumerate(items, 1):
        yield item
        if count % every == 0:
            print(f"  {count / FPS / 60:3.0f} min drawn, peak {peak_mb():.0f} MB", flush=True)


def an_hour_of_dance() -> None:
    """Memory must not grow once the first minutes are drawn, and no picture cost more than another."""
    dance = random_walk_px(round(HOUR_S * FPS), seed=0, fps=FPS)
    print(f"an hour of dance at {SIZE_PX[0]}x{SIZE_PX[1]}; its poses are there at {peak_mb():.0f} MB")
    with TemporaryDirectory() as folder:
        frames = watched(DanceRenderer("stick", *SIZE_PX).frames(dance), every=round(600 * FPS))
        taken_s = seconds(lambda: write_video(frames, Path(folder) / "hour.mp4", FPS))
    print(f"  {HOUR_S / taken_s:.1f} times real time")


if __name__ == "__main__":
    runs = {run.__name__: run for run in (an_hour_of_dance, *of_the_service.RUNS)}
    for name in sys.argv[1:] or runs:
        print(runs[name].__doc__)
        runs[name]()
