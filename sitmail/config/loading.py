"""Loads the configuration from a path: reads the file, applies overrides, checks everything, builds one snapshot.

All mistakes, in types and in names, are reported together.  Only a file that cannot be read, or is not TOML, hides the
others.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import ValidationError

from sitmail.config import (
    contradictions,
    directory_files,
    environment,
    files,
    letters_folder,
    ownership,
    patterns,
    reachable_targets,
    references,
    sources,
)
from sitmail.config.machinery import Config, Listener, Lmtp, Metrics, Relay, Smtp, StoreSettings
from sitmail.config.mistakes import ConfigError, mistake, quoted
from sitmail.config.policy import policy_of
from sitmail.config.pydantic_errors import sentences
from sitmail.config.settings import Settings
from sitmail.config.tables import Letters
from sitmail.domain.directory import Directory

HOST = re.compile(r"[A-Za-z0-9._-]*|\[[A-Za-z0-9.:]+\]", re.ASCII)
LONGEST_NAME = 1024  # characters of a file's name
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
RELAY = re.compile(
    r"(?:smtp|smtps|smtp\+starttls)://(?:[!-~]*@)?(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d+)?/?", re.ASCII
)


def read(path: Path, environ: Mapping[str, str], with_directory: bool) -> Config:
    """Raises ConfigError with all mistakes found."""
    data = files.toml_of(path, files.text_of(path))
    return judged(path, data, environ, files.exposed(path, data), with_directory)


def built_in() -> Config:
    """The configuration of an empty file, for reading a mail without a desk."""
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
        lines += contradictions.mistakes(file, settings)
        lines += contradictions.answer_mistakes(file, settings)
        if with_directory:
            found = directory_files.read(base, file, settings.directory.files, known, ownership.desk_addresses(data))
            declared, told, idle_rows = found
            lines += told
    if lines or not settings:
        raise ConfigError(dict.fromkeys(lines))
    references_of = {site.id: patterns.words(site.reference) for site in declared.sites if site.reference}
    policy = replace(policy_of(settings, _digest(data)), references=references_of)
    now = datetime.now(UTC)
    lines = reachable_targets.endless(file, settings, policy, declared, now)
    lines += contradictions.queue_mistakes(file, settings, policy, now)
    lines += contradictions.directory_mistakes(declared, policy)
    if lines:
        raise ConfigError(lines)
    data_folder = files.folder_for(settings.store.url, base)
    return Config(
        path=path,
        policy=policy,
        directory=declared,
        warnings=(
            *layers.warnings,
            *contradictions.warnings(file, settings, path),
            *reachable_targets.out_of_order(file, settings, policy),
            *contradictions.directory_warnings(declared, policy),
            *idle_rows,
        ),
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
        html=settings.letters.html,
    )


class _Builder:
    """Builds the machinery from settings; collects in `lines` what is wrong on this machine, such as missing files."""

    def __init__(self, file: str, base: Path, environ: Mapping[str, str], lines: list[str]) -> None:
        self.file, self.base, self.environ, self.lines = file, base, environ, lines

    def wrong(self, place: str, sentence: str) -> None:
        """Adds a mistake.  `place` is written as in "imap.0.user"."""
        steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))
        self.lines.append(mistake(self.file, steps, sentence))

    def templates(self, settings: Settings) -> tuple[Path, ...]:
        """The admin's folder of letters, if there is one."""
        folder = self.base / settings.letters.folder
        if not folder.is_dir():
            if settings.letters.folder != Letters().folder:
                self.wrong("letters.folder", f"{quoted(settings.letters.folder)}: there is no such folder")
            return ()
        if sentence := letters_folder.exposed(folder, files.folder_for(settings.store.url, self.base)):
            self.wrong("letters.folder", sentence)
        return (folder,)

    def listener(self, door: Listener) -> Listener:
        return Listener(path=str(self.base / door.path)) if door.path else door

    def file_named(self, place: str, name: str, *, secret: bool = False) -> Path | None:
        """The file of that name.  `secret`: the name is not printed, since the secret itself may have been written."""
        if not name:
            return None
        path = self.base / name
        if len(name) > LONGEST_NAME or not name.isprintable():
            self.wrong(place, "expected the name of a file, not what stands in it")
            return None
        if not path.is_file():
            self.wrong(place, "there is no such file" if secret else f"there is no file {quoted(name)}")
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
            tls_key=self.file_named("smtp.tls_key", smtp.tls_key, secret=True),
            max_connections=smtp.max_connections,
            max_connections_per_client=smtp.max_connections_per_client,
            proxy_from=tuple(smtp.proxy_from),
            passwords=self.passwords(settings),
        )

    def passwords(self, settings: Settings) -> Path | None:
        """The file of names and hashes.  It may be missing; else it must be valid, and not readable by others."""
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
            found = f", not {quoted(relay.url)}" if ":" in relay.url else ""  # without a colon it may be a password
            self.wrong("relay.url", f"{expected}{found}")
        user = relay.user or unquote(parts.username or "")
        written = relay.password.get_secret_value() or unquote(parts.password or "")
        password = written or self.secret("relay", relay.password_file)
        if password and not user:
            self.wrong("relay.user", "missing, but needed beside a password")
        if user and not password and not relay.password_file:
            self.wrong("relay.password_file", "missing, but needed beside a user")
        if user and parts.scheme == "smtp":
            self.wrong("relay.url", "a login is sent under TLS only; write smtp+starttls:// or smtps://")
        shown = f"[{host}]" if ":" in host else host
        return Relay(f"{parts.scheme}://{shown}:{port}", parts.scheme, host, port, None, user, password)

    def secret(self, table: str, name: str) -> str:
        """The text of a password_file, "" without one."""
        path = self.file_named(f"{table}.password_file", name, secret=True)
        try:
            return path.read_text("utf-8").rstrip("\r\n") if path and path.is_file() else ""
        except (OSError, ValueError):
            self.wrong(f"{table}.password_file", "the file cannot be read")
            return ""


def _digest(data: dict[str, Any]) -> str:
    """A hash of the configuration without comments, layout and secrets, in 12 hex digits."""
    spelled: Callable[[object], str] = str
    text = json.dumps(_shown(data), sort_keys=True, default=spelled)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items() if name != "password"}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return hex(value) if isinstance(value, int) else value  # Python refuses to write huge numbers in decimal
