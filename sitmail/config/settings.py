"""All tables of the configuration file, in the order of example and reference, and functions that find a key."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from sitmail.config import chase_rows, dictionary_rows, partner_rows, report_rows, rows, tables
from sitmail.config.mistakes import Place
from sitmail.config.tables import key


class Settings(BaseSettings):
    """Everything that may stand in config.toml.  Made of layers (see `environment`): the first with a value decides."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True, case_sensitive=True
    )

    def __init__(self, *layers: PydanticBaseSettingsSource) -> None:
        super().__init__(layers=layers)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The layers that were given, and nothing of this process's own environment."""
        assert isinstance(init_settings, InitSettingsSource)
        layers: tuple[PydanticBaseSettingsSource, ...] = init_settings.init_kwargs["layers"]
        return layers

    desk: tables.Desk = key(..., "")
    relay: tables.Relay = key({}, "")
    engineer: list[rows.Engineer] = key([], "")
    team: list[rows.Team] = key([], "")
    smtp: tables.SmtpDoor = key({}, "")
    lmtp: tables.LmtpDoor = key({}, "")
    store: tables.Store = key({}, "")
    directory: tables.DirectoryFiles = key({}, "")
    letters: tables.Letters = key({}, "")
    trust: tables.Trust = key({}, "")
    limits: tables.Limits = key({}, "")
    closing: tables.Closing = key({}, "")
    prepaid: tables.Prepaid = key({}, "")
    feedback: tables.Feedback = key({}, "")
    kb: tables.KnowledgeBase = key({}, "")
    storm: tables.Storm = key({}, "")
    tell: tables.Tell = key({}, "")
    attachments: tables.Attachments = key({}, "")
    metrics: tables.Metrics = key({}, "")
    mailbox: list[rows.Mailbox] = key([], "")
    calendar: list[rows.Calendar] = key([], "")
    service_level: list[rows.ServiceLevel] = key([], "")
    priority: list[rows.Priority] = key([], "")
    route: list[rows.Route] = key([], "")
    monitor: list[rows.Monitor] = key([], "")
    form: list[rows.Form] = key([], "")
    block: list[rows.Block] = key([], "")
    request_type: list[dictionary_rows.RequestType] = key([], "")
    product: list[dictionary_rows.Product] = key([], "")
    field: list[dictionary_rows.ExtraField] = key([], "")
    reason: list[dictionary_rows.Reason] = key([], "")
    resolution: list[dictionary_rows.Resolution] = key([], "")
    severity: list[dictionary_rows.Severity] = key([], "")
    skill: list[dictionary_rows.Skill] = key([], "")
    status: list[dictionary_rows.StatusName] = key([], "")
    closing_status: list[dictionary_rows.ClosingName] = key([], "")
    channel: list[dictionary_rows.Channel] = key([], "")
    vendor: list[partner_rows.Vendor] = key([], "")
    tracker: list[partner_rows.Tracker] = key([], "")
    order_desk: list[partner_rows.OrderDesk] = key([], "")
    imap: list[rows.Imap] = key([], "")
    maildir: list[rows.Maildir] = key([], "")
    group: list[rows.Group] = key([], "")
    event_type: list[dictionary_rows.EventType] = key([], "")
    escalation: list[rows.Escalation] = key([], "")
    chase: list[chase_rows.Chase] = key([], "")
    answer: list[dictionary_rows.StandardAnswer] = key([], "")
    report: list[report_rows.Report] = key([], "")
    queue: list[rows.Queue] = key([], "")


def later(field: FieldInfo) -> bool:
    """Whether the key is accepted but has no effect yet."""
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("later"))


def bare(annotation: Any) -> Any:
    """A type without Annotated and `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType) and type(None) in get_args(annotation):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        else:
            return annotation


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a table or of a list of tables; None for a plain value."""
    annotation = bare(annotation)
    if get_origin(annotation) is list:
        annotation = bare(get_args(annotation)[0])
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def is_list(annotation: Any) -> bool:
    return get_origin(bare(annotation)) is list


def table_at(place: Place) -> type[BaseModel] | None:
    """The model of the table that a place names, or None where no table stands there."""
    model: type[BaseModel] | None = Settings
    for step in place:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step) if model else None
        model = table_of(field.annotation) if field else None
    return model


def field_at(place: Place) -> FieldInfo | None:
    """The declaration of the key that a place names, or None."""
    while place and isinstance(place[-1], int):
        place = place[:-1]
    model = table_at(place[:-1]) if place else None
    return model.model_fields.get(str(place[-1])) if model else None


def without_effect(table: BaseModel, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places (without row numbers) of keys that were written but have no effect yet."""
    for name, field in type(table).model_fields.items():
        if name not in table.model_fields_set:
            continue
        here = (*place, name)
        value = getattr(table, name)
        if later(field):
            yield here
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, BaseModel):
                yield from without_effect(part, here)
