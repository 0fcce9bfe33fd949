"""The kinds of files that a dance can be written to: one table, one row a kind.

`bopbot choreograph`, `generate`, `render` and `convert` choose a row by the suffix of the output's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bopbot.drawing.look import Look
from pose_vocab.errors import OutputError
from pose_vocab.files import check_folder_writable, check_writable
from pose_vocab.formats import FOLDER, WRITABLE, TakesFormat, WritablePoseFormat, write_people
from pose_vocab.formats.extras import load_extra
from pose_vocab.formats.gltf.gltf_format import Glb
from pose_vocab.formats.openpose_json import replaceable_files
from pose_vocab.formats.usd.usd_format import Usd
from pose_vocab.sequence import PoseSequence
from render.contact_sheet import check_contact_sheet_path, write_contact_sheet
from render.player import PLAYER_THEMES, check_player_path, write_player
from render.player.page import SUFFIXES as PLAYER_SUFFIXES
from render.shapes import Image
from render.sound import Soundtrack
from render.stage.formation import Formation
from render.writer import OUTPUTS as PICTURE_OUTPUTS
from render.writer import check_video_path, write_video

Pictures = Callable[[], Iterable[Image]]
"""Draws the pictures of a dance; called only where pictures are written."""


@dataclass(frozen=True)
class OutputOptions:
    """What is written besides the poses, as far as the kind of file can hold it.

    Parameters
    ----------
    look : how the dancers are drawn.
    audio : the sound that accompanies the dance.
    with_video : whether a video is behind or beside the dancers.
    n_people : how many dancers are written.
    """

    look: Look = field(default_factory=Look)
    audio: Soundtrack | None = None
    with_video: bool = False
    n_people: int = 1


class OutputKind(Protocol):
    """One kind of file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of its files, in small letters; "" where it is a folder."""
        ...

    @property
    def title(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def is_drawn(self) -> bool:
        """Whether it shows the dancers, instead of holding their poses."""
        ...

    @property
    def supports_sound(self) -> bool:
        """Whether it can hold sound."""
        ...

    def check(self, path: Path, options: OutputOptions) -> None:
        """Check before long work whether a dance can be written so; raises OutputError, or VideoError for the sound."""
        ...

    def write(
        self, people: Sequence[PoseSequence], path: Path, options: OutputOptions, pictures: Pictures
    ) -> tuple[str, ...]:
        """Write dancers, all of one length, frame rate and skeleton.

        Returns
        -------
        tuple of str : what a user should know about the file, one line each.

        Raises
        ------
        OutputError, PoseError : it cannot be written, or this kind of file cannot hold these dancers.
        """
        ...


@dataclass(frozen=True)
class PictureOutput:
    """Pictures in time, or a single one: a row of `render.writer.OUTPUTS` under all of its suffixes."""

    suffixes: tuple[str, ...]
    title: str
    supports_sound: bool
    single_picture: bool
    is_drawn: bool = True

    def check(self, path: Path, options: OutputOptions) -> None:
        check_video_path(path, options.audio, alpha=options.look.renderer().theme.wall is None)
        if options.audio is not None:
            options.audio.open().close()

    def write(
        self, people: Sequence[PoseSequence], path: Path, options: OutputOptions, pictures: Pictures
    ) -> tuple[str, ...]:
        write_video(pictures(), path, options.look.fps, options.audio)
        return ()


class ContactSheet:
    """The dance at even intervals, as one SVG picture."""

    suffixes = (".svg",)
    title = "a contact sheet"
    is_drawn, supports_sound = True, False

    def check(self, path: Path, options: OutputOptions) -> None:
        _refuse_sound_and_video(self, path, options)
        check_contact_sheet_path(path)
        options.look.renderer()

    def write(
        self, people: Sequence[PoseSequence], path: Path, options: OutputOptions, pictures: Pictures
    ) -> tuple[str, ...]:
        write_contact_sheet(people, path, options.look.renderer())
        return ()


class Player:
    """A page that plays the dance in a browser."""

    suffixes = PLAYER_SUFFIXES
    title = "a player"
    is_drawn, supports_sound = True, False

    def check(self, path: Path, options: OutputOptions) -> None:
        look = options.look
        _refuse_sound_and_video(self, path, options)
        check_player_path(path)
        look.renderer()
        if look.formation != Formation():
            raise OutputError(f"cannot write {path}: a player shows dancers as they are; leave the formation out")
        if look.style != "stick":
            raise OutputError(f"cannot write {path}: a player draws the style stick, not {look.style}; name a .mp4")
        if look.scenery.theme not in (None, *PLAYER_THEMES):
            themes = " or ".join(PLAYER_THEMES)
            raise OutputError(f"cannot write {path}: a player is {themes}, not {look.scenery.theme}")

    def write(
        self, people: Sequence[PoseSequence], path: Path, options: OutputOptions, pictures: Pictures
    ) -> tuple[str, ...]:
        scenery = options.look.scenery
        write_player(people, path, title=scenery.title, theme=scenery.theme, yaw_deg=options.look.yaw_deg)
        return ()


@dataclass(frozen=True)
class PoseOutput:
    """Poses in a writable format; they are not drawn."""

    format: WritablePoseFormat
    is_drawn: bool = False
    supports_sound: bool = False

    @property
    def suffixes(self) -> tuple[str, ...]:
        return (f".{self.format.name}", "") if self._is_folder else self.format.suffixes

    @property
    def title(self) -> str:
        return self.format.title

    def check(self, path: Path, options: OutputOptions) -> None:
        _refuse_sound_and_video(self, path, options)
        if options.look.style != Look().style:
            raise OutputError(
                f"cannot write {path}: {self.title} holds poses, which are not drawn in a style; "
                "leave --style out, or name a .mp4"
            )
        if options.n_people > 1 and not self.format.several_people:
            several = ", ".join(
                suffix for row in POSES if row.format.several_people for suffix in filter(None, row.suffixes)
            )
            raise OutputError(
                f"cannot write {path}: {self.title} holds one person, not {options.n_people}; "
                f"choose one, or name a file that holds several: {several}"
            )
        if self.format.extra:
            load_extra(self.format.extra, path)
        if self._is_folder:
            check_folder_writable(path, replaceable_files(path))
        else:
            check_writable(path)

    def write(
        self, people: Sequence[PoseSequence], path: Path, options: OutputOptions, pictures: Pictures
    ) -> tuple[str, ...]:
        return write_people(people, path, self.format)

    @property
    def _is_folder(self) -> bool:
        return self.format.name == FOLDER


def _refuse_sound_and_video(kind: OutputKind, path: Path, options: OutputOptions) -> None:
    for wanted, what, leave_out in (
        (options.audio is not None, "sound", "--audio"),
        (options.with_video, "video behind or beside the dancers", "--over or --layout"),
    ):
        if wanted:
            raise OutputError(f"cannot write {path}: {kind.title} has no {what}; leave {leave_out} out, or name a .mp4")


def _picture_outputs() -> tuple[PictureOutput, ...]:
    rows = []
    for output in {id(row): row for row in PICTURE_OUTPUTS.values()}.values():
        suffixes = tuple(suffix for suffix, row in PICTURE_OUTPUTS.items() if row is output)
        title = f"{suffixes[0][1:].upper()} file" if any(suffixes) else "a folder of PNG frames"
        rows.append(PictureOutput(suffixes, title, output.supports_sound, output.single_picture))
    return tuple(rows)


DRAWN: tuple[OutputKind, ...] = (*_picture_outputs(), ContactSheet(), Player())
"""What `bopbot render` writes."""
CHARACTERS = (Glb.name, Usd.name)
"""Formats of poses whose dancers have bodies."""
POSES = tuple(map(PoseOutput, WRITABLE.values()))
"""What `bopbot convert` writes."""
DANCES: tuple[OutputKind, ...] = (
    *(kind for kind in DRAWN if not (isinstance(kind, PictureOutput) and kind.single_picture)),
    *POSES,
)
"""What `bopbot choreograph` and `bopbot generate` write. A folder, whose name has no suffix, is one of PNG frames."""


def find_output(path: Path, kinds: Sequence[OutputKind]) -> OutputKind:
    """Return the first of `kinds` that has the suffix of a path.

    Raises
    ------
    OutputError : none has that suffix.
    """
    suffix = path.suffix.lower()
    for kind in kinds:
        if suffix in kind.suffixes:
            return kind
    raise OutputError(f"cannot write {path}: {_reason(suffix)}; expected a name with {described(kinds)}")


def described(kinds: Sequence[OutputKind]) -> str:
    """Return the suffixes of `kinds` for a message."""
    suffixes = ", ".join(filter(None, (suffix for kind in kinds for suffix in kind.suffixes)))
    folder = next(kind.title for kind in kinds if "" in kind.suffixes)
    return f"{suffixes}, or without a suffix for {folder}"


def _reason(suffix: str) -> str:
    for kind in (*DRAWN, *POSES):
        if suffix in kind.suffixes:
            if isinstance(kind, PictureOutput) and kind.single_picture:
                return f"{suffix} holds one picture"
            return (
                f"bopbot render draws {suffix}" if kind.is_drawn else f"{suffix} holds poses; bopbot convert writes it"
            )
    return f"there is no kind of file {suffix!r}"


def takes_format(kind: OutputKind) -> TakesFormat | None:
    """Return the format of a kind of file that can hold several takes, else None."""
    return kind.format if isinstance(kind, PoseOutput) and isinstance(kind.format, TakesFormat) else None


def has_bodies(kind: OutputKind) -> bool:
    """Return whether dancers in one place would intersect: drawn ones, and characters for 3D programs."""
    return kind.is_drawn or (isinstance(kind, PoseOutput) and kind.format.name in CHARACTERS)
