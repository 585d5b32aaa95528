"""Builds the mailboxes and Maildirs to fetch from; what is wrong on this machine, or in another row, is reported.

A password is sent under TLS only, unless the server is this machine; no setting changes that.
"""

from __future__ import annotations

import ipaddress
import shlex
from pathlib import Path
from typing import Protocol

from sitmail.config.machinery import Imap, Maildir
from sitmail.config.mistakes import quoted
from sitmail.config.rows import Imap as ImapRow
from sitmail.config.settings import Settings
from sitmail.domain.address import comparable

PORTS = {"tls": 993, "starttls": 143, "none": 143}


class Builder(Protocol):
    """The part of `loading._Builder` that is used here: the folder for relative paths, secrets, mistakes."""

    base: Path

    def wrong(self, place: str, sentence: str) -> None: ...

    def secret(self, table: str, name: str) -> str: ...


def imap(build: Builder, settings: Settings) -> tuple[Imap, ...]:
    found = []
    seen: dict[tuple[str, str, str], int] = {}
    for i, row in enumerate(settings.imap):
        place = f"imap.{i}"
        one = _account(build, place, row)
        found.append(one)
        first = seen.setdefault((one.host.lower(), one.user, one.folder), i)
        if first != i:
            build.wrong(f"{place}.folder", f"{quoted(one.folder)} of this user is fetched by imap[{first}] already")
        if one.done_folder == one.folder:
            build.wrong(f"{place}.done_folder", "is the folder itself; mail would be moved in a circle")
        if one.security == "none" and not is_loopback(one.host):
            build.wrong(
                f"{place}.security", "none is for this machine alone, such as 127.0.0.1; expected tls or starttls"
            )
    return tuple(found)


def _account(build: Builder, place: str, row: ImapRow) -> Imap:
    password = row.password.get_secret_value() or build.secret(place, row.password_file)
    command: list[str] = []
    try:
        command = shlex.split(row.token_command)
    except ValueError:
        build.wrong(f"{place}.token_command", "expected a command with its quotes closed")
    if bool(password) == bool(row.token_command) and not row.password_file:
        build.wrong(f"{place}.password_file", "expected either a password or a token_command")
    if not row.user:
        build.wrong(f"{place}.user", "missing, but needed")
    return Imap(
        host=row.host,
        port=row.port or PORTS[row.security],
        security=row.security,
        user=row.user,
        password=password,
        token_command=tuple(command),
        folder=row.folder or "INBOX",
        done_folder=row.done_folder,
        first=row.first,
        address=comparable(row.address or row.user),
        recipients=tuple(row.recipients),
    )


def maildir(build: Builder, settings: Settings) -> tuple[Maildir, ...]:
    found = []
    seen: dict[Path, int] = {}
    for i, row in enumerate(settings.maildir):
        if not row.path or "\0" in row.path or "/" in row.done_folder:
            build.wrong(f"maildir.{i}.{'done_folder' if row.path else 'path'}", "expected the name of a folder")
            continue
        path = build.base / row.path
        first = seen.setdefault(path, i)
        if first != i:
            build.wrong(f"maildir.{i}.path", f"{quoted(row.path)} is already maildir[{first}]")
        found.append(Maildir(path, row.done_folder, comparable(row.address), tuple(row.recipients)))
    return tuple(found)


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
