"""What stands outside the file: SITMAIL_ variables and systemd credentials, laid over what the file says.

A name is the key's place: SITMAIL_RELAY__URL is `relay.url`, SITMAIL_ENGINEER__0__NAME the name of the first engineer.
A credential is a file named as the place (`relay.password`) in $CREDENTIALS_DIRECTORY.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitmail.config.mistakes import Place, quoted, spell, suggestion
from sitmail.config.settings import Settings, bare, field_at, is_list, table_at

PREFIX = "SITMAIL_"
NO_OVERRIDES = frozenset({"SITMAIL_CONFIG", "SITMAIL_SOCKET", "SITMAIL_DEBUG"})
CREDENTIALS = ("relay.user", "relay.password", "store.url")


@dataclass
class Overlay:
    """`overrides`: place to the name that set it.  `mistakes` stop a start; `warnings` are told by `check`."""

    overrides: dict[Place, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def lay_over(data: dict[str, Any], environ: Mapping[str, str]) -> Overlay:
    """Writes credentials, then variables, into `data`."""
    overlay = Overlay()
    for name in CREDENTIALS if environ.get("CREDENTIALS_DIRECTORY") else ():
        file = Path(environ["CREDENTIALS_DIRECTORY"]) / name
        try:
            _put(data, tuple(name.split(".")), file.read_text("utf-8").rstrip("\r\n"), f"credential {name}", overlay)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            overlay.mistakes.append(f"credential {name}: cannot be read: {_why(error)}")
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in NO_OVERRIDES:
            continue
        place = place_of(name)
        if field_at(place) is None:
            overlay.warnings.append(f"{quoted(name)[1:-1]}: unknown variable{_meant(place)}")
        else:
            _put(data, place, value_of(place, environ[name]), name, overlay)
    return overlay


def place_of(name: str) -> Place:
    steps = name[len(PREFIX) :].lower().split("__")
    return tuple(int(step) if step.isascii() and step.isdigit() and len(step) < 7 else step for step in steps)


def value_of(place: Place, text: str) -> object:
    """A variable's text as TOML would give it: as it stands for texts, a list also as words between commas."""
    declared = field_at(place)
    kind = bare(declared.annotation) if declared else str
    of_list = is_list(kind) and not isinstance(place[-1], int)
    if kind is str or (is_list(kind) and isinstance(place[-1], int)):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return [part.strip() for part in text.split(",")] if of_list else text


def _put(data: dict[str, Any], place: Place, value: object, name: str, overlay: Overlay) -> None:
    """Sets one value; what is missing on the way is made, but rows must be there."""
    here: Any = data
    for i, step in enumerate(place[:-1]):
        if isinstance(here, dict) and isinstance(step, str):
            here = here.setdefault(step, [] if isinstance(place[i + 1], int) else {})
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            overlay.mistakes.append(f"{name}: there is no {spell(place[: i + 1])} to change")
            return
    last: Any = place[-1]
    in_list = isinstance(here, list) and isinstance(last, int) and last < len(here)
    if in_list or (isinstance(here, dict) and isinstance(last, str)):
        here[last] = value
        overlay.overrides[place] = name
    else:
        overlay.mistakes.append(f"{name}: there is no {spell(place)} to change")


def _meant(place: Place) -> str:
    """A near name, for the first step that is unknown."""
    for n, step in enumerate(place):
        model = table_at(place[:n]) if n else Settings
        if model is None:
            return ""
        if isinstance(step, str) and step not in model.model_fields:
            near = suggestion(step, model.model_fields)
            if not near:
                return ""
            word = near.split("'")[1]
            steps = (*place[:n], word, *place[n + 1 :])
            return f" (did you mean {PREFIX}{'__'.join(str(s).upper() for s in steps)}?)"
    return ""


def _why(error: Exception) -> str:
    return error.strerror or "no reason given" if isinstance(error, OSError) else "not UTF-8"
