"""From a path to one checked snapshot: read, lay over, judge everything in one go, build.

The order matters: what is wrong in types and what is wrong in names is told together; only a file that cannot be
read, or is no TOML, hides the rest.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import ValidationError

from sitmail.config import (
    directory_files,
    environment,
    files,
    letters_folder,
    ownership,
    reachable_targets,
    references,
    sources,
)
from sitmail.config.machinery import Config, Listener, Lmtp, Metrics, Relay, Smtp, StoreSettings
from sitmail.config.mistakes import ConfigError, idle, mistake, quoted
from sitmail.config.policy import policy_of
from sitmail.config.pydantic_errors import sentences
from sitmail.config.settings import Settings, without_effect
from sitmail.config.tables import Letters
from sitmail.domain.directory import Directory

HOST = re.compile(r"[A-Za-z0-9._-]*|\[[A-Za-z0-9.:]+\]", re.ASCII)
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
RELAY = re.compile(
    r"(?:smtp|smtps|smtp\+starttls)://(?:[!-~]*@)?(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d+)?/?", re.ASCII
)


def read(path: Path, environ: Mapping[str, str], with_directory: bool) -> Config:
    """Raises ConfigError with all mistakes found."""
    data = files.toml_of(path, files.text_of(path))
    return judged(path, data, environ, files.exposed(path, data), with_directory)


def built_in() -> Config:
    """What an empty file would mean, for reading a mail without any desk."""
    data: dict[str, Any] = {"desk": {"address": "support@localhost"}, "directory": {"files": []}}
    return judged(None, data, {}, [], False)


def judged(
    path: Path | None, data: dict[str, Any], environ: Mapping[str, str], lines: list[str], with_directory: bool
) -> Config:
    file = path.name if path else "built-in"
    base = (path or Path("config.toml")).absolute().parent
    layers = environment.Layers(data, environ)
    settings, wrong = None, []
    try:
        settings = Settings(*layers.sources)
    except ValidationError as error:
        wrong = sentences(file, error, layers.overrides)
    data = layers.whole
    known = references.names(data)
    lines = [*lines, *layers.mistakes, *wrong]
    lines += references.dangling(file, data, known) + references.doubled(file, data)
    lines += ownership.shared(file, data) + ownership.too_long(file, data)
    declared = Directory()
    idle_rows: list[str] = []
    if settings:
        build = _Builder(file, base, environ, lines)
        store, smtp, relay = build.store(settings), build.smtp(settings), build.relay(settings)
        imap, maildir = sources.imap(build, settings), sources.maildir(build, settings)
        templates = build.templates(settings) if path else ()
        lines += [*_senseless(file, settings)]
        if with_directory:
            found = directory_files.read(base, file, settings.directory.files, known, ownership.desk_addresses(data))
            declared, told, idle_rows = found
            lines += told
    if lines or not settings:
        raise ConfigError(dict.fromkeys(lines))
    policy = policy_of(settings, _digest(data))
    if lines := reachable_targets.endless(file, settings, policy, declared, datetime.now(UTC)):
        raise ConfigError(lines)
    data_folder = files.folder_for(settings.store.url, base)
    return Config(
        path=path,
        policy=policy,
        directory=declared,
        warnings=(*layers.warnings, *_warnings(file, settings, path), *idle_rows),
        data=data_folder,
        store=store,
        smtp=smtp,
        lmtp=build.lmtp(settings, data_folder),
        imap=imap,
        maildir=maildir,
        relay=relay,
        metrics=build.metrics(settings),
        key_file=data_folder / "sitmail.key",
        templates=templates,
    )


class _Builder:
    """Machinery out of settings; collects in `lines` what the machine or the file system contradicts."""

    def __init__(self, file: str, base: Path, environ: Mapping[str, str], lines: list[str]) -> None:
        self.file, self.base, self.environ, self.lines = file, base, environ, lines

    def wrong(self, place: str, sentence: str) -> None:
        """`place` as in "imap.0.user"."""
        steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))
        self.lines.append(mistake(self.file, steps, sentence))

    def templates(self, settings: Settings) -> tuple[Path, ...]:
        """The admin's folder of letters, if there is one."""
        folder = self.base / settings.letters.folder
        if not folder.is_dir():
            if settings.letters != Letters():
                self.wrong("letters.folder", f"{quoted(settings.letters.folder)}: there is no such folder")
            return ()
        if sentence := letters_folder.exposed(folder, files.folder_for(settings.store.url, self.base)):
            self.wrong("letters.folder", sentence)
        return (folder,)

    def listener(self, door: Listener) -> Listener:
        return Listener(path=str(self.base / door.path)) if door.path else door

    def file_named(self, place: str, name: str) -> Path | None:
        if not name:
            return None
        path = self.base / name
        if "\0" in name or not path.is_file():
            self.wrong(place, f"there is no file {quoted(name)}")
        return path

    def smtp(self, settings: Settings) -> Smtp:
        smtp = settings.smtp
        if smtp.tls_key and not smtp.tls_cert:
            self.wrong("smtp.tls_key", "needs tls_cert beside it")
        if any(door.tls for door in smtp.listen) and not smtp.tls_cert:
            self.wrong("smtp.listen", '"tls:" needs tls_cert')
        if not HOST.fullmatch(smtp.hostname):
            self.wrong(
                "smtp.hostname",
                f'expected the name of this machine, such as "mail.example.com", not {quoted(smtp.hostname)}',
            )
        return Smtp(
            listen=tuple(self.listener(door) for door in smtp.listen),
            hostname=smtp.hostname or socket.gethostname(),
            max_message_size=smtp.max_message_size,
            tls_cert=self.file_named("smtp.tls_cert", smtp.tls_cert),
            tls_key=self.file_named("smtp.tls_key", smtp.tls_key),
            max_connections=smtp.max_connections,
            max_connections_per_client=smtp.max_connections_per_client,
            proxy_from=tuple(smtp.proxy_from),
            passwords=self.passwords(settings),
        )

    def passwords(self, settings: Settings) -> Path | None:
        """The file of names and hashes; it need not be there yet, but if it is it must be right and nobody else's."""
        smtp = settings.smtp
        if not smtp.passwords:
            return None
        path = self.base / smtp.passwords
        if "\0" in smtp.passwords or path.is_dir():
            self.wrong("smtp.passwords", f"{quoted(smtp.passwords)} is no name of a file")
        elif path.exists():
            from sitmail.receiving.passwords import PasswordFileError, read  # noqa: PLC0415 - where people log in at all

            try:
                read(path)
            except PasswordFileError as error:
                self.wrong("smtp.passwords", str(error))
        return path

    def lmtp(self, settings: Settings, data: Path) -> Lmtp:
        lmtp = settings.lmtp
        listen = tuple(self.listener(door) for door in lmtp.listen)
        beside = next((Path(door.path).parent for door in listen if door.path), data) / "deliver"
        return Lmtp(listen, self.base / lmtp.spool if lmtp.spool else beside)

    def metrics(self, settings: Settings) -> Metrics:
        textfile = settings.metrics.textfile
        return Metrics(listen=settings.metrics.listen, textfile=self.base / textfile if textfile else None)

    def store(self, settings: Settings) -> StoreSettings:
        """SQLite with its absolute path; PostgreSQL as written."""
        url, blobs = settings.store.url, settings.store.blobs
        path = files.sqlite_file(url, self.base)
        if path and not set(url) & set("?#\0") and path.name:
            url = f"sqlite:///{path}"
        elif not re.fullmatch(r"postgresql\+psycopg://\S+", url):
            expected = 'expected "sqlite:///file" or "postgresql+psycopg://user@host/name"'
            self.wrong("store.url", f"{expected}, not {quoted(url)}")
        return StoreSettings(url, None if blobs == "database" else self.base / (blobs or "blobs"))

    def relay(self, settings: Settings) -> Relay:
        relay = settings.relay
        if relay.url.startswith("maildir:") and len(relay.url) > 8 and "\0" not in unquote(relay.url):
            folder = self.base / unquote(relay.url.removeprefix("maildir:").removeprefix("//"))
            return Relay(f"maildir:{quote(str(folder))}", "maildir", "", 0, folder, "", "")
        try:
            parts = urlsplit(relay.url)
            host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            host, port, parts = "", 0, urlsplit("")
        if not host or not port or not RELAY.fullmatch(relay.url):
            expected = 'expected smtp://, smtps:// or smtp+starttls:// and host[:port], or "maildir:folder"'
            self.wrong("relay.url", f"{expected}, not {quoted(relay.url)}")
        user = relay.user or unquote(parts.username or "")
        written = relay.password.get_secret_value() or unquote(parts.password or "")
        password = written or self.secret("relay", relay.password_file)
        if password and not user:
            self.wrong("relay.user", "missing, but needed beside a password")
        if user and parts.scheme == "smtp":
            self.wrong("relay.url", "a login is sent under TLS only; write smtp+starttls:// or smtps://")
        shown = f"[{host}]" if ":" in host else host
        return Relay(f"{parts.scheme}://{shown}:{port}", parts.scheme, host, port, None, user, password)

    def secret(self, table: str, name: str) -> str:
        """The text of a password_file, "" without one."""
        path = self.file_named(f"{table}.password_file", name)
        try:
            return path.read_text("utf-8").rstrip("\r\n") if path and path.is_file() else ""
        except (OSError, ValueError):
            self.wrong(f"{table}.password_file", f"{quoted(name)} cannot be read")
            return ""


def _senseless(file: str, settings: Settings) -> list[str]:
    """Rows that are right in every key and yet mean nothing."""
    lines = []
    for i, calendar in enumerate(settings.calendar):
        if not any(getattr(calendar.week, day) for day in type(calendar.week).model_fields):
            lines.append(f"{file}: calendar[{i}].week: no day is open, so nothing would ever be due")
    for i, route in enumerate(settings.route):
        if not route.owner and not route.team:
            lines.append(f"{file}: route[{i}]: leads nowhere; it needs owner or team")
    return lines


def _warnings(file: str, settings: Settings, path: Path | None) -> tuple[str, ...]:
    lines = [idle(file, place) for place in dict.fromkeys(without_effect(settings))]
    if max(settings.trust.authserv_hops) > 0 and not settings.trust.authserv_strips:
        lines.append(f"{file}: trust.authserv_hops: above 0 nothing is believed without authserv_strips = true")
    if settings.smtp.passwords and not settings.smtp.tls_cert:
        lines.append(f"{file}: smtp.passwords: nobody can log in without tls_cert: passwords are taken under TLS only")
    if path and not settings.engineer:
        lines.append(f"{file}: there is no [[engineer]], so nobody is told of new incidents")
    return tuple(lines)


def _digest(data: dict[str, Any]) -> str:
    """What was configured, apart from comments, layout and secrets, in 12 hex digits."""
    spelled: Callable[[object], str] = str
    text = json.dumps(_shown(data), sort_keys=True, default=spelled)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items() if name != "password"}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return hex(value) if isinstance(value, int) else value  # Python refuses to write huge ones in decimal
