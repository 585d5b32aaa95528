"""Finds and reads the configuration file.  Everything that may go wrong with a file becomes a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sitmail.config.mistakes import ConfigError

try:  # the standard library's parser, compiled: 100,000 contacts take one second instead of four
    from tomli import loads
except ImportError:  # it has no wheel for this platform
    from tomllib import loads

CREDENTIALS = ("relay.user", "relay.password", "store.url")  # systemd credentials, named after their keys
SYSTEM = Path("/etc/sitmail/config.toml")
PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|(end of document))\)$")
TWICE = re.compile(r"Cannot (?:declare|overwrite) \((.*)\) twice|Cannot mutate immutable namespace \((.*)\)")
HEADER = re.compile(r"\s*\[\[\s*([\w.-]+)")
CURLY = re.compile("[\u2018-\u201f\u00ab\u00bb]")
# What TOML's parser says, and what to do.
ADVICE = {
    "Invalid value": 'no value; a text stands in quotes, such as "text", and true and false are written so',
    "Illegal character '\\n'": "the text is not closed on its line; its last quotation mark is missing",
    "Unterminated string": "the text is not closed; its last quotation mark is missing",
    "Unclosed array": "the list is not closed; its ] is missing",
    "Cannot overwrite a value": "this key stands twice in its table; keep one",
    "Expected '=' after a key in a key/value pair": 'expected = behind the key, such as name = "Support"',
    "Expected newline or end of document after a statement": "expected nothing more on this line",
    "Unescaped '\\' in a string": "write \\\\ for \\, or put the text in single quotes: 'text'",
}
LOGIN = re.compile(r"//[^/@:]*:.+@")


def find(explicit: str | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: `--config`, $SITMAIL_CONFIG, ./config.toml, /etc/sitmail/config.toml; None if there is none.

    A file that was named is returned even if it does not exist, so that reading it reports its absence.
    """
    named = explicit or environ.get("SITMAIL_CONFIG")
    if named:
        return Path(named)
    if _is_there(Path("config.toml"), unknown=False):  # in a folder that is closed to this user there is none for him
        return Path("config.toml")
    return SYSTEM if _is_there(SYSTEM, unknown=True) else None  # reading it reports why it cannot be read


def _is_there(path: Path, unknown: bool) -> bool:
    """Whether the file exists; `unknown` if this user may not look."""
    try:
        return path.is_file()
    except PermissionError:
        return unknown


def text_of(path: Path) -> str:
    """The file's text.  Raises ConfigError if it is missing, a folder, not readable or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path.name}: line {line}: not UTF-8; save the file in this encoding"]) from None
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file"]) from None
    except IsADirectoryError:
        raise ConfigError([f"{path}: is a folder; expected a file"]) from None
    except PermissionError:
        raise ConfigError([f"{path}: may not be read by this user"]) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a name of a file"
        raise ConfigError([f"{ascii(str(path))[1:-1]}: cannot be read: {why}"]) from None


def parsed(text: str) -> dict[str, Any]:
    """TOML as plain values.  Raises ValueError or RecursionError."""
    return loads(text)


def toml_of(path: Path, text: str) -> dict[str, Any]:
    """TOML as plain values.  Raises ConfigError with line and column."""
    try:
        return parsed(text)
    except ValueError as error:
        sentence, where, line = str(error), "", ""
        if match := PLACE.search(sentence):
            sentence = sentence[: match.start()]
            where = f"line {match[1]}, column {match[2]}: " if match[1] else "at its end: "
            line = text.split("\n")[int(match[1]) - 1] if match[1] else ""
        sentence = _in_our_words(sentence, line)
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in sentence)[:200]
        raise ConfigError([f"{path.name}: {where}{shown}"]) from None
    except RecursionError:
        raise ConfigError([f"{path.name}: lists or tables stand too deep in each other"]) from None


def _in_our_words(sentence: str, line: str) -> str:
    """What is wrong with a line: our own sentence with advice if the case is known, else the parser's."""
    if curly := CURLY.search(line):
        return f'{curly[0]} is a typographic quotation mark; write straight ones: "'
    if twice := TWICE.fullmatch(sentence):
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return f"[{name}] stands twice; a table of which there are several is written [[{name}]]"
    if sentence == "Cannot overwrite a value" and (header := HEADER.match(line)):
        return f"[[{header[1]}]] stands beside [{header[1]}]; write all of them as [[{header[1]}]]"
    return ADVICE.get(sentence, sentence)


def secrets_in(data: Mapping[str, Any]) -> list[str]:
    """The places of secrets that are in the file itself."""
    relay, store, imap = data.get("relay"), data.get("store"), data.get("imap")
    found = []
    for place, table in [
        ("relay", relay),
        *((f"imap[{i}]", row) for i, row in enumerate(imap if isinstance(imap, list) else [])),
    ]:
        if isinstance(table, dict) and table.get("password"):
            found.append(f"{place}.password")
    for place, table in (("relay", relay), ("store", store)):
        url = table.get("url") if isinstance(table, dict) else None
        if isinstance(url, str) and (LOGIN.search(url) or "password=" in url):
            found.append(f"{place}.url")
    return found


def exposed(path: Path, data: Mapping[str, Any]) -> list[str]:
    """A warning if everybody on the machine may read a secret in this file (behaviour 5), else nothing."""
    secrets = secrets_in(data)
    if not secrets or not path.stat().st_mode & 0o004:
        return []
    return [
        f"{path.name}: {', '.join(secrets)}: everybody may read this secret; "
        f"chmod 640 {path.name}, or keep it in a file of its own (password_file)"
    ]


def data_folder(path: Path, environ: Mapping[str, str]) -> Path:
    """The folder of the daemon's data, without checking the configuration, for clients that only need its socket.

    It is the SQLite file's folder, else the configuration's.  Raises ConfigError if the file cannot be read.
    """
    store = toml_of(path, text_of(path)).get("store")
    written = store.get("url") if isinstance(store, dict) else None
    url = environ.get("SITMAIL_STORE__URL") or _credential_of_store(environ) or written
    return folder_for(str(url or "sqlite:///sitmail.db"), path.absolute().parent)


def _credential_of_store(environ: Mapping[str, str]) -> str:
    """The store's url from a credential, or "".  One that cannot be read is reported by `loading`, not here."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    try:
        return (credential(Path(folder), "store.url") or "") if folder else ""
    except (OSError, ValueError):
        return ""


def credential(folder: Path, name: str) -> str | None:
    """A systemd credential without the line end that editors add, or None.  OSError, ValueError: it cannot be read."""
    try:
        return (folder / name).read_text("utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return None


def folder_for(url: str, base: Path) -> Path:
    """The data folder for a store's url; paths in it are relative to the folder `base`."""
    file = sqlite_file(url, base)
    return file.parent if file else base


def sqlite_file(url: str, base: Path) -> Path | None:
    """The absolute path in a sqlite url, or None for any other url."""
    return base / url.removeprefix("sqlite:///") if url.startswith("sqlite:///") and len(url) > 10 else None
