"""Server and workers killed at random moments while dances are made: what must be true afterwards."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

import requests
from service.support.service_processes import ServiceProcesses, is_gone

from pose_vocab.video import probe

SECONDS = 3
"""Length of the dances."""
KILLS = 3
"""In one round so many processes are killed."""
LONGEST_S = 6.0
"""Longest time between two kills: about what a dance takes."""
DIES_S = 5.0
"""So long processes may outlive the one that they belong to."""


class Kills:
    """Rounds of dances under fire, on one folder; each checks what is left."""

    def __init__(self, processes: ServiceProcesses, video: Path, seed: int) -> None:
        self._tree, self._video = processes, video
        self._random = random.Random(seed)
        self._finished: dict[str, str] = {}
        self.n_jobs = 0
        self.n_kills = 0

    def round(self) -> None:
        """Two jobs and a few kills; raises AssertionError where anything was lost, or done twice."""
        jobs = [self._tree.send(self._video, seconds=SECONDS, seed=seed) for seed in (1, 2)]
        self.n_jobs += len(jobs)
        for _ in range(KILLS):
            time.sleep(self._random.uniform(0, LONGEST_S))
            self.n_kills += 1
            if self._random.random() < 0.5:
                self._tree.kill_a_worker()
            else:
                had = self._tree.kill_server()
                self._tree.wait(lambda had=had: all(map(is_gone, had)), DIES_S)  # type: ignore[misc]
                self._tree.start()
        for job in jobs:
            take = self._tree.wait_until_over(job)
            assert take["state"] == "done", (take, self._tree.log[-30:])
            self._check_events(job)
            self._check_files(job)
        for job, film in self._finished.items():
            assert self._film(job) == film, "a finished dance has changed"
        self._finished |= {job: self._film(job) for job in jobs}

    def _check_events(self, job: str) -> None:
        said = requests.get(f"{self._tree.url}/api/jobs/{job}/takes/1/events", timeout=30).text
        assert said.count('"state": "done"') == 1, said
        numbers = [int(line.removeprefix("id: ")) for line in said.splitlines() if line.startswith("id: ")]
        assert numbers == list(range(1, len(numbers) + 1))

    def _check_files(self, job: str) -> None:
        folder = self._tree.folder / "jobs" / job
        assert probe(folder / "takes" / "1" / "dance.mp4").duration_s == SECONDS
        left = [path for path in folder.rglob("*") if path.name.startswith(".")]
        assert left == []

    def _film(self, job: str) -> str:
        film = requests.get(f"{self._tree.url}/api/jobs/{job}/takes/1/dance.mp4", timeout=30)
        assert film.ok, film.text
        return hashlib.sha256(film.content).hexdigest()

    def same_everywhere(self) -> bool:
        """Whether dances of the same seed are the same, whoever was killed while they were made."""
        return len(set(self._finished.values())) == 2


def resident_mb(processes: ServiceProcesses) -> float:
    """Memory of all processes of the service."""
    return sum(process.memory_info().rss for process in processes.descendants()) / 1e6
