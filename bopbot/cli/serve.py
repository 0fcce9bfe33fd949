"""``bopbot serve`` and ``bopbot worker``: the web service."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bopbot.service.limits import GIB, MIB, Limits

if TYPE_CHECKING:
    from bopbot.service.deployment import Deployment

DEFAULTS = Limits()

Folder = Annotated[
    Path | None,
    typer.Option(help="Folder for uploads and dances; workers on other machines must share it.", file_okay=False),
]
Database = Annotated[
    str | None,
    typer.Option(
        help="postgresql://USER:PASSWORD@HOST/NAME for workers on several machines; by default a file in the folder.",
        envvar="BOPBOT_DATABASE",
        show_envvar=True,
    ),
]
UploadMib = Annotated[int, typer.Option("--upload-mib", min=1, help="Largest video, in MiB.")]
VideoS = Annotated[float, typer.Option("--video-seconds", min=1, help="Longest video, in seconds.")]
MemoryGib = Annotated[
    float, typer.Option("--memory-gib", min=2, help="Memory limit of a process that makes a dance, in GiB.")
]
TakeS = Annotated[
    float,
    typer.Option(
        "--take-seconds",
        min=10,
        help="Longest time, in seconds, of one step: extraction and fine-tuning, generation, or drawing.",
    ),
]
Waiting = Annotated[
    int, typer.Option(min=1, help="Longest queue of dances; further requests are refused for the moment.")
]
PerHour = Annotated[int, typer.Option("--uploads-per-hour", min=1, help="Most uploads from one address in an hour.")]
KeepH = Annotated[
    float, typer.Option("--keep-hours", min=0.01, help="Hours after which an upload and its dances are deleted.")
]
DiskGib = Annotated[float, typer.Option("--disk-gib", min=0.1, help="Largest size of the folder, in GiB.")]
ToPrivate = Annotated[
    bool, typer.Option("--webhooks-to-private", help="Allow webhooks to addresses in private networks.")
]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all interfaces.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for a free one.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, help="Number of workers on this machine; 0 if they all run elsewhere.")
    ] = 1,
    folder: Folder = None,
    database: Database = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Host name under which the server is reached, for example dance.example.org."),
    ] = None,
    proxy: Annotated[
        list[str] | None, typer.Option(help="Address of a trusted reverse proxy; its X-Forwarded-For is honoured.")
    ] = None,
    upload_mib: UploadMib = DEFAULTS.upload_bytes // MIB,
    video_seconds: VideoS = DEFAULTS.video_s,
    memory_gib: MemoryGib = DEFAULTS.memory_bytes / GIB,
    take_seconds: TakeS = DEFAULTS.take_s,
    waiting: Waiting = DEFAULTS.waiting,
    uploads_per_hour: PerHour = DEFAULTS.uploads_per_hour,
    keep_hours: KeepH = DEFAULTS.keep_h,
    disk_gib: DiskGib = DEFAULTS.disk_bytes / GIB,
    webhooks_to_private: ToPrivate = False,
) -> None:
    """Start the web service: a page and an API that turn dance videos into new choreography."""
    from bopbot.service.logs import log_to_stderr
    from bopbot.service.supervisor import serve

    limits = Limits(
        upload_bytes=upload_mib * MIB,
        video_s=video_seconds,
        memory_bytes=round(memory_gib * GIB),
        take_s=take_seconds,
        waiting=waiting,
        uploads_per_hour=uploads_per_hour,
        keep_h=keep_hours,
        disk_bytes=round(disk_gib * GIB),
    )
    log_to_stderr()
    deployment = _deployment(folder, database, limits, webhooks_to_private)
    serve(deployment, host, port, workers=workers, allowed_hosts=allow_host or (), proxies=proxy or ())


def worker(
    folder: Folder = None,
    database: Database = None,
    video_seconds: VideoS = DEFAULTS.video_s,
    memory_gib: MemoryGib = DEFAULTS.memory_bytes / GIB,
    take_seconds: TakeS = DEFAULTS.take_s,
    webhooks_to_private: ToPrivate = False,
) -> None:
    """Start a worker for a `bopbot serve` on another machine."""
    from bopbot.service.logs import log_to_stderr
    from bopbot.service.worker.main import work

    limits = Limits(video_s=video_seconds, memory_bytes=round(memory_gib * GIB), take_s=take_seconds)
    log_to_stderr()
    work(_deployment(folder, database, limits, webhooks_to_private))


def _deployment(folder: Path | None, database: str | None, limits: Limits, webhooks_to_private: bool) -> "Deployment":
    from bopbot.service.deployment import Deployment
    from bopbot.service.store.database import sqlite_url

    folder = (folder or _default_folder()).absolute()
    os.umask(0o077)  # uploads are private, on this machine too
    folder.mkdir(parents=True, exist_ok=True)
    return Deployment(folder, database or sqlite_url(folder / "bopbot.sqlite"), limits, webhooks_to_private)


def _default_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("bopbot") / "service"
