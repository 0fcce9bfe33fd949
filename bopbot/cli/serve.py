"""``bopbot serve`` and ``bopbot worker``: the web service."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bopbot.service.limits import GIB, MIB, Limits

if TYPE_CHECKING:
    from bopbot.service.deployment import Deployment

USUAL = Limits()

Folder = Annotated[
    Path | None, typer.Option(help="Where uploads and dances lie; workers of other machines share it.", file_okay=False)
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
    float, typer.Option("--memory-gib", min=2, help="Memory of a process that makes a dance, in GiB.")
]
TakeS = Annotated[
    float,
    typer.Option(
        "--take-seconds",
        min=10,
        help="Longest time of one step of a dance, in seconds: finding and learning; writing; drawing.",
    ),
]
Waiting = Annotated[int, typer.Option(min=1, help="Dances that may wait; more are asked to come back.")]
PerHour = Annotated[int, typer.Option("--uploads-per-hour", min=1, help="Uploads of one address in an hour.")]
KeepH = Annotated[float, typer.Option("--keep-hours", min=0.01, help="Hours after which everything of an upload goes.")]
DiskGib = Annotated[float, typer.Option("--disk-gib", min=0.1, help="Most that may lie in the folder, in GiB.")]
ToPrivate = Annotated[
    bool, typer.Option("--webhooks-to-private", help="Let webhooks call addresses of the own network.")
]


def serve(
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=0, help="Workers on this machine; 0 where all are elsewhere.")] = 1,
    folder: Folder = None,
    database: Database = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name by which visitors ask for this server, like dance.example.org.")
    ] = None,
    proxy: Annotated[
        list[str] | None, typer.Option(help="Address of a reverse proxy, which is believed who asks.")
    ] = None,
    upload_mib: UploadMib = USUAL.upload_bytes // MIB,
    video_seconds: VideoS = USUAL.video_s,
    memory_gib: MemoryGib = USUAL.memory_bytes / GIB,
    take_seconds: TakeS = USUAL.take_s,
    waiting: Waiting = USUAL.waiting,
    uploads_per_hour: PerHour = USUAL.uploads_per_hour,
    keep_hours: KeepH = USUAL.keep_h,
    disk_gib: DiskGib = USUAL.disk_bytes / GIB,
    webhooks_to_private: ToPrivate = False,
) -> None:
    """Open a page that takes a dance video and answers with new choreography."""
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
    video_seconds: VideoS = USUAL.video_s,
    memory_gib: MemoryGib = USUAL.memory_bytes / GIB,
    take_seconds: TakeS = USUAL.take_s,
    webhooks_to_private: ToPrivate = False,
) -> None:
    """Make the dances that a `bopbot serve` elsewhere takes the videos of."""
    from bopbot.service.logs import log_to_stderr
    from bopbot.service.worker.main import work

    limits = Limits(video_s=video_seconds, memory_bytes=round(memory_gib * GIB), take_s=take_seconds)
    log_to_stderr()
    work(_deployment(folder, database, limits, webhooks_to_private))


def _deployment(folder: Path | None, database: str | None, limits: Limits, webhooks_to_private: bool) -> "Deployment":
    from bopbot.service.deployment import Deployment
    from bopbot.service.store.database import sqlite_url

    folder = (folder or _usual_folder()).absolute()
    os.umask(0o077)  # what people upload is nobody else's, on this machine either
    folder.mkdir(parents=True, exist_ok=True)
    return Deployment(folder, database or sqlite_url(folder / "bopbot.sqlite"), limits, webhooks_to_private)


def _usual_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("bopbot") / "service"
