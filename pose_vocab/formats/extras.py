"""Packages that only some formats need: the extras of setup.cfg."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from pose_vocab.errors import BopBotError, OutputError

MODULES = {
    "movement": ("xarray", "h5netcdf"),
    "parquet": ("pyarrow", "pyarrow.parquet"),
    "usd": ("pxr", *(f"pxr.{name}" for name in "Gf Sdf Tf Usd UsdGeom UsdShade UsdSkel UsdUtils Vt".split())),
}
"""What is imported of each extra; other modules are attributes of the first."""


def load_extra(extra: str, path: Path, error: type[BopBotError] = OutputError) -> Any:
    """Return the first module of an extra, with its others loaded.

    Parameters
    ----------
    extra : a key of `MODULES`.
    path : the file to read or write, for the message.
    error : what is raised where the extra is not installed.
    """
    try:
        package, *_ = [importlib.import_module(module) for module in MODULES[extra]]
        return package
    except ImportError as missing:
        raise error(
            f"{path} needs {MODULES[extra][0]}, which cannot be loaded ({missing}); "
            f"install it: pip install 'bopbot[{extra}]'"
        ) from missing
