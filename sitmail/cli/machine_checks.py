"""The checks of `sitmail check` on this machine, as the user who runs it: folders, sockets, ports, certificates.

Nothing is written, and no other machine is contacted (that is done by `--connect`).
"""

from __future__ import annotations

import os
import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sitmail.config import Config, Listener
from sitmail.daemon.ports import why_not_bound
from sitmail.daemon.socket_path import reachable

SOCKET_WAIT = 2.0  # seconds for an answer on a Unix socket


def mistakes(settings: Config) -> list[str]:
    """A sentence for each thing on this machine that would keep the desk from starting or from taking mail."""
    found = [*_folders(settings), *_certificate(settings)]
    if not daemon_runs(settings):  # a running daemon has the ports already
        found += _doors(settings)
    return found


def warnings(settings: Config) -> list[str]:
    """A sentence for each thing that will soon keep mail out, or that this user cannot see."""
    return [*_another_user(settings), *_expired(settings)]


def _another_user(settings: Config) -> Iterator[str]:
    """Root may write everywhere, so that a check by root says nothing about the user whom the data belong to."""
    place = existing(settings.data)
    owner = place.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        yield (
            f"store.url: {place} belongs to {_user(owner)}, but this is root, who may write everywhere: "
            f"run sitmail check as {_user(owner)}, too"
        )


def _expired(settings: Config) -> list[str]:
    cert = settings.smtp.tls_cert
    if cert is None:
        return []
    from asn1crypto import pem, x509  # noqa: PLC0415 - where there is a certificate at all

    try:
        _, _, der = pem.unarmor(cert.read_bytes())
        moment: datetime = x509.Certificate.load(der).not_valid_after
    except (OSError, ValueError):
        return []  # reported by `mistakes`
    if moment > datetime.now(UTC):
        return []
    return [f"smtp.tls_cert: {cert} expired on {moment:%Y-%m-%d}: renew it, then systemctl reload sitmail"]


def daemon_runs(settings: Config) -> bool:
    """Whether a daemon of this desk answers on its control socket."""
    try:
        with reachable(settings.data / "control.sock") as name, socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(SOCKET_WAIT)
            probe.connect(name)
    except OSError:
        return False
    return True


def _folders(settings: Config) -> Iterator[str]:
    """Folders that the desk writes to, and files in them that it must be able to change."""
    wanted = {"store.url": settings.data, "lmtp.spool": settings.lmtp.spool}
    if settings.store.blobs is not None:
        wanted["store.blobs"] = settings.store.blobs
    if settings.relay.folder is not None:
        wanted["relay.url"] = settings.relay.folder
    if settings.metrics.textfile is not None:
        wanted["metrics.textfile"] = settings.metrics.textfile.parent
    told: set[Path] = set()
    for key, folder in wanted.items():
        place = existing(folder)
        if place not in told and not os.access(place, os.W_OK | os.X_OK):
            told.add(place)
            yield f"{key}: {_user()} may not write in {place}: chown it, or name another folder"
    files = [settings.key_file]
    if settings.store.url.startswith("sqlite:///"):
        files.append(Path(settings.store.url.removeprefix("sqlite:///")))
    for file in files:
        if _is_file(file) and not os.access(file, os.R_OK | os.W_OK):
            yield f"{file} belongs to somebody else: {_user()} may not read and write it"


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    for place in (folder, *folder.parents):
        try:
            if place.exists():
                return place
        except PermissionError:
            continue
    return folder


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:
        return False


def _user(number: int | None = None) -> str:
    """A user by name where there is one; by default the one who runs this."""
    import pwd  # noqa: PLC0415 - for a sentence alone

    number = os.geteuid() if number is None else number
    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"user {number}"


def _certificate(settings: Config) -> Iterator[str]:
    cert, key = settings.smtp.tls_cert, settings.smtp.tls_key
    if cert is None:
        return
    for name, path in (("tls_cert", cert), ("tls_key", key)):
        if path is not None and not os.access(path, os.R_OK):
            yield f"smtp.{name}: {_user()} may not read {path}"
            return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            yield f"smtp.tls_key: {key or cert} is not the key of the certificate {cert}"
        else:
            held = f"{cert} and {key} hold" if key else f"{cert} holds"
            yield f"smtp.tls_cert: {held} no certificate with its key in PEM format"
    except OSError as error:
        yield f"smtp.tls_cert: {cert} cannot be read: {error.strerror}"


def _doors(settings: Config) -> Iterator[str]:
    places = [("smtp.listen", one) for one in settings.smtp.listen]
    places += [("lmtp.listen", one) for one in settings.lmtp.listen]
    if settings.metrics.listen is not None:
        places.append(("metrics.listen", settings.metrics.listen))
    seen: dict[str, str] = {}
    for key, place in places:
        first = seen.setdefault(str(place).removeprefix("tls:"), key)
        if first != key and (place.path or place.port):
            yield f"{key}: {place} is also in {first}"
            continue
        wrong = _unix_socket(place) if place.path else _port(place)
        if wrong:
            yield f"{key}: {wrong}"


def _unix_socket(place: Listener) -> str:
    path = Path(place.path)
    if len(os.fsencode(path)) > 107:  # sun_path in unix(7)
        return f"the path of the socket {path} is longer than 107 bytes"
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        folder = path.parent
        if not folder.is_dir():
            return f"there is no folder {folder} for the socket {path.name}"
        return "" if os.access(folder, os.W_OK) else f"{_user()} may not make a socket in {folder}"
    except OSError as error:
        return f"{path}: {error.strerror}"
    return "" if stat.S_ISSOCK(mode) else f"{path} is there and is no socket"


def _port(place: Listener) -> str:
    """A sentence if the port cannot be bound.  Ports that systemd opens for the desk are not in `listen`."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            place.host.replace("*", "") or None, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return f"{place.host} is no name or address of this machine"
    except OSError as error:
        return why_not_bound(error, str(place))
    return ""
