"""Limits of the service."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB = 2**20, 2**30
"""Bytes."""


@dataclass(frozen=True)
class Limits:
    """Limits on requests, work and storage.

    Parameters
    ----------
    upload_bytes : size of a video.
    video_s : length of a video, in seconds.
    picture_px : pixels of a video frame.
    memory_bytes : memory of a process that makes a dance.
    take_s : seconds for one step of a take: finding the dancer and learning the moves; generating; drawing.
    waiting : takes in the queue.
    uploads_per_hour : uploads of one address in an hour.
    takes : takes of one job.
    keep_h : hours until a job is removed.
    disk_bytes : size of all files.
    """

    upload_bytes: int = 200 * MIB
    video_s: float = 180.0
    picture_px: int = 4096 * 2304
    memory_bytes: int = 6 * GIB
    take_s: float = 900.0
    waiting: int = 20
    uploads_per_hour: int = 30
    takes: int = 50
    keep_h: float = 24.0
    disk_bytes: int = 20 * GIB
