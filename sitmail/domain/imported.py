"""Incidents out of another desk's files, as the command line hands them to the store: plain values, and their JSON.

Nothing in them was decided by this desk, and nothing in them proves anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, fields
from datetime import datetime
from typing import Any

from sitmail.domain.record import record
from sitmail.domain.trust import is_ours_by_form

LARGEST = 899_999_999  # the highest number: new incidents count on from there, and have at most nine digits
NAMED_IDS = 50  # other mails that one mail is known to answer


@record
class ImportedFile:
    """Content that the store has already, under its sum."""

    name: str
    type: str
    size: int
    sha256: str
    inline: bool = False


@record
class ImportedUpdate:
    """An entry of the log.  Its author is an `engineer` (id), an `address` outside, or just a `name`.

    `leg`, `direction` and `event` as in `domain.update`.  `raw` is the mail as it was in the file.
    """

    at: datetime
    leg: str
    direction: str
    event: str
    engineer: str = ""
    address: str = ""
    name: str = ""
    text: str = ""
    quoted: str = ""
    signature: str = ""
    doubtful: str = ""
    page: str = ""
    subject: str = ""
    message_id: str = ""
    answers: tuple[str, ...] = ()
    place: str = ""
    raw: ImportedFile | None = None
    files: tuple[ImportedFile, ...] = ()

    def ids(self) -> list[str]:
        """Ids of other mails by which later ones may find the incident; what looks like an id of ours is void."""
        return [one for one in self.answers if one and not is_ours_by_form(one)][:NAMED_IDS]


@record
class ImportedIncident:
    """`key` is by what it is known when the file is imported again; `number` 0: it gets a new one."""

    key: str
    digest: str
    number: int
    place: str
    title: str
    status: str
    opened: datetime
    closed: datetime | None
    contact: str
    contact_name: str = ""
    closing_status: str = ""
    site: str = ""
    owner: str = ""
    priority: str = ""
    product: str = ""
    reason: str = ""
    customer_reference: str = ""
    tags: tuple[str, ...] = ()
    updates: tuple[ImportedUpdate, ...] = field(default=())


def written(incident: ImportedIncident) -> str:
    """As JSON."""
    return json.dumps(incident, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return {one.name: getattr(value, one.name) for one in fields(value)}


def read(values: Mapping[str, Any]) -> ImportedIncident:
    """Out of the JSON.  Raises KeyError, TypeError or ValueError."""
    moments = {"opened": _moment(values["opened"]), "closed": _moment(values["closed"])}
    updates = tuple([_update(one) for one in values["updates"]])
    return ImportedIncident(**{**values, **moments, "tags": tuple(values["tags"]), "updates": updates})


def _update(values: Mapping[str, Any]) -> ImportedUpdate:
    raw = ImportedFile(**values["raw"]) if values["raw"] else None
    files = tuple([ImportedFile(**one) for one in values["files"]])
    changed = {"at": _moment(values["at"]), "answers": tuple(values["answers"]), "raw": raw, "files": files}
    return ImportedUpdate(**{**values, **changed})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
