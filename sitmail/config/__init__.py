"""Turns TOML into a policy, with a sentence for every mistake.

This package is cheap to import, since modules that need pydantic are imported inside `load` and `defaults`.  It knows
neither the store nor the doors nor the services.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sitmail.config.files import data_folder, find
from sitmail.config.machinery import Config, Listener, Lmtp, Relay, Smtp, StoreSettings
from sitmail.config.mistakes import ConfigError

__all__ = [
    "Config",
    "ConfigError",
    "Listener",
    "Lmtp",
    "Relay",
    "Smtp",
    "StoreSettings",
    "data_folder",
    "defaults",
    "find",
    "load",
]


def load(path: Path, environ: Mapping[str, str] = os.environ, *, with_directory: bool = True) -> Config:
    """The configuration at `path`, overridden by `environ`.  Raises ConfigError with every mistake found.

    `with_directory=False` leaves the directory files unread, for clients that only look at something.
    """
    from sitmail.config.loading import read  # noqa: PLC0415

    return read(path, environ, with_directory)


def defaults() -> Config:
    """The configuration without any file, used by `sitmail explain`."""
    from sitmail.config.loading import built_in  # noqa: PLC0415

    return built_in()
