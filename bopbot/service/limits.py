"""How much the service takes and keeps."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB = 2**20, 2**30
"""Bytes."""


@dataclass(frozen=True)
class Limits:
    """What one may ask of the service.

    Parameters
    ----------
    upload_bytes : of one video.
    video_s : seconds of one video.
    picture_px : pixels of one of its pictures.
    memory_bytes : of a process that works on it.
    take_s : seconds that one step of a dance may take: finding the dancer and learning the moves; writing; drawing.
    waiting : dances in the queue.
    uploads_per_hour : from one address.
    takes : dances of one upload.
    keep_h : hours until an upload and its dances are removed.
    disk_bytes : of everything that is kept.
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
