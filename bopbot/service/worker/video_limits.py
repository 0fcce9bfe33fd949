"""What an uploaded file is, and whether that much of it is taken."""

from __future__ import annotations

from pathlib import Path

from bopbot.service.limits import Limits
from pose_vocab.errors import VideoError
from pose_vocab.video import VideoInfo, probe
from pose_vocab.video_file import open_media

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
}
"""By FFmpeg's first name for a container. QuickTime's goes as MP4, which browsers play it as."""
WEBM_CODECS = ("vp8", "vp9", "av1")
"""What a browser plays in Matroska, by the name of WebM."""


def check_upload(video: Path, limits: Limits) -> VideoInfo:
    """What is known of an upload before it is read.

    Raises
    ------
    VideoError : it is no video, or it is longer or larger than is taken.
    """
    info = probe(video)
    if info.duration_s > limits.video_s:
        raise VideoError(
            f"the video lasts {info.duration_s:.0f} s; at most {limits.video_s:g} s are taken here: cut it first"
        )
    if info.width * info.height > limits.picture_px:
        raise VideoError(
            f"the pictures of the video have {info.width} x {info.height} pixels; at most "
            f"{limits.picture_px / 1e6:.2g} million are taken here: make it smaller first"
        )
    return info


def media_type(video: Path) -> str:
    """The media type under which a browser may play an upload; raises VideoError for what is no video."""
    with open_media(video) as container:
        kind = container.format.name.split(",")[0]
        if kind == "matroska" and container.streams.video[0].codec_context.name.startswith(WEBM_CODECS):
            return "video/webm"
    return MEDIA_TYPES.get(kind, "application/octet-stream")
