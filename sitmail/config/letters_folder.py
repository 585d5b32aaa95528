"""Checks who may write into the admin's folder of letters: templates are programs, as trusted as the configuration.

Files and folders are refused if everybody may write to them, or the daemon's user: somebody who took over the running
daemon could otherwise leave code for its next start.  Parent folders are not checked, because whoever can write there
can change the configuration as well.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

WHY = "templates are as trusted as the configuration"


def exposed(folder: Path, data: Path) -> str:
    """A sentence about the first place in `folder` that somebody else may write to; "" if there is none.

    `data` is the folder of the daemon's data, whose owner the daemon runs as.
    """
    user = _daemon(data)
    groups = _groups(user) if user else frozenset()
    for place in (folder, *sorted(folder.rglob("*"))):
        try:
            found = place.stat()
        except OSError:  # a broken link, or deleted meanwhile: no template can be read from it
            continue
        if found.st_mode & stat.S_IWOTH:
            return f"everybody may write to {place}, but {WHY}: chmod -R o-w {folder}"
        own = found.st_uid == user and found.st_mode & stat.S_IWUSR
        shared = found.st_uid != user and found.st_gid in groups and found.st_mode & stat.S_IWGRP
        if user and (own or shared):
            return (
                f"the daemon's user, {_name(user)}, may write to {place}, but {WHY}: "
                f"chown -R root {folder}, or chmod -R a-w {folder}"
            )
    return ""


def _daemon(data: Path) -> int:
    """The daemon's user id: the owner of its data; where that is root or nobody, the user who runs this."""
    owner = data.stat().st_uid if data.is_dir() else 0
    return owner or os.geteuid()


def _groups(user: int) -> frozenset[int]:
    try:
        known = pwd.getpwuid(user)
    except KeyError:  # a number without a name, as containers have
        return frozenset([os.getegid(), *os.getgroups()]) if user == os.geteuid() else frozenset()
    return frozenset(os.getgrouplist(known.pw_name, known.pw_gid))


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
