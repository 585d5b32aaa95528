"""The layers of which pydantic-settings makes the settings: variables, then systemd credentials, then the file.

A variable is named after the key: SITMAIL_RELAY__URL is `relay.url`, SITMAIL_ENGINEER__0__NAME the name of the first
engineer.  A credential is a file in $CREDENTIALS_DIRECTORY, also named after the key (`relay.password`).  This module
adds what pydantic-settings lacks: rows by number, texts read as TOML, a warning for an unknown variable, a line for
each mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    EnvSettingsSource,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)

from sitmail.config.files import CREDENTIALS, credential, parsed
from sitmail.config.mistakes import Place, quoted, spell, suggestion
from sitmail.config.settings import Settings, bare, field_at, is_list, table_at

PREFIX = "SITMAIL_"
NO_OVERRIDES = frozenset({"SITMAIL_CONFIG", "SITMAIL_SOCKET", "SITMAIL_SPOOL", "SITMAIL_DEBUG"})


class Variables(EnvSettingsSource):
    """The SITMAIL_ variables, which override `written`, the file's values.

    `overrides`: from the place of a key to the variable that set it.  `mistakes` prevent a start; `warnings` are shown
    by `sitmail check`.
    """

    def __init__(self, environ: Mapping[str, str], written: Mapping[str, Any]) -> None:
        super().__init__(Settings, env_prefix=PREFIX, env_nested_delimiter="__")
        self.written = written
        self.overrides: dict[Place, str] = {}
        self.mistakes: list[str] = []
        self.warnings: list[str] = []
        for name in sorted(environ):
            if name.startswith(PREFIX) and name not in NO_OVERRIDES:
                place = place_of(name)
                if field_at(place) is None and (meant := underscored(name)):
                    self.mistakes.append(f"{name}: unknown variable; write {meant}, with two underscores between names")
                elif field_at(place) is None:
                    self.warnings.append(f"{quoted(name)[1:-1]}: unknown variable{_meant(place)}")
                else:
                    self.overrides[place] = name
        self.env_vars = {PREFIX + name.removeprefix(PREFIX).lower(): environ[name] for name in self.overrides.values()}

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:  # noqa: ARG002
        """A table or list of tables, from a variable or the file, with the variables for its parts applied to it."""
        whole = None if value is None else self.decode_complex_value(field_name, field, value)
        parts = self.explode_env_vars(field_name, field, self.env_vars)
        beneath = self.written.get(field_name) if whole is None else whole
        return self._laid((field_name,), parts, beneath) if parts else whole

    def next_field(
        self, field: FieldInfo | Any | None, key: str, case_sensitive: bool | None = None
    ) -> FieldInfo | None:
        """The declaration one step below; a number leads from a list to the type of its rows."""
        kind = bare(field.annotation) if isinstance(field, FieldInfo) else field
        if is_list(kind) and isinstance(step(key), int):
            row: FieldInfo | None = get_args(kind)[0]
            return row
        return super().next_field(field, key, case_sensitive)

    def field_is_complex(self, field: FieldInfo) -> bool:
        """Texts are taken as they are; all other values are decoded."""
        return bare(field.annotation) not in (str, SecretStr)

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: str) -> object:  # noqa: ARG002
        """A variable's text parsed as a TOML value; a list may also be words separated by commas."""
        try:
            return parsed(f"value = {value}")["value"]
        except (ValueError, RecursionError):
            of_list = field is not None and is_list(field.annotation)
            return [part.strip() for part in value.split(",")] if of_list else value

    def _laid(self, place: Place, value: Any, beneath: Any) -> Any:
        """`beneath` with `value` put at that place.  Missing tables are created, but a row must exist."""
        if not isinstance(value, dict):
            return value
        if beneath is None:
            beneath = _empty(place)
        if not isinstance(beneath, dict | list):
            return value if place in self.overrides else self._nowhere(place, beneath)
        rows = isinstance(beneath, list)
        here: dict[str | int, Any] = dict(enumerate(beneath)) if rows else dict(beneath)
        for name, part in value.items():
            below = step(name)
            if below not in here if rows else isinstance(below, int):
                self._nowhere((*place, below), None)
            else:
                here[below] = self._laid((*place, below), part, here.get(below))
        return list(here.values()) if rows else here

    def _nowhere(self, place: Place, beneath: Any) -> Any:
        """Adds a mistake for each variable that would change something that does not exist; returns `beneath`."""
        wanted = [name for at, name in self.overrides.items() if at[: len(place)] == place[: len(at)]]
        self.mistakes += [f"{name}: there is no {spell(place)} to change" for name in wanted]
        return beneath


class Credentials(NestedSecretsSettingsSource):
    """The systemd credentials that name our keys; others are ignored."""

    def __init__(self, folder: str) -> None:
        self.mistakes: list[str] = []
        super().__init__(
            file_secret_settings=Settings,  # type: ignore[arg-type]
            secrets_dir=folder,
            secrets_dir_missing="ok",
            secrets_prefix="",
            secrets_nested_delimiter=".",
        )

    def load_secrets(self, path: Path) -> dict[str, str]:  # type: ignore[override]
        """The secrets by name, each without the line end that editors add."""
        found = {}
        for name in CREDENTIALS:
            try:
                text = credential(path, name)
            except (OSError, ValueError) as error:
                self.mistakes.append(f"credential {name}: cannot be read: {_why(error)}")
                continue
            if text is not None:
                found[name] = text
        return found


class MergedValues(PydanticBaseSettingsSource):
    """The last layer.  It adds no value, but keeps the merged values of the others, for checks that need raw names."""

    values: dict[str, Any]

    def __call__(self) -> dict[str, Any]:
        self.values = self.current_state
        return {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return None, field_name, False


class Layers:
    """The layers in order; the first that has a value decides.  `overrides`: from a key's place to what set it."""

    def __init__(self, written: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        data = {"desk": {}, **written}
        variables = Variables(environ, data)
        self.overrides, self.mistakes, self.warnings = variables.overrides, variables.mistakes, variables.warnings
        self._whole = MergedValues(Settings)
        self.sources = [variables, InitSettingsSource(Settings, data), self._whole]
        if folder := environ.get("CREDENTIALS_DIRECTORY"):
            try:
                self.sources.insert(1, credentials := Credentials(folder))
                self.mistakes += credentials.mistakes
            except (SettingsError, OSError, ValueError):
                self.mistakes.append("$CREDENTIALS_DIRECTORY: expected a folder")

    @property
    def whole(self) -> dict[str, Any]:
        """All values as they were written.  Available only after the settings were made of the layers."""
        return self._whole.values


def step(word: str) -> str | int:
    """One step of a place: a row's number, or a key."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else word


def place_of(name: str) -> Place:
    return tuple(step(word) for word in name[len(PREFIX) :].lower().split("__"))


def underscored(name: str) -> str:
    """The known variable that this one is with two underscores between table and key, or ""."""
    written = name[len(PREFIX) :].lower().split("_")
    words = [word for word in written if word]
    for cut in range(1, len(words)):
        table, key = "_".join(words[:cut]), "_".join(words[cut:])
        if table_at((table,)) is not None and field_at((table, key)) is not None:
            return f"{PREFIX}{table.upper()}__{key.upper()}"
    return ""


def _empty(place: Place) -> dict[str, Any] | list[Any]:
    declared = field_at(place) if isinstance(place[-1], str) else None
    return [] if declared and is_list(declared.annotation) else {}


def _meant(place: Place) -> str:
    """A suggestion for the first step of the place that is unknown, or ""."""
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
