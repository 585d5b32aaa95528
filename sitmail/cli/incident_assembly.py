"""Puts an old incident together out of its rows and mails; rows come before what mails only suggest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sitmail.cli import incident_cells as cells
from sitmail.cli import incident_rows
from sitmail.cli.import_staging import PARTS_MAX, SIZE_MAX, Gathered
from sitmail.cli.incident_cells import Writer
from sitmail.cli.incident_rows import Options
from sitmail.domain.imported import ImportedIncident, ImportedUpdate
from sitmail.domain.incident import Status
from sitmail.domain.mail import UNKNOWN_SENDER
from sitmail.domain.update import Event, LegKind

TITLE_MAX = 500  # characters
V = TypeVar("V")
Values = Mapping[str, tuple[str, str]]


def assembled(
    gathered: Gathered, options: Options, sites: Mapping[str, str], mistakes: list[str]
) -> ImportedIncident | None:
    """An incident with the updates of its rows, not those of its mails.

    None, and lines in `mistakes`, where something is wrong.
    """
    before = len(mistakes)
    if not gathered.parts:
        what = f"{gathered.quantity:,} rows and mails of {gathered.size:,} characters belong to one incident"
        mistakes.append(f"{gathered.place}: {what}; expected at most {PARTS_MAX:,} of {SIZE_MAX:,}")
        return None
    rows = [part for part in gathered.parts if part.kind == "row"]
    mails = sorted((part.value for part in gathered.parts if part.kind == "mail"), key=lambda mail: str(mail["at"]))
    columns = incident_rows.columns(rows, options, mistakes)
    reader = _Reader(columns.values, gathered.place, options, mistakes)
    made = reader.incident(gathered, columns.updates, mails, sites)
    return made if len(mistakes) == before else None


def complete(one: ImportedIncident, mails: Iterable[ImportedUpdate]) -> ImportedIncident:
    """With the updates of its mails, all in the order of their time; the first public one is the problem."""
    updates = sorted((*one.updates, *mails), key=lambda update: update.at)
    first = next((at for at, update in enumerate(updates) if update.leg == LegKind.PUBLIC), None)
    if first == 0:
        updates[0] = replace(updates[0], event=str(Event.OPENED))
    return replace(one, updates=tuple(updates))


class _Reader:
    """Reads the cells of an incident.  What cannot be read is noted with its place."""

    def __init__(self, values: Values, place: str, options: Options, mistakes: list[str]) -> None:
        self.values, self.place, self.options, self.mistakes = values, place, options, mistakes

    def text(self, name: str) -> str:
        return self.values.get(name, ("", ""))[0]

    def read(self, name: str, meaning: Callable[[str], V], absent: V) -> V:
        cell, place = self.values.get(name, ("", ""))
        if not cell:
            return absent
        try:
            return meaning(cell)
        except ValueError as why:
            self.mistakes.append(f"{place}: {name}: {why}")
            return absent

    def wrong(self, name: str, sentence: str) -> None:
        if name not in self.values:  # else the cell was told already
            self.mistakes.append(f"{self.place}: {name}: {sentence}")

    def incident(
        self,
        gathered: Gathered,
        updates: Sequence[ImportedUpdate],
        mails: Sequence[Mapping[str, Any]],
        sites: Mapping[str, str],
    ) -> ImportedIncident | None:
        policy = self.options.policy
        moments = [*(one.at for one in updates), *(datetime.fromisoformat(mail["at"]) for mail in mails)]
        opened = self._moment("opened", min(moments, default=None))
        customer = self._customer(mails)
        if opened is None or customer is None:
            return None
        status = self._status(only_mails="title" not in self.values and bool(mails))
        closed = self._moment("closed", max([opened, *moments])) if status == Status.CLOSED else None
        if closed is not None and closed < opened:
            self.mistakes.append(
                f"{self.place}: closed: expected a moment after {opened:%Y-%m-%d %H:%M} UTC, when it began"
            )
        closing = self.read("closing_status", lambda cell: cells.closing_status(cell, policy), policy.closing.default)
        titles = [self.text("title"), *(mail["title"] for mail in mails), *(one.text for one in updates[:1])]
        title = next((line for one in titles for line in one.strip().splitlines()[:1] if line), "")
        return ImportedIncident(
            key=gathered.key,
            digest=hashlib.sha256("\n".join(part.digest for part in gathered.parts).encode()).hexdigest(),
            number=gathered.number,
            place=gathered.place,
            title=(" ".join(title.split()) or "(no subject)")[:TITLE_MAX],
            status=status,
            opened=opened,
            closed=closed,
            closing_status=closing if closed else "",
            contact=customer.address,
            contact_name=self.text("contact_name") or customer.name,
            site=self.read("site", lambda cell: _site(cell, sites), ""),
            owner=self.read("owner", lambda cell: cells.owner(cell, policy, closed=closed is not None), ""),
            priority=self.read("priority", lambda cell: cells.priority(cell, policy), ""),
            product=self.read("product", lambda cell: cells.product(cell, policy), ""),
            reason=self.read("reason", lambda cell: cells.reason(cell, policy), ""),
            customer_reference=self.text("customer_reference"),
            tags=self.read("tags", cells.tags, ()),
            updates=tuple(sorted(updates, key=lambda update: update.at)),
        )

    def _moment(self, name: str, absent: datetime | None) -> datetime | None:
        found = self.read(name, lambda cell: cells.moment(cell, self.options.policy, self.options.now), absent)
        if found is None:
            self.wrong(name, "expected a moment such as 2024-01-31 14:05")
        return found

    def _status(self, *, only_mails: bool) -> str:
        """Mails do not say where their incident stands: it is over, if nobody says otherwise."""
        over = "closed" in self.values or "closing_status" in self.values or only_mails
        absent = self.options.status or str(Status.CLOSED if over else Status.ACTIVE)
        return self.read("status", lambda cell: cells.status(cell, self.options.policy), absent)

    def _customer(self, mails: Sequence[Mapping[str, Any]]) -> Writer | None:
        """The contact: of the rows, else of the first mail that a customer wrote or was sent."""
        found = self.read("contact", lambda cell: cells.contact(cell, self.options.policy), None)
        if found is not None or "contact" in self.values:
            return found
        suggested = [Writer(*mail["customer"]) for mail in mails if mail["public"]]
        suggested += [Writer(address=UNKNOWN_SENDER)] if mails else []
        customer = next((one for one in suggested if one.address), None)
        if customer is None:
            self.wrong("contact", "expected a mail address")
        return customer


def _site(cell: str, sites: Mapping[str, str]) -> str:
    if cell.lower() not in sites:
        raise ValueError(f"no site {cells.shown(cell)} in the directory; expected the id or name of one")
    return sites[cell.lower()]
