"""The settings from which the daemon is built: listeners, relay, store, files.

Plain values, ready to use; nothing is read or checked here.  The part of the configuration on which decisions depend is
in `domain.policy`.
"""

from __future__ import annotations

from dataclasses import field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING

from sitmail.domain.record import record

if TYPE_CHECKING:  # a program that only looks for the daemon's socket need not import the domain
    from sitmail.domain.directory import Directory
    from sitmail.domain.policy import Policy

Network = IPv4Network | IPv6Network


@record
class Listener:
    """Where a door listens: a TCP port of a host, or a Unix socket if `path` is not empty.  Port 0 is any free one.

    `tls`: TLS from the first byte (RFC 8314), on TCP only.
    """

    host: str = ""
    port: int = 0
    path: str = ""
    tls: bool = False

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        shown = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        return f"tls:{shown}" if self.tls else shown


@record
class Smtp:
    """The SMTP door.  `max_message_size` is in bytes.  Without a certificate there is no STARTTLS.

    `tls_key` None: key and certificate are in one file.  `passwords` None: nobody can log in.  `proxy_from`: networks
    whose connections begin with a PROXY header.
    """

    listen: tuple[Listener, ...]
    hostname: str
    max_message_size: int
    tls_cert: Path | None
    tls_key: Path | None
    max_connections: int
    max_connections_per_client: int
    proxy_from: tuple[Network, ...]
    passwords: Path | None


@record
class Lmtp:
    """The LMTP door.  `spool`: where `sitmail deliver` keeps mail while no daemon answers."""

    listen: tuple[Listener, ...]
    spool: Path


@record
class Relay:
    """The one host that takes our mail.  `scheme`: smtp smtps smtp+starttls maildir; `folder` only with maildir.

    `url` never holds a password and may be shown.
    """

    url: str
    scheme: str
    host: str
    port: int
    folder: Path | None
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Relay({self.url!r}, user={self.user!r})"


@record
class Imap:
    """A mailbox to fetch from.

    `address`: the address of ours to which a mail counts as sent if no field in `recipients` names one.
    """

    host: str
    port: int
    security: str  # tls starttls none
    user: str
    password: str = field(repr=False)
    token_command: tuple[str, ...]
    folder: str
    done_folder: str
    first: str  # new, unseen, all, or a date as in RFC 3339
    address: str
    recipients: tuple[str, ...]


@record
class Maildir:
    """A Maildir to take mail from."""

    path: Path
    done_folder: str
    address: str
    recipients: tuple[str, ...]


@record
class StoreSettings:
    """The store.  `url` is for SQLAlchemy; a SQLite path is absolute.  `blobs` None: they are in the database."""

    url: str
    blobs: Path | None

    def __repr__(self) -> str:
        return f"StoreSettings({self.url.partition(':')[0]!r})"


@record
class Metrics:
    """Where metrics for Prometheus are offered; both None: nowhere."""

    listen: Listener | None
    textfile: Path | None

    @property
    def wanted(self) -> bool:
        return self.listen is not None or self.textfile is not None


@record
class Config:
    """One consistent snapshot.  `data` is the folder of key file, lock, sockets of ours and spool.

    `templates`: the admin's own folders, looked into before the built-in one.  `warnings`: lines that `check` shows.
    """

    path: Path | None
    policy: Policy
    directory: Directory
    warnings: tuple[str, ...]
    data: Path
    store: StoreSettings
    smtp: Smtp
    lmtp: Lmtp
    imap: tuple[Imap, ...]
    maildir: tuple[Maildir, ...]
    relay: Relay
    metrics: Metrics
    key_file: Path
    templates: tuple[Path, ...]
    html: bool = True  # letters have a page beside their text
