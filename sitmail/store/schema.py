"""The tables.  Core only; the migrations in `migrations/` make exactly these (a test compares them).

Names: an incident's `number` is what people see; `id` is ours.  Engineers are referred to by their configured id
(text), so that the log survives a reload; people who write by `person.id`.  Texts that may have to be erased stand
apart from the facts that stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment; kept in UTC.  A naive one is a mistake of ours and refused (SQLite would lose the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive moment {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    # SQLite keeps text, and the standard library reads and writes it ten times as fast as SQLAlchemy's own way.
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _written if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class Document(TypeDecorator[Any]):
    """A list or a mapping of plain values, or one such value, as JSON; None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _encoded if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _decoded if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _encoded(value: Any) -> str | None:
    """Most are empty, and those need no encoder."""
    if value is None:
        return None
    if value or isinstance(value, (str, bool, int)):
        return json.dumps(value)
    return "{}" if isinstance(value, dict) else "[]"


_decoder = json.JSONDecoder()


def _decoded(text: str | None) -> Any:
    """`raw_decode` is `json.loads` without the look for blanks, which we never write: a fifth of the time."""
    return None if text is None else _decoder.raw_decode(text)[0]


@lru_cache(256)  # a transaction writes its moment hundreds of times
def _written(moment: datetime | None) -> str | None:
    """ "2026-03-02 09:00:00.000000", in UTC: text that sorts as time does."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError(f"naive moment {moment!r}")
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


@lru_cache(256)  # an incident's moments are often one and the same
def _read(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(f"{written}+00:00")


class Words(TypeDecorator[str]):
    """Words between blanks, by which a text is found: text for SQLite, tsvector for PostgreSQL (`store/full_text`)."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return tsvector(value) if value and dialect.name == "postgresql" else value


def tsvector(words: str) -> str:
    """How PostgreSQL reads words with their places.  No letter of them needs quoting."""
    places: dict[str, list[int]] = {}
    for at, word in enumerate(words.split(), 1):
        found = places.setdefault(word, [])
        if len(found) < 255:
            found.append(at)
    return " ".join(f"'{word}':{','.join(map(str, found))}" for word, found in places.items())


Key = BigInteger().with_variant(Integer, "sqlite")


def ours() -> Column[int]:
    """A primary key handed out by the one writer, not by the database (bulk inserts need no round trip)."""
    return Column("id", Key, primary_key=True, autoincrement=False)


# --- the database itself
meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
counter = Table("counter", metadata, Column("name", Text, primary_key=True), Column("next", Key, nullable=False))
mailbox = Table(
    "mailbox",
    metadata,
    Column("address", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("retired", Boolean, nullable=False, default=False),
)

# --- the directory
person = Table(
    "person",
    metadata,
    ours(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),  # engineer's or partner's id, else the registered address
    Column("name", Text, nullable=False),
    Column("site", Text, nullable=False, default=""),
    Column("language", Text, nullable=False, default=""),
    Column("timezone", Text, nullable=False, default=""),
    Column("level", Text, nullable=False, default="all"),
    Column("role", Text, nullable=False, default=""),
    Column("phone", Text, nullable=False, default=""),
    Column("manager", Text, nullable=False, default=""),
    Column("substitute", Text, nullable=False, default=""),  # of an engineer: who takes over when he has left
    Column("known", Boolean, nullable=False, default=True),
    Column("declared", Boolean, nullable=False, default=False),  # by a file or an import; else by mail or command
    Column("origin", Text, nullable=False, default=""),  # "file people.toml", "import contacts.csv"; "": by mail
    Column("do_not_mail", Boolean, nullable=False, default=False),
    Column("feedback", Boolean, nullable=False, default=True),  # whether they are asked how the desk did
    Column("retired", Boolean, nullable=False, default=False),
    UniqueConstraint("kind", "key"),
    Index(None, "site"),
)
address = Table(
    "address",
    metadata,
    Column("address", Text, primary_key=True),
    Column("person", Key, ForeignKey("person.id"), primary_key=True),
    Column("place", Integer, nullable=False, default=0),  # 0 = the registered one
    Column("former", Boolean, nullable=False, default=False),  # no longer theirs: never written to, proves nothing
    Column("bounces", Integer, nullable=False, default=0),  # letters that came back from it
    Column("bounced", Moment),  # the last time
    Index(None, "person"),
)
site = Table(
    "site",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("account_manager", Text, nullable=False, default=""),
    Column("territory", Text, nullable=False, default=""),
    Column("reference", Text, nullable=False, default=""),  # a regular expression for the customer's own numbers
    Column("calendar", Text, nullable=False, default=""),
    Column("timezone", Text, nullable=False, default=""),
    Column("language", Text, nullable=False, default=""),
    Column("internal", Boolean, nullable=False, default=False),
    Column("notes", Text, nullable=False, default=""),
    Column("service_level", Text, nullable=False, default=""),
    Column("free_incidents", Integer, nullable=False, default=0),  # covered without any contract
    Column("free_used", Integer, nullable=False, default=0),
    Column("feedback", Boolean, nullable=False, default=True),
    Column("origin", Text, nullable=False, default=""),
    Column("retired", Boolean, nullable=False, default=False),
    Index(None, "name"),
)
site_domain = Table(
    "site_domain",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), primary_key=True),
    Index(None, "site"),
)


# Conditions of partial indexes, as the statements have to spell them too.
def runs_low(amount: str) -> str:
    """A fifth of that column is left or less, and it was not told yet."""
    return f"NOT retired AND {amount} > 0 AND told_low <> {amount} AND {amount} * 4 <= used * 5"


RUNS_LOW, SERVICE_RUNS_LOW = runs_low("incidents"), runs_low("amount")
LENT = "temporary_owner <> '' AND status <> 'closed'"
ENDS = "NOT retired AND last_day <> '' AND told_last_day <> last_day"
contract = Table(
    "contract",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("product", Text, nullable=False, default=""),
    Column("service_level", Text, nullable=False, default=""),
    Column("calendar", Text, nullable=False, default=""),
    Column("starts", Text, nullable=False, default=""),  # ISO date or ""
    Column("expires", Text, nullable=False, default=""),
    Column("incidents", Integer),  # how many are covered; NULL = no bound
    Column("used", Integer, nullable=False, default=0),
    Column("everybody", Boolean, nullable=False, default=True),
    Column("visibility", Text, nullable=False, default="nobody"),
    Column("feedback", Boolean, nullable=False, default=True),
    Column("last_day", Text, nullable=False, default=""),  # on which it covers anything: `expires`, or ended before
    Column("named_max", Integer),  # how many contacts may be named; NULL = any number
    Column("origin", Text, nullable=False, default=""),
    Column("told_low", Integer, nullable=False, default=0),  # for how many incidents its low balance was told
    Column("told_last_day", Text, nullable=False, default=""),  # which last day was told before it came
    Column("retired", Boolean, nullable=False, default=False),
    Index(None, "site"),
    Index(
        "ix_contract_ending",
        "last_day",
        sqlite_where=text(ENDS),
        postgresql_where=text(ENDS),
    ),
    Index(
        "ix_contract_low",
        "told_low",  # in whose order they are read: by the key alone SQLite would walk through all contracts
        "id",
        sqlite_where=text(RUNS_LOW),
        postgresql_where=text(RUNS_LOW),
    ),
)
service = Table(  # prepaid time, or incidents, of a contract
    "service",
    metadata,
    Column("id", Text, primary_key=True),
    Column("contract", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("by_incident", Boolean, nullable=False, default=False),
    Column("amount", Integer, nullable=False),  # minutes, or incidents
    Column("used", Integer, nullable=False, default=0),  # the sum of its draws
    Column("starts", Text, nullable=False, default=""),  # ISO date or ""
    Column("expires", Text, nullable=False, default=""),
    Column("rate", Text, nullable=False, default=""),
    Column("customer_order", Text, nullable=False, default=""),
    Column("notes", Text, nullable=False, default=""),
    Column("origin", Text, nullable=False, default=""),
    Column("told_low", Integer, nullable=False, default=0),  # for which amount its low balance was told
    Column("retired", Boolean, nullable=False, default=False),
    Index(None, "contract"),
    Index(
        "ix_service_low",
        "told_low",
        "id",
        sqlite_where=text(SERVICE_RUNS_LOW),
        postgresql_where=text(SERVICE_RUNS_LOW),
    ),
)
contract_contact = Table(
    "contract_contact",
    metadata,
    Column("contract", Text, ForeignKey("contract.id"), primary_key=True),
    Column("address", Text, primary_key=True),
)

unit = Table(
    "unit",
    metadata,
    Column("key", Text, primary_key=True),  # the serial number as it is compared (`domain.serials`)
    Column("serial", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("site", Text, nullable=False, default=""),
    Column("contract", Text, nullable=False, default=""),
    Column("warranty_until", Text, nullable=False, default=""),  # ISO date or ""
    Column("notes", Text, nullable=False, default=""),
    Column("origin", Text, nullable=False, default=""),
    Column("retired", Boolean, nullable=False, default=False),
    Index(None, "site"),
)
directory_change = Table(  # by mail or command, of what a file or an import declares: it lies over that
    "directory_change",
    metadata,
    Column("kind", Text, primary_key=True),  # site contact contract unit
    Column("key", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Document, nullable=False),
    Column("declared", Document),  # what was declared when it was changed
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# --- incidents
incident = Table(
    "incident",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("mailbox", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("closing_status", Text, nullable=False, default=""),
    Column("priority", Text, nullable=False),
    Column("severity", Text, nullable=False, default=""),
    Column("request_type", Text, nullable=False, default=""),
    Column("owner", Text, nullable=False, default=""),
    Column("temporary_owner", Text, nullable=False, default=""),
    Column("team", Text, nullable=False, default=""),
    Column("contact", Key, ForeignKey("person.id")),
    Column("site", Text, nullable=False, default=""),
    Column("contract", Text, nullable=False, default=""),
    Column("product", Text, nullable=False, default=""),
    Column("unit", Text, nullable=False, default=""),
    Column("service_level", Text, nullable=False, default=""),
    Column("free", Boolean, nullable=False, default=False),  # it was drawn from the free incidents of its site
    Column("calendar", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("resolution", Text, nullable=False, default=""),
    Column("channel", Text, nullable=False, default="email"),
    Column("customer_reference", Text, nullable=False, default=""),
    Column("logged_by", Text, nullable=False, default=""),
    Column("opened", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("closed", Moment),
    Column("next_action", Text, nullable=False, default=""),
    Column("next_action_at", Moment),
    Column("follow_up_at", Moment),  # when it is looked whether the customer has answered
    Column("follow_up_wait", Integer, nullable=False, default=0, server_default="0"),  # working seconds
    Column("closure_requested", Moment),
    Column("closure_reason", Text, nullable=False, default=""),
    Column("reason_asked", Boolean, nullable=False, default=False),
    Column("customer_hold", Boolean, nullable=False, default=False),
    Column("hold_until", Moment),
    Column("hold_firm", Boolean, nullable=False, default=False, server_default=false()),
    Column("answer_at", Moment),  # when an answer leaves that waits for its time
    Column("answer_by", Text, nullable=False, default="", server_default=""),  # the engineer who wrote it
    Column("late", Boolean, nullable=False, default=False),
    Column("cycle", Integer, nullable=False, default=1),
    Column("cycle_opened", Moment, nullable=False),  # when this cycle's promises began to count
    Column("updates", Integer, nullable=False, default=0),
    Column("merged_into", Key),
    Column("monitor_key", Text, nullable=False, default=""),  # the fingerprint of a machine's report
    Column("linked", Boolean, nullable=False, default=False),  # a link leads to it, or from it, or did
    Column("reports", Integer, nullable=False, default=0),  # how often a machine reported it
    Column("recovered", Moment),  # when the machine said that it is over, until it reports it again
    Column("recovery_told", Moment),
    Column("verified", Text, nullable=False, default=""),  # real, perceived or cannot-reproduce
    Column("tags", Document, nullable=False, default=list),
    Column("fields", Document, nullable=False, default=dict),
    Column("next_deadline", Moment),
    Index(
        "ix_incident_deadline",
        "next_deadline",
        sqlite_where=text("next_deadline IS NOT NULL"),
        postgresql_where=text("next_deadline IS NOT NULL"),
    ),
    Index(
        "ix_incident_open_owner",
        "owner",
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index("ix_incident_lent", "temporary_owner", sqlite_where=text(LENT), postgresql_where=text(LENT)),
    Index(None, "contact", "number"),
    Index(None, "status"),
    Index(
        "ix_incident_site_open",
        "site",
        "number",
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index(None, "site", "closed"),
    Index(
        "ix_incident_monitor",
        "monitor_key",
        sqlite_where=text("monitor_key <> ''"),
        postgresql_where=text("monitor_key <> ''"),
    ),
)
storm = Table(  # many people wrote about the same thing
    "storm",
    metadata,
    ours(),
    Column("state", Text, nullable=False),  # proposed refused joined
    Column("title", Text, nullable=False),
    Column("words", Document, nullable=False),  # of the title that say something
    Column("unit", Text, nullable=False, default=""),
    Column("product", Text, nullable=False, default=""),
    Column("first", Key, nullable=False),  # incident; two daemons that notice it at once make one row
    Column("lead", Key, ForeignKey("person.id"), nullable=False),
    Column("parent", Key, ForeignKey("incident.number")),
    Column("told", Integer, nullable=False),  # of how many incidents the lead was told
    Column("last", Moment, nullable=False),  # when one of them came
    UniqueConstraint("first"),
    Index(None, "last"),
)
link = Table(  # what belongs together; as `incident` sees it
    "link",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("other", Key, ForeignKey("incident.number")),  # NULL: `reference` says where it leads
    Column("reference", Text, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False, default=""),
    Column("ended", Moment),
    Column("fixed", Moment),  # of a bug: when we heard so
    Index("ix_link_incident", "incident", sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    Index("ix_link_other", "other", sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    Index(
        "ix_link_reference",
        "reference",
        "kind",
        sqlite_where=text("ended IS NULL AND reference <> ''"),
        postgresql_where=text("ended IS NULL AND reference <> ''"),
    ),
)
imported = Table(  # out of another desk's files, so that the same file adds nothing a second time
    "imported",
    metadata,
    Column("key", Text, primary_key=True),  # "number 17", or what else identifies it there
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("digest", Text, nullable=False),  # of all that was read
    Column("place", Text, nullable=False),  # "old.csv: row 17"
    Column("at", Moment, nullable=False),
)
deed = Table(  # what a command mail of an engineer did
    "deed",
    metadata,
    ours(),
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("inbox", Key),
    Column("at", Moment, nullable=False),
    Column("lines", Text, nullable=False),
    Column("steps", Document),  # what takes it back; NULL: nothing does
    Column("undone", Moment),
    Index(None, "person"),
)
leg = Table(
    "leg",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("kind", Text, nullable=False),  # public internal vendor
    Column("party", Key, ForeignKey("person.id")),  # whose it is, of a partner's leg
    Column("foreign_reference", Text, nullable=False, default=""),
    Index(None, "incident"),
    Index(
        "ix_leg_vendor",
        "party",
        "foreign_reference",
        sqlite_where=text("party IS NOT NULL"),
        postgresql_where=text("party IS NOT NULL"),
    ),
)
participation = Table(
    "participation",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("leg", Key, ForeignKey("leg.id"), nullable=False),
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),  # contact participant watcher, or a kind of partner
    Column("level", Text, nullable=False, default="all"),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Index(None, "incident"),
    Index(None, "person"),
)
watch = Table(  # engineers who hear of all incidents of a site, a contact or a contract
    "watch",
    metadata,
    ours(),
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("kind", Text, nullable=False),  # site contact contract
    Column("key", Text, nullable=False),  # the id of a site or contract, the number of a person
    Column("since", Moment, nullable=False),
    UniqueConstraint("person", "kind", "key"),
)
update = Table(
    "update",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("leg", Text, nullable=False),  # its kind; `leg_id` where there may be several
    Column("leg_id", Key, ForeignKey("leg.id")),
    Column("event", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("author", Key, ForeignKey("person.id")),
    Column("actor", Text, nullable=False, default=""),  # who, where it was no person: clock, command line
    Column("proof", Text, nullable=False, default="none"),
    Column("received", Moment, nullable=False),
    Column("occurred", Moment),  # the Date the author gave, if it differs
    Column("change", Document, nullable=False, default=dict),  # {field: [old, new]}
    Column("status", Text, nullable=False, default=""),  # after it
    Column("owner", Text, nullable=False, default=""),  # after it
    Column("customer_hold", Boolean, nullable=False, default=False, server_default=false()),  # after it
    Column("message_id", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("inbox", Key),
    Column("duration", Integer),
    Column("met", Text, nullable=False, default="", server_default=""),  # SLA targets that it says are met, by blanks
    UniqueConstraint("incident", "number"),
)
update_text = Table(
    "update_text",
    metadata,
    Column("update", Key, ForeignKey("update.id"), primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("quoted", Text, nullable=False, default=""),
    Column("signature", Text, nullable=False, default="", server_default=""),
    Column("doubtful", Text, nullable=False, default="", server_default=""),  # quoted, or its author's own
    Column("page", Text, nullable=False, default="", server_default=""),  # the text as its author set it out, cleaned
)
attachment = Table(
    "attachment",
    metadata,
    Column("update", Key, ForeignKey("update.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Key, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("inline", Boolean, nullable=False, default=False),
)
term = Table(  # what was promised, as it was when promised
    "term",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("target", Text, nullable=False),
    Column("seconds", Key, nullable=False),  # of the calendar's working time
    Column("calendar", Text, nullable=False),
    Column("version", Key, nullable=False, default=0, server_default="0"),  # of the calendar; 0: as it is now
    Column("warn_at", Document, nullable=False),
    Column("cycle", Integer, nullable=False, default=1),
    Column("started", Moment, nullable=False),
    Column("after", Text, nullable=False, default="", server_default=""),  # target whose being met begins its time
    Column("pinned", Boolean, nullable=False, default=False, server_default=false()),  # whatever the priority becomes
    Column("ended", Moment),  # replaced by another promise
    Column("due", Moment),  # summary of the clock: NULL while it stands still
    Column("met", Moment),
    Column("state", Text, nullable=False, default="running"),  # running paused met warned late off
    Column("followed", Integer, nullable=False, default=0),  # the last update that its clock was followed through
    Column("progress", Document),  # and what it knew then (`domain.sla.Progress`)
    Index(None, "incident"),
)
warning = Table(  # a warning is said once: this key, not a flag
    "warning",
    metadata,
    Column("incident", Key, primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("threshold", Float, primary_key=True),  # 1.0 = late
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    Column("said", Moment, nullable=False),
)

bill = Table(  # what a closing came to
    "bill",
    metadata,
    ours(),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("contract", Text, nullable=False),
    Column("by_incident", Boolean, nullable=False),
    Column("amount", Integer, nullable=False),  # minutes, or incidents; below 0 it is given back
    Column("state", Text, nullable=False),  # drawn waiting refused replaced
    Column("made", Moment, nullable=False),
    Column("day", Text, nullable=False),  # of the closing, by which services are valid
    Column("asked", Key, ForeignKey("person.id")),  # whose yes it waits for, or waited
    Column("decided", Moment),
    Index(None, "incident"),
)
draw = Table(
    "draw",
    metadata,
    ours(),
    Column("bill", Key, ForeignKey("bill.id"), nullable=False),
    Column("incident", Key, ForeignKey("incident.number"), nullable=False),
    Column("service", Text, ForeignKey("service.id"), nullable=False),
    Column("amount", Integer, nullable=False),
    Index(None, "incident"),
)

# --- the knowledge base
article = Table(
    "article",
    metadata,
    ours(),  # the number that people see
    Column("state", Text, nullable=False, default="draft"),  # draft proposed published withdrawn
    Column("author", Text, nullable=False),
    Column("editor", Text, nullable=False),  # of the newest revision
    Column("reviewer", Text, nullable=False, default=""),
    Column("incident", Key, ForeignKey("incident.number")),  # where it comes from
    Column("revision", Integer, nullable=False, default=1),  # the newest
    Column("shown", Integer, nullable=False, default=0),  # what readers get; 0: never published
    Column("pending", Integer, nullable=False, default=0),  # what waits for a second person's yes
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("read", Moment),  # when somebody last read it
    Column("reads", Integer, nullable=False, default=0, server_default="0"),  # letters with it to customers
    Column("reviewed", Moment),  # when somebody last said that it is right
    Index(None, "state"),
    Index(None, "updated"),
    Index(
        "ix_article_incident",
        "incident",
        sqlite_where=text("incident IS NOT NULL"),
        postgresql_where=text("incident IS NOT NULL"),
    ),
)
article_revision = Table(
    "article_revision",
    metadata,
    Column("article", Key, ForeignKey("article.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("distribution", Text, nullable=False),  # public restricted private
    Column("language", Text, nullable=False, default=""),
    Column("tags", Document, nullable=False, default=list),
    Column("sections", Document, nullable=False, default=list),  # [[part, distribution or "", text], ...]
)
citation = Table(  # an incident names an article
    "citation",
    metadata,
    Column("article", Key, ForeignKey("article.id"), primary_key=True, autoincrement=False),
    Column("incident", Key, ForeignKey("incident.number"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False, default=""),  # an engineer's id; "" for a customer
    Column("solved", Boolean, nullable=False, default=False),  # it was what solved it
    Index(None, "incident"),
)
article_subscriber = Table(
    "article_subscriber",
    metadata,
    Column("article", Key, ForeignKey("article.id"), primary_key=True, autoincrement=False),
    Column("engineer", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)
article_letter = Table(  # the last that somebody was sent about an article
    "article_letter",
    metadata,
    Column("article", Key, ForeignKey("article.id"), primary_key=True, autoincrement=False),
    Column("person", Key, ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "person", "at"),
)
article_file = Table(
    "article_file",
    metadata,
    ours(),
    Column("article", Key, ForeignKey("article.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Key, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("removed", Moment),
    Index(None, "article"),
)

# --- mail that came in
blob = Table(  # content-addressed; above 256 KB the content is a file
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", Key, nullable=False),
    Column("content", LargeBinary),
)
inbox = Table(
    "inbox",
    metadata,
    ours(),
    Column("received", Moment, nullable=False),
    Column("sender", Text, nullable=False),  # of the envelope
    Column("recipients", Document, nullable=False),
    Column("recipient", Text, nullable=False),  # the one that decides, normalised
    Column("content", Text, nullable=False),  # hash without trace fields
    Column("raw", Text, nullable=False),  # blob
    Column("size", Key, nullable=False),
    Column("door", Text, nullable=False),
    Column("client", Text, nullable=False, default=""),
    Column("login", Text, nullable=False, default=""),
    Column("author", Text, nullable=False, default=""),  # From, once read
    Column("subject", Text, nullable=False, default=""),
    Column("message_id", Text, nullable=False, default=""),
    Column("ending", Text, nullable=False, default="waiting"),
    Column("rule", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("incident", Key),
    Column("duplicate_of", Key),
    Column("policy", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Moment),  # after a failure
    Column("claimed_by", Text, nullable=False, default=""),
    Column("lease", Moment),
    Column("ended", Moment),
    Index(
        "uq_inbox_once",
        "content",
        "recipient",
        unique=True,
        # Not by its ending: SQLite would take the row out of the index and put it in again when the mail ends.
        sqlite_where=text("duplicate_of IS NULL"),
        postgresql_where=text("duplicate_of IS NULL"),
    ),
    Index(
        "ix_inbox_waiting", "id", sqlite_where=text("ending = 'waiting'"), postgresql_where=text("ending = 'waiting'")
    ),
)
known_id = Table(  # every Message-ID ever seen with an incident
    "known_id",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("incident", Key, primary_key=True, autoincrement=False),
    Column("person", Key, primary_key=True, autoincrement=False),  # who wrote it or was sent it; 0 = only named
    Column("origin", Text, nullable=False),  # own foreign named
    Column("leg", Text, nullable=False, default="public"),
    Column("at", Moment, nullable=False),
    Column("covers", Integer),  # the last update that its reader, or its writer's reader, knows by it
    Index(None, "incident", "person", "at"),
)
generation = Table(  # how often a person's tokens for an incident were given away, and so made void
    "generation",
    metadata,
    Column("person", Key, primary_key=True, autoincrement=False),
    Column("incident", Key, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)
held = Table(
    "held",
    metadata,
    ours(),
    Column("inbox", Key, ForeignKey("inbox.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False, default=""),  # one sentence for people
    Column("incident", Key),
    Column("person", Key, ForeignKey("person.id")),
    Column("since", Moment, nullable=False),
    Column("locked_by", Text, nullable=False, default=""),
    Column("locked_until", Moment),
    Column("decision", Text, nullable=False, default=""),
    Column("decided_by", Text, nullable=False, default=""),
    Column("decided", Moment),
    Column("attach_only", Boolean, nullable=False, default=False),
    Column("approvers", Document, nullable=False, default=list),  # engineers, one of whom says yes or no to it
    Column("question", Document),  # what its author is asked, if he is: what the letter shows of the mail
    Column("shared", Boolean, nullable=False, default=False),  # one yes may answer for it and for others alike
    Column("reminders", Integer, nullable=False, default=0),  # how often those on duty were told again
    Column("remind_at", Moment),  # when they are told next, if nobody has decided
    Column("asked", Moment),  # when the question about it left; NULL while it waits for its turn
    Index(None, "inbox"),
    Index(
        "ix_held_to_ask",
        "person",
        sqlite_where=text("decision = '' AND asked IS NULL AND question IS NOT NULL"),
        postgresql_where=text("decision = '' AND asked IS NULL AND question IS NOT NULL"),
    ),
    Index(
        "ix_held_remind",
        "remind_at",
        sqlite_where=text("remind_at IS NOT NULL"),
        postgresql_where=text("remind_at IS NOT NULL"),
    ),
    Index("ix_held_open", "id", sqlite_where=text("decision = ''"), postgresql_where=text("decision = ''")),
)
block = Table(  # by mail; those of the configuration are in the policy
    "block",
    metadata,
    Column("address", Text, primary_key=True),  # or @domain
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
absence = Table(
    "absence",
    metadata,
    ours(),
    Column("engineer", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("kind", Text, nullable=False, default="away", server_default="away"),
    Column("state", Text, nullable=False, default="granted", server_default="granted"),  # only that counts
    Column("origin", Text, nullable=False, default="", server_default=""),  # what the configuration says, if it is that
    Column("handed", Moment),  # its incidents were handed over
    Column("ended", Moment),  # and everything given back
    Index("ix_absence_open", "engineer", sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    Index(None, "engineer", "origin"),
)
handover = Table(  # what a stand-in has for who is away
    "handover",
    metadata,
    Column("absence", Key, ForeignKey("absence.id"), primary_key=True),
    Column("incident", Key, ForeignKey("incident.number"), primary_key=True),
    Column("substitute", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("over", Moment),
)
confirmation = Table(
    "confirmation",
    metadata,
    ours(),
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("mails", Document, nullable=False),  # numbers of the held mails that the same yes releases
    Column("changes", Document, nullable=False, default=list),  # of the directory, which a yes makes instead
    Column("proposal", Boolean, nullable=False, default=False),  # whether it has some: then others need not wait for it
    Column("storm", Key, ForeignKey("storm.id")),  # it asks the lead of that storm instead
    Column("absence", Key, ForeignKey("absence.id")),  # it asks whether that one counts
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("answered", Moment),
    Index(None, "person"),
)

# --- what we say
notice = Table(
    "notice",
    metadata,
    ours(),
    Column("key", Text, nullable=False, unique=True),  # once-only
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("incident", Key),
    Column("leg", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("updates", Document, nullable=False),  # numbers of the log
    Column("detail", Document, nullable=False),
    Column("cycle", Integer, nullable=False, default=1),
    Column("made", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("expires", Moment),
    Column("number", Integer, nullable=False, default=0),  # of a held mail or question, for the reply address
    Column("settled", Moment),  # when it became a letter or was dropped; NULL: it waits
    Column("outbox", Key),  # the letter it became
    Column("dropped", Text, nullable=False, default=""),  # why it became none
    Index(
        "ix_notice_waiting",
        "not_before",
        sqlite_where=text("settled IS NULL"),
        postgresql_where=text("settled IS NULL"),
    ),
)
outbox = Table(
    "outbox",
    metadata,
    ours(),
    Column("incident", Key),
    Column("person", Key, ForeignKey("person.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("outside", Boolean, nullable=False),  # to somebody who is not staff
    Column("counted", Text, nullable=False, default=""),  # as what the limits count it
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("page", LargeBinary, nullable=False, default=b""),  # in UTF-8; none once it was sent
    Column("attachments", Document, nullable=False),  # [[name, type, sha256, Content-ID], ...]
    Column(
        "invite", Text, nullable=False, default="", server_default=""
    ),  # an iCalendar object, for engineers who want it
    Column("state", Text, nullable=False, default="queued"),  # queued sending sent deferred failed
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt", Moment, nullable=False),
    Column("last_error", Text, nullable=False, default=""),
    Column("expires", Moment),
    Column("made", Moment, nullable=False),
    Column("sent", Moment),
    Index(
        "ix_outbox_waiting",
        "id",
        sqlite_where=text("state IN ('queued', 'sending', 'deferred')"),
        postgresql_where=text("state IN ('queued', 'sending', 'deferred')"),
    ),
    Index(
        "ix_outbox_limited",
        "made",
        sqlite_where=text("automatic AND outside"),
        postgresql_where=text("automatic AND outside"),
    ),
    Index(
        "ix_outbox_automatic",
        "person",
        "made",
        sqlite_where=text("automatic"),
        postgresql_where=text("automatic"),
    ),
    Index("ix_outbox_reader", "incident", "person", "id"),  # the last letters to somebody about an incident
)
# --- mailboxes that are fetched from
source = Table(
    "source",
    metadata,
    Column("account", Text, primary_key=True),  # user@host
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", Key, nullable=False, default=0),
    Column("uid", Key, nullable=False, default=0),  # everything up to here is kept, left alone, or a leftover
    Column("first", Text, nullable=False, default=""),  # what of the mails up to `boundary` is taken: imap.first
    Column("begun", Moment),  # when the folder was first to be fetched
    Column("boundary", Key, nullable=False, default=0),
    Column("again", Boolean, nullable=False, default=False),  # the server gave all mails new UIDs since
    Column("older", Key, nullable=False, default=0),  # mails up to `boundary` that were left alone
    Column("owner", Text, nullable=False, default=""),  # the daemon that fetches
    Column("lease", Moment),
    Column("trouble", Text, nullable=False, default=""),
    Column("since", Moment),
)
leftover = Table(
    "leftover",
    metadata,
    Column("account", Text, primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uid", Key, primary_key=True, autoincrement=False),
    Column("want", Text, nullable=False),  # fetch mark
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Moment, nullable=False),
    Column("reason", Text, nullable=False, default=""),
)
audit = Table(
    "audit",
    metadata,
    ours(),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("incident", Key),
    Column("inbox", Key),
    Column("rule", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("policy", Text, nullable=False, default=""),
)

report_run = Table(  # a report that somebody asked for, or that was due
    "report_run",
    metadata,
    ours(),
    Column("key", Text, nullable=False, unique=True),  # once-only
    Column("person", Key, ForeignKey("person.id"), nullable=False),  # who reads it
    Column("detail", Document, nullable=False),  # the question, and what its letter has to know
    Column("asked", Moment, nullable=False),  # when it was asked for, or due
    Column("not_before", Moment, nullable=False),  # after a failure, and while somebody makes it
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    Column("done", Moment),  # its letter is written, or it was given up
    Index(
        "ix_report_run_waiting", "not_before", sqlite_where=text("done IS NULL"), postgresql_where=text("done IS NULL")
    ),
)
calendar_event = Table(
    "calendar_event",  # what an engineer's calendar was told last of an incident
    metadata,
    Column("incident", Key, primary_key=True, autoincrement=False),
    Column("person", Key, ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("uid", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("target", Text, nullable=False),  # "" once it was cancelled
    Column("due", Moment),
)
calendar_version = Table(
    "calendar_version",  # a calendar as it was when something was promised by it
    metadata,
    ours(),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),  # as it was configured
    Column("added", Boolean, nullable=False),  # holidays or exceptions closed it further
    Column("hours", Document, nullable=False),  # zone, week, holidays, exceptions
)
feedback = Table(
    "feedback",  # what the contact of a closed incident was asked, and answered; its words stand in the log
    metadata,
    Column("incident", Key, primary_key=True, autoincrement=False),  # asked once, however often it is closed
    Column("due", Moment),  # when it is looked whether anybody is asked; NULL once that is settled
    Column("asked", Moment),
    Column("person", Key, ForeignKey("person.id")),  # who was asked
    Column("owner", Text, nullable=False, default=""),  # the engineer at that time
    Column("scale", Integer, nullable=False, default=0),
    Column("explained", Boolean, nullable=False, default=False),  # a number that it does not have was answered
    Column("score", Integer),
    Column("scored", Moment),
    Index(
        "ix_feedback_due",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
    Index(None, "person", "asked"),
    Index(None, "asked"),
)


# --- full-text search


def words_table(name: str) -> Table:
    """The words of something by its id, with an index of them: SQLite has a table of its own for that, FTS5."""
    made = Table(
        name,
        metadata,
        Column("id", Key, primary_key=True, autoincrement=False),
        Column("words", Words, nullable=False),
    )
    gin = f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)"
    event.listen(made, "after_create", DDL(gin).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
    event.listen(made, "after_create", DDL(fts5(name)).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
    return made


def fts5(name: str) -> str:
    """The words are ours already: of blanks and ASCII letters alone the tokenizer makes nothing else."""
    return (
        f"CREATE VIRTUAL TABLE {name}_index USING fts5(words, content='{name}', content_rowid='id', columnsize=0,"
        " tokenize=\"ascii tokenchars '_'\")"
    )


words_of_incident = words_table("words_of_incident")  # title and the customer's own number; id: the number
words_of_update = words_table("words_of_update")  # id: `full_text.update_id`
words_of_article = words_table("words_of_article")  # id: `article_words.article_id`
