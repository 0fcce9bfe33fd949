"""The worker's part in the tests of the page, step by step, with films that a browser plays."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from service.support.app_server import FILES, AppServer

from bopbot.service.events import STAGES, Progress, Row, Words
from bopbot.service.options import TakeOptions
from pose_vocab.skeletons import DANCER
from render.writer import write_video

WIDTH, HEIGHT, SECONDS, FPS = 96, 128, 2, 20
WORDS = tuple(f"wo{k:03d}" for k in range(100))
"""Two seconds: twenty rows of five words."""
PLACES = ("torso", "left arm", "right arm", "left leg", "right leg")


def film(path: Path) -> bytes:
    """A small film that gets brighter."""
    greys = np.linspace(40, 200, SECONDS * FPS).astype(np.uint8)
    write_video((np.full((HEIGHT, WIDTH, 3), grey) for grey in greys), path, FPS)
    return path.read_bytes()


def keypoints() -> str:
    """All joints on a diagonal, which moves to the right by a pixel a frame."""
    n_joints = len(DANCER.joint_names)
    frames = [[[k + 5 * joint, 5 * joint] for joint in range(n_joints)] for k in range(SECONDS * FPS)]
    said = {"fps": FPS, "width": WIDTH, "height": HEIGHT, "begin_s": 0.0}
    bones = [list(map(int, bone)) for bone in DANCER.bones]
    return json.dumps({**said, "bones": bones, "sides": ["middle"] * len(bones), "frames": frames})


@dataclass
class FakeWorker:
    """Takes a job through its stages.

    Parameters
    ----------
    stage : the server.
    video : bytes of a film, for the dance as well.
    places : names of the places of a row of words.
    """

    app_server: AppServer
    video: bytes
    places: tuple[str, ...] = PLACES

    def sent(self) -> str:
        return self.app_server.sent(self.video)

    def begins(self, job_id: str, number: int = 1) -> None:
        assert self.app_server.jobs.begin(job_id, number)

    def reaches(self, job_id: str, stage: str, percent: int, number: int = 1) -> None:
        before = list(STAGES)[: list(STAGES).index(stage)]
        done = [Progress(each, 1, 1) for each in before]
        self.app_server.record(job_id, number, *done, Progress(stage, percent, 100))

    def writes(self, job_id: str, start: int, stop: int, number: int = 1) -> None:
        layout = [Row(self.places)] if start == 0 else []
        self.app_server.record(job_id, number, *layout, Words(start, WORDS[start:stop]))

    def learns(self, job_id: str) -> None:
        folder = self.app_server.storage.folder(job_id)
        (folder / "keypoints.json").write_text(keypoints())
        (folder / "dancer.json").write_text('{"media_type": "video/mp4"}')
        self.app_server.jobs.mark_learned(job_id)

    def finishes(self, job_id: str, number: int = 1) -> None:
        self.writes(job_id, 0, len(WORDS), number)
        folder = self.app_server.storage.take(job_id, number)
        folder.mkdir(parents=True)
        for name, content in FILES.items():
            (folder / name).write_bytes(content)
        (folder / "dance.mp4").write_bytes(self.video)
        assert self.app_server.jobs.finish(job_id, number, "done")

    # Jobs in each state that the page shows.

    def waiting(self) -> str:
        return self.sent()

    def working(self) -> str:
        job_id = self.sent()
        self.begins(job_id)
        self.reaches(job_id, "writing", 40)
        self.writes(job_id, 0, 40)
        return job_id

    def danced(self, n_takes: int = 2) -> str:
        job_id = self.sent()
        self.learns(job_id)
        for number in range(1, n_takes + 1):
            if number > 1:
                assert self.app_server.jobs.add_take(job_id, TakeOptions(seed=number)) == number
            self.begins(job_id, number)
            self.finishes(job_id, number)
        return job_id

    def failed(self) -> str:
        job_id = self.sent()
        self.begins(job_id)
        self.app_server.jobs.finish(job_id, 1, "failed", "nobody dances in the video")
        return job_id

    def cancelled(self) -> str:
        job_id = self.sent()
        self.learns(job_id)
        self.app_server.jobs.finish(job_id, 1, "cancelled")
        return job_id


STATES: dict[str, Callable[[FakeWorker], str]] = {
    "waiting": FakeWorker.waiting,
    "working": FakeWorker.working,
    "danced": FakeWorker.danced,
    "failed": FakeWorker.failed,
    "cancelled": FakeWorker.cancelled,
}
"""What a job's page can show."""
