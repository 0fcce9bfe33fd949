"""Checks of an uploaded file: its kind, length and frame size."""

from __future__ import annotations

from pathlib import Path

from bopbot.service.limits import Limits
from pose_vocab.errors import VideoError
from pose_vocab.media_file import open_media
from pose_vocab.video import VideoInfo, probe

MEDIA_TYPES = {
    "mov": "video/mp4",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "flv": "video/x-flv",
    "asf": "video/x-ms-wmv",
    "ogg": "video/ogg",
    "gif": "image/gif",
    "webp_pipe": "image/webp",
}
"""Media types by FFmpeg's first name for a container. QuickTime is served as MP4, which browsers can play."""
WEBM_CODECS = ("vp8", "vp9", "av1")
"""Video codecs with which a Matroska file is WebM."""


def check_upload(video: Path, limits: Limits) -> VideoInfo:
    """Return the properties of an uploaded video.

    Raises
    ------
    VideoError : the file is no video, or it is longer or larger than the limits allow.
    """
    info = probe(video)
    if info.duration_s > limits.video_s:
        raise VideoError(
            f"the video lasts {info.duration_s:.0f} s; this server accepts at most {limits.video_s:g} s: cut it first"
        )
    if info.width * info.height > limits.picture_px:
        raise VideoError(
            f"the frames of the video have {info.width} x {info.height} pixels; this server accepts at most "
            f"{limits.picture_px / 1e6:.2g} million: scale it down first"
        )
    return info


def media_type(video: Path) -> str:
    """Return the media type with which a browser can play an upload; raise VideoError for a file that is no video."""
    with open_media(video) as container:
        kind = container.format.name.split(",")[0]
        if kind == "matroska" and container.streams.video[0].codec_context.name.startswith(WEBM_CODECS):
            return "video/webm"
    return MEDIA_TYPES.get(kind, "application/octet-stream")
