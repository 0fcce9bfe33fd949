"""Packages that only some formats need: the extras of setup.cfg."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from pose_vocab.errors import BopBotError


def require(module: str, extra: str, path: Path, error: type[BopBotError]) -> ModuleType:
    """Return a module that an extra installs.

    Parameters
    ----------
    module : its dotted name.
    extra : the extra of BopBot that installs it.
    path : the file to read or write, for the message.
    error : what is raised where it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise error(
            f"{path} needs {module.partition('.')[0]}, which cannot be loaded ({missing}); "
            f"install it: pip install 'bopbot[{extra}]'"
        ) from missing
