"""config.example.toml, an example of a directory file, and the reference page, made from the declarations.

Run as a module it writes the two files that are kept in the source tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sitmail.config.directory_keys import NEEDED, TABLES
from sitmail.config.settings import Settings, bare, is_list, later, table_of

# The keys that a new desk needs; all others are commented out, with their defaults.
MINIMAL = frozenset({"desk", "desk.address", "desk.morning", "relay", "relay.url"}) | {
    f"engineer{key}" for key in ("", ".id", ".name", ".addresses")
}
WIDTH = 44
LONGEST = 120
IDLE = "no effect yet"
HEAD = """\
# The configuration of sitmail.  `sitmail check` reads it and says what is wrong, `sitmail run` starts the desk.
#
# What has no # in front is enough to begin with.  The rest shows every key there is, with its default where it has
# one: take the # away to change it.  Durations are written 90s 30m 2h 3d 1w, sizes 50 MB, hours 09:00-17:30.
# Relative paths begin at this file.  A variable such as SITMAIL_RELAY__URL has precedence over the file.
"""
DIRECTORY_HEAD = """\
# The directory: the sites, contacts, contracts and units that the desk serves.  Take the # away and write your own;
# every table may stand as often as needed, in as many files as [directory] of config.toml names.
"""
PAGE = """\
# Configuration

Made from the declarations in `sitmail/config`; do not edit.

The file is TOML: the one `--config` names, else `$SITMAIL_CONFIG`, `./config.toml` or `/etc/sitmail/config.toml`.
The only key you have to write is `address` in `[desk]`. Relative paths begin at the file's folder.

- Mistakes are told all at once, one a line, with the place: `config.toml: engineer[2].teams: no team 'suport' (did you
  mean 'support'?)`. Rows are counted from 0, so `engineer[2]` is the third `[[engineer]]`. `sitmail check` and `sitmail
  run` then end with 78; a running desk that is told to reload keeps what it had.
- Every key can be overridden by a variable: `SITMAIL_RELAY__URL`, `SITMAIL_ENGINEER__0__NAME`. Its text is taken as it
  stands or, where a number, truth, list or table belongs, as TOML; a list may also be words between commas.
- Secrets belong in files of their own (`password_file`), or in systemd's credentials `relay.user`, `relay.password` and
  `store.url`. A configuration that holds a secret and may be read by everybody is refused.
- The SQLite file's folder (with PostgreSQL: this file's) also holds key file, lock, sockets and spool.
- A folder `templates` beside the file holds your own wording of letters; neither others nor the daemon's user may write
  to it.
- Durations: `90s` `30m` `2h` `3d` `1w`, also together: `1w 2d`. In working time a day is as long as the calendar's
  working day. Sizes: a number of bytes, or `50 MB` (1000) and `50 MiB` (1024). Hours: `09:00-17:30`, up to
  `24:00`. Dates: `2026-12-25`.
- *No effect yet* means: understood and checked, but nothing happens yet; `sitmail check` names such keys.
"""


def example(written: Mapping[str, Any] = {}) -> str:
    """The text of config.example.toml; keys in `written` ("store.url") stand without a mark, with that value."""
    blocks = [HEAD, *(_block(name, field, written) for name, field in Settings.model_fields.items())]
    return "\n".join(blocks)


# Where a desk under systemd may write: StateDirectory= and RuntimeDirectory= of sitmail.service.
UNDER_SYSTEMD: Mapping[str, Any] = {
    "store.url": "sqlite:////var/lib/sitmail/sitmail.db",
    "store.blobs": "/var/lib/sitmail/blobs",
    "lmtp.listen": ["unix:/run/sitmail/lmtp.sock", "127.0.0.1:8024"],
    "lmtp.spool": "/var/lib/sitmail/deliver",
}


def directory_example() -> str:
    """A directory file in which everything is commented out, so that it declares nothing."""
    blocks = [DIRECTORY_HEAD]
    for table, keys in TABLES.items():
        rows = [_line("#", name, key.example, key.meaning + _idle(key.later)) for name, key in keys.items()]
        blocks.append("\n".join([f"#[[{table}]]", *rows]) + "\n")
    return "\n".join(blocks)


def reference() -> str:
    """The text of docs/reference/configuration.md."""
    parts = [PAGE]
    for name, field in Settings.model_fields.items():
        parts += _sections(name, field)
    parts.append("# Directory files\n\nTOML files named by `files` in `[directory]`.\n")
    for table, keys in TABLES.items():
        rows = [
            f"| `{name}` | {'needed' if name in NEEDED[table] else ''} | {key.meaning}{_idle(key.later)} |"
            for name, key in keys.items()
        ]
        parts.append("\n".join([f"## [[{table}]]\n", "| key | | meaning |", "|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _block(path: str, field: FieldInfo, written: Mapping[str, Any]) -> str:
    """One table of the example with all its keys, and the tables inside it."""
    model = model_of(field)
    mark = "" if path in MINIMAL or any(key.startswith(f"{path}.") for key in written) else "#"
    note = f"  ({IDLE})" if later(field) else ""
    lines = [f"# {about_table(model, field)}{note}", f"{mark}{header(path, field)}"]
    inner = []
    for name, key in model.model_fields.items():
        if rows_inside(key):
            inner.append((f"{path}.{name}", key))
            continue
        place = f"{path}.{name}"
        here = "" if place in MINIMAL or place in written else "#"
        lines.append(_line(here, name, written.get(place, _value(key)), meaning_of(key)))
    return "\n".join(lines) + "\n" + "".join("\n" + _block(*table, written) for table in inner)


def _sections(path: str, field: FieldInfo) -> Iterator[str]:
    """A table of the reference page, and the tables inside it."""
    model = model_of(field)
    note = f" *{IDLE.capitalize()}.*" if later(field) else ""
    rows = [
        f"| `{name}` | {default_of(key)} | {meaning_of(key)} |"
        for name, key in model.model_fields.items()
        if not rows_inside(key)
    ]
    head = f"## {header(path, field)}\n\n{about_table(model, field)}{note}\n"
    yield "\n".join([head, "| key | default | meaning |", "|---|---|---|", *rows]) + "\n"
    for name, key in model.model_fields.items():
        if rows_inside(key):
            yield from _sections(f"{path}.{name}", key)


def model_of(field: FieldInfo) -> type[BaseModel]:
    model = table_of(field.annotation)
    assert model is not None
    return model


def rows_inside(key: FieldInfo) -> bool:
    return is_list(key.annotation) and table_of(key.annotation) is not None


def header(path: str, field: FieldInfo) -> str:
    return f"[[{path}]]" if is_list(field.annotation) else f"[{path}]"


def about_table(model: type[BaseModel], field: FieldInfo) -> str:
    """A table's own description where many share a model, else the model's."""
    own = field.description or ""
    return own[0].upper() + own[1:] + "." if own else " ".join((model.__doc__ or "").split())


def meaning_of(key: FieldInfo) -> str:
    """The meaning of a key, with its allowed words."""
    kind = bare(key.annotation)
    words = f" ({', '.join(get_args(kind))})" if get_origin(kind) is Literal and len(get_args(kind)) < 5 else ""
    return f"{key.description}{words}{_idle(later(key))}"


def _idle(later: bool) -> str:
    return f" ({IDLE})" if later else ""


def _value(key: FieldInfo) -> Any:
    """The default, or the example if the default is empty."""
    empty = key.is_required() or key.default in (None, "", [], {})
    return key.examples[0] if empty and key.examples else key.default


def default_of(key: FieldInfo) -> str:
    if key.is_required():
        return "needed"
    return "" if key.default in (None, "", [], {}) else f"`{toml(key.default)}`"


def _line(mark: str, name: str, value: Any, meaning: str) -> str:
    """One key, followed by its meaning as a comment; above it if the line would be too long."""
    written = f"{mark}{name} = {toml(value)}"
    line = f"{written:<{WIDTH}}  # {meaning}"
    return line if len(line) <= LONGEST else f"# {meaning}:\n{written}"


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if "\\" in value else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(toml(part) for part in value)}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(part)}" for name, part in value.items()) + " }"
    return str(value)


def main() -> None:
    """Writes both files into the current folder, which is the source tree's top."""
    Path("config.example.toml").write_text(example(), "utf-8")
    Path("docs/reference").mkdir(parents=True, exist_ok=True)
    Path("docs/reference/configuration.md").write_text(reference(), "utf-8")


if __name__ == "__main__":
    main()
