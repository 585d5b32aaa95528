"""Where letters leave: what a relay is to the courier, the one that the settings name, and a Maildir for trying out.

One relay carries one letter at a time.  The SMTP client is in `relay_smtp`; when to try, and when again, is
decided by `courier`.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sitmail.sending.encode import address
from sitmail.sending.relay_smtp import Patience, SmtpRelay
from sitmail.sending.replies import Fate, Verdict

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Relay(Protocol):
    """What the courier needs to know of a relay."""

    async def send(self, sender: str, recipient: str, data: bytes) -> Verdict:
        """Hand over a letter in CRLF, dots unstuffed.  ValueError: it can never be sent as it is."""

    async def probe(self) -> str:
        """Go as far as possible without a letter: "" if all is well, else what is wrong."""

    async def close(self) -> None:
        """Say goodbye; the next `send` connects again."""


def open_relay(
    url: str,
    user: str = "",
    password: str = "",
    hostname: str = "localhost",
    *,
    tls: ssl.SSLContext | None = None,
    patience: Patience | None = None,
) -> Relay:
    """The relay of `[relay] url`; nothing is connected yet.  ValueError tells what is wrong with the settings.

    `hostname` is how we greet.  `tls` replaces the system's trust in certificates.
    """
    if url.startswith("maildir:"):
        folder = url.removeprefix("maildir:").removeprefix("//")
        if not folder:
            raise ValueError("write the folder behind maildir:, such as maildir:outgoing")
        return MaildirRelay(Path(unquote(folder)))
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is no relay; write smtp://, smtp+starttls:// or smtps:// and a host, or maildir:")
    if parts.username or parts.password:
        raise ValueError("user and password of the relay have keys of their own; leave them out of its url")
    if user and parts.scheme == "smtp":
        raise ValueError("a password is sent under TLS only; write smtp+starttls:// or smtps://")
    if not hostname.isascii() or not hostname.isprintable() or " " in hostname or not hostname:
        raise ValueError(f"{hostname!r} is no host name to greet with")
    return SmtpRelay(
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        security=parts.scheme,
        login=(user, password),
        hostname=hostname,
        tls=tls,
        patience=patience or Patience(),
    )


class MaildirRelay:
    """Letters as files of a Maildir, for trying out: each is whole and on disk before it is seen in `new`."""

    _serial = count()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, sender: str, recipient: str, data: bytes) -> Verdict:
        """See `Relay.send`."""
        envelope = f"Return-Path: <{address(sender)}>\nDelivered-To: {address(recipient)}\n".encode()
        try:
            name = await asyncio.to_thread(self._write, envelope + data.replace(b"\r\n", b"\n"))
        except OSError as trouble:
            return Verdict(Fate.DOWN, f"{self._folder}: {trouble.strerror or trouble}")
        return Verdict(Fate.SENT, name)

    async def probe(self) -> str:
        """See `Relay.probe`."""
        try:
            await asyncio.to_thread(self._make)
        except OSError as trouble:
            return f"{self._folder}: {trouble.strerror or trouble}"
        return "" if os.access(self._folder / "new", os.W_OK) else f"{self._folder}/new: not writable"

    async def close(self) -> None:
        """Nothing is kept open."""

    def _make(self) -> None:
        for part in ("tmp", "new", "cur"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)

    def _write(self, content: bytes) -> str:
        self._make()
        name = f"{time.time_ns():020d}.{os.getpid()}_{next(self._serial)}.sitmail"
        draft = self._folder / "tmp" / name
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / "new" / name)
        folder = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name
