"""Answers of the command line: the keys of behaviour 6, the right incident, the same at any moment."""

from __future__ import annotations

import hashlib
import json
import mailbox
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, update

from sitmail.cli import show
from sitmail.domain.incident_search import Search
from sitmail.domain.outgoing import EXPIRED
from sitmail.sending.mbox import mbox_entry
from sitmail.services import reports, search_index
from sitmail.services.reports import DaemonState, Disk, NoAnswer, Trouble
from sitmail.services.reports.health import MANY_HELD_BACK
from sitmail.services.reports.newest import Newest
from sitmail.services.reports.plain import named
from sitmail.store import schema
from sitmail.store.blobs import BlobStore
from tests.desk_rows import FIRST, MORNING, POLICY, fill

INCIDENT = """
    number reference title status status_label closing_status priority severity request_type reason
    resolution verified tags fields owner temporary_owner team
    contact site contract product unit service_level channel customer_reference logged_by opened updated closed
    next_action next_action_at closure_requested held_reason late reports participants links targets updates
"""
UPDATE = "id at author direction event audience duration text quoted signature status owner message_id rule attachments"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A filled store on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('reports')}/sitmail.db"
    else:
        url = request.getfixturevalue("postgresql_urls")().replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url)
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        fill(connection)
        search_index.put_titles(connection, [1, 2, 3])
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """What a test changes is forgotten."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def numbers(rows: list[dict[str, object]]) -> list[object]:
    return [row["number"] for row in rows]


def test_the_list_has_the_open_ones_and_the_keys_of_the_page(connection: Connection) -> None:
    rows = reports.incidents(connection, POLICY)
    assert numbers(rows) == [1, 3]
    assert {"number", "title", "status", "closing_status", "priority", "owner", "late"} <= set(rows[0])
    assert rows[0]["owner"] == "ana"
    assert rows[0]["late"] is True
    assert rows[0]["contact"] == {"name": "Carla", "address": "carla@example.org"}
    assert rows[0]["due"] == "2026-03-02T10:30:00Z"  # of this cycle; the first one's is over
    assert rows[1]["owner"] is None
    assert rows[1]["contact"] is None
    assert rows[1]["due"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"all": True}, [1, 2, 3]),
        ({"status": "closed"}, [2]),
        ({"status": "Awaiting cust"}, [1]),
        ({"owner": "Ana Lind"}, [1]),
        ({"owner": "ana", "all": True}, [1, 2]),
        ({"owner": "none"}, [3]),
        ({"owner": "anton"}, []),
        ({"search": Search({"owner": "ana"})}, [1, 2]),
        ({"search": Search({"status": "open", "owner": ""}, ("unicode",))}, [3]),
        ({"search": Search({"status": "resolved"}, ("100%",))}, []),
        ({"search": Search({"since": "2026-01-01T00:00:00+00:00", "site": "acme", "reason": "network"})}, []),
        ({"search": Search({}, ("PRINTERS",)), "owner": "ana"}, [2, 1]),
    ],
)
def test_the_list_is_narrowed(connection: Connection, asked: dict[str, object], found: list[int]) -> None:
    assert numbers(reports.incidents(connection, POLICY, **asked)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"status": "awaiting"}, "may be any of"),
        ({"status": "clsed"}, "did you mean closed?"),
        ({"owner": "an"}, "may be any of ana, anton"),
        ({"owner": "bob"}, "There is no engineer 'bob'"),
    ],
)
def test_an_unknown_word_is_a_wrong_usage(connection: Connection, asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(NoAnswer) as refused:
        reports.incidents(connection, POLICY, **asked)  # type: ignore[arg-type]
    assert sentence in refused.value.sentence
    assert refused.value.code == os.EX_USAGE


def test_an_engineer_who_left_still_owns_what_he_owned(connection: Connection) -> None:
    connection.execute(update(schema.incident).where(schema.incident.c.number == 3).values(owner="gone"))
    assert numbers(reports.incidents(connection, POLICY, owner="gone")) == [3]


def test_an_exact_name_wins_over_longer_ones() -> None:
    assert named("priority", "high", {"high": "High", "highest": "Highest"}) == "high"


def test_an_incident_has_exactly_the_keys_of_the_page(connection: Connection) -> None:
    value = reports.incident(connection, POLICY, 1)
    assert list(value) == INCIDENT.split()
    assert [list(entry) for entry in value["updates"]] == [UPDATE.split()] * 3
    assert json.loads(json.dumps(value)) == value
    assert value["reference"] == "[EX-1]"
    assert value["status_label"] == "Awaiting customer"
    assert value["closing_status"] is None
    assert value["held_reason"] == "unknown-sender"
    assert value["participants"] == [
        {"name": "Carla", "address": "carla@example.org", "role": "contact", "level": "all"}
    ]


def test_links_are_seen_from_either_end_and_a_merged_log_is_part_of_the_other(connection: Connection) -> None:
    """Incident 1 was merged into 3, which has a bug; a link that ended is no more."""
    connection.execute(update(schema.incident).where(schema.incident.c.number != 2).values(linked=True))
    for key, number, kind, other, more in (
        (1, 1, "merged", 3, {"by": "ana"}),
        (2, 3, "bug", None, {"reference": "BUG-7", "detail": "lamp"}),
        (3, 3, "parent", 2, {"ended": MORNING}),
    ):
        row = {"id": key, "incident": number, "kind": kind, "other": other, "at": MORNING, **more}
        connection.execute(insert(schema.link).values(row))
    merged, whole = (reports.incident(connection, POLICY, number) for number in (1, 3))
    at = "2026-03-02T09:00:00Z"
    into = {"kind": "merged-into", "incident": 3, "reference": "[EX-3]", "detail": None, "at": at, "by": "ana"}
    assert merged["links"] == [into]
    assert whole["links"] == [
        {**into, "kind": "merged", "incident": 1, "reference": "[EX-1]"},
        {"kind": "bug", "incident": None, "reference": "BUG-7", "detail": "lamp", "at": at, "by": None},
    ]
    assert [entry["id"] for entry in whole["updates"]] == ["1#1", "1#2", "1#3"]
    assert [line for line in show.incident(whole) if "[EX-1]" in line] == [
        line for line in show.incident(whole) if line.startswith("merged ")
    ]


def test_targets_are_the_last_promises_in_their_order(connection: Connection) -> None:
    assert reports.incident(connection, POLICY, 1)["targets"] == [
        {"name": "first_response", "due": None, "met_at": "2026-03-02T09:05:00Z", "state": "met"},
        {"name": "resolution", "due": "2026-03-02T10:30:00Z", "met_at": None, "state": "running"},
    ]


def test_the_log_is_whole_and_in_order(connection: Connection) -> None:
    first, answer, late = reports.incident(connection, POLICY, 1)["updates"]
    assert [entry["id"] for entry in (first, answer, late)] == ["1#1", "1#2", "1#3"]
    assert first["text"] == "It burns.\n\x07bell"
    assert first["quoted"] == "> what?"
    assert first["attachments"] == [{"name": "a.png", "type": "image/png", "size": 3, "sha256": "ab"}]
    assert first["owner"] is None
    assert answer["author"] == {"name": "Ana Lind", "address": "ana@example.com"}
    assert (answer["status"], answer["owner"]) == ("awaiting-customer", "ana")
    assert late["author"] == {"name": "clock", "address": None}
    assert (late["text"], late["audience"]) == ("", "internal")


@pytest.mark.parametrize("which", ["1", "#1", "1#1"])
def test_the_raw_mail_of_an_update(connection: Connection, which: str) -> None:
    assert reports.raw_of(connection, 1, which) == hashlib.sha256(FIRST).hexdigest()


@pytest.mark.parametrize(
    ("number", "which", "code"),
    [(1, "3", os.EX_NOINPUT), (1, "9", os.EX_NOINPUT), (1, "2#1", os.EX_USAGE), (1, "x", os.EX_USAGE), (7, "1", 66)],
)
def test_a_raw_mail_that_is_not_there(connection: Connection, number: int, which: str, code: int) -> None:
    with pytest.raises(NoAnswer) as refused:
        reports.raw_of(connection, number, which)
    assert refused.value.code == code


def test_the_mbox_has_what_the_customer_sent_and_no_more(connection: Connection, tmp_path: Path) -> None:
    blobs = BlobStore(None, tmp_path / "spool")
    (tmp_path / "mbox").write_bytes(reports.mbox(connection, 1, blobs.read))
    with closing(mailbox.mbox(tmp_path / "mbox", create=False)) as box:
        letters = list(box)
    assert [letter["Subject"] for letter in letters] == ["Printer"]
    assert letters[0].get_from() == "carla@example.org Mon Mar  2 09:01:00 2026"
    assert letters[0].get_payload() == "It burns.\n>From here on it is hot.\n"


def test_from_lines_are_quoted_so_that_they_can_be_told_apart_again() -> None:
    entry = mbox_entry("", MORNING, b"A: b\n\nFrom x\n>From y\nAFrom z")
    assert entry == b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\nA: b\n\n>From x\n>>From y\nAFrom z\n\n"


def test_an_envelope_sender_cannot_begin_another_mail() -> None:
    assert mbox_entry("a\nFrom c", MORNING, b"") == b"From aFromc Mon Mar  2 09:00:00 2026\n\n\n"


def test_what_was_ignored_is_told_by_sender_and_rule(connection: Connection) -> None:
    assert reports.ignored(connection) == []
    row = connection.execute(select(schema.inbox).limit(1)).mappings().one()
    scans = [(101, "scanner@example.net", "automatic", "automatic mail: auto-submitted"),
             (102, "scanner@example.net", "automatic", "automatic mail: null-sender"),
             (103, "scanner@example.net", "blocked", ""),
             (104, "", "automatic", "automatic mail: null-sender")]  # fmt: skip
    for number, author, rule, reason in scans:
        told = {"id": number, "author": author, "sender": "bounce@example.net", "ending": "ignored", "rule": rule}
        about = {"reason": reason, "content": str(number), "subject": f"Scan {number}", "incident": None}
        connection.execute(insert(schema.inbox).values({**row, **told, **about}))
    seen = [(one["from"], one["count"], one["rule"], one["reason"], one["id"]) for one in reports.ignored(connection)]
    assert seen == [
        ("scanner@example.net", 2, "automatic", "automatic mail: null-sender", 102),
        ("scanner@example.net", 1, "blocked", None, 103),
        ("bounce@example.net", 1, "automatic", "automatic mail: null-sender", 104),
    ]
    assert reports.ignored(connection)[0]["subject"] == "Scan 102"


def test_the_inbox_tells_how_every_mail_ended(connection: Connection) -> None:
    rows = reports.inbox(connection)
    assert list(rows[0]) == ["id", "received", "from", "to", "subject", "ending", "reason", "incident"]
    assert [(row["id"], row["ending"], row["incident"]) for row in rows] == [
        (1, "new", 1),
        (2, "applied", 1),
        (3, "held", None),
        (4, "quarantined", None),
    ]
    one = reports.inbox_one(connection, 4)
    assert (one["from"], one["reason"]) == ("x@example.net", "it would not be read")
    assert one["recipients"] == ["support@example.com"]


def test_the_outbox_shows_what_has_not_left(connection: Connection) -> None:
    wanted = ["id", "incident", "to", "subject", "state", "attempts", "next_attempt", "last_error"]
    letters = [row for row in reports.outbox(connection) if row["state"] != "waiting"]
    assert [row["state"] for row in letters] == ["queued", "deferred", "failed"]
    rows = [row for row in reports.outbox(connection, all=True) if row["state"] != "waiting"]
    assert [row["state"] for row in rows] == ["sent", "queued", "deferred", "failed"]
    assert set(wanted) <= set(rows[0])
    assert [row["next_attempt"] is None for row in rows] == [True, False, False, True]


def test_the_outbox_names_what_waits_and_until_when(connection: Connection) -> None:
    waiting = [row for row in reports.outbox(connection) if row["state"] == "waiting"]
    due = connection.execute(select(schema.notice.c.not_before).where(schema.notice.c.settled.is_(None))).scalars()
    assert sorted(row["next_attempt"] for row in waiting) == sorted(f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in due)
    assert waiting
    assert all(row["id"] is None and row["to"] and row["purpose"] for row in waiting)
    assert len(reports.outbox(connection, newest=Newest(limit=2))) == 2
    shown = "\n".join(show.outbox(reports.outbox(connection)))
    assert f"({waiting[0]['purpose']})" in shown


def test_held_mail_is_what_waits_for_a_decision(connection: Connection) -> None:
    rows = reports.held(connection)
    assert [list(row) for row in rows] == [["id", "received", "from", "subject", "reason", "text", "incident"]]
    assert rows[0]["from"] is None  # the null sender wrote it
    assert reports.held_one(connection, 2)["decision"] == "spam"


def test_what_is_not_there_is_said(connection: Connection) -> None:
    for look in (reports.inbox_one, reports.held_one, reports.outbox_one):
        with pytest.raises(NoAnswer, match=r"There is no .* 99"):
            look(connection, 99)
    with pytest.raises(NoAnswer, match="There is no incident 99"):
        reports.incident(connection, POLICY, 99)


def test_a_letter_that_expired_needs_nobody(connection: Connection) -> None:
    connection.execute(update(schema.outbox).where(schema.outbox.c.state == "failed").values(last_error=EXPIRED))
    value = reports.status(connection, POLICY, DaemonState(MORNING))
    assert value["outbox"]["failed"] == 0 and not any("letter" in need for need in value["needs"])


def test_status_counts_and_names_what_needs_a_human(connection: Connection) -> None:
    value = reports.status(connection, POLICY, DaemonState(MORNING))
    assert value["healthy"] is False
    assert value["needs"] == [
        "1 mail is in quarantine: sitmail inbox.",
        "1 letter has failed for good: sitmail outbox.",
        "1 incident is late: sitmail incidents.",
    ]
    assert value["inbox"] == {"waiting": 0, "oldest": None, "quarantined": 1, "ignored": 0}
    assert value["outbox"]["oldest"] == "2026-03-02T09:02:00Z"
    assert [error["state"] for error in value["outbox"]["last_errors"]] == ["failed", "deferred"]
    assert value["held"] == {"open": 1, "oldest": "2026-03-02T09:03:00Z"}
    assert value["notices"] == {
        "held_back": 1,
        "oldest": "2026-03-02T09:01:00Z",
        "oldest_known": "2026-03-02T09:01:00Z",
    }
    assert value["incidents"] == {"open": 2, "unowned": 1, "late": 1}


def test_a_desk_without_trouble_is_healthy(connection: Connection) -> None:
    for table in (schema.held, schema.notice, schema.outbox, schema.inbox):
        connection.execute(delete(table))
    connection.execute(update(schema.incident).values(late=False))
    value = reports.status(connection, POLICY, DaemonState(MORNING))
    assert (value["healthy"], value["needs"]) == (True, [])


def test_twenty_letters_that_limits_hold_back_need_a_human(connection: Connection) -> None:
    waiting = connection.execute(select(schema.notice).where(schema.notice.c.id == 1)).mappings().one()
    rows = [dict(waiting) | {"id": 1000 + n, "key": f"more {n}"} for n in range(MANY_HELD_BACK - 1)]
    connection.execute(insert(schema.notice), rows)
    needs = reports.status(connection, POLICY, DaemonState(MORNING))["needs"]
    assert "20 letters are held back by the limits on automatic mail." in needs


def test_what_no_table_holds_is_told_too(connection: Connection) -> None:
    daemon = DaemonState(
        started=MORNING,
        listeners=("smtp 127.0.0.1:8025",),
        relay=Trouble("connection refused", MORNING),
        reload=Trouble("desk.tag: unknown", MORNING),
        jobs={"watch loop": Trouble("OperationalError: gone", MORNING)},
        letters=("answer.txt:3: 'nme' is undefined",),
    )
    value = reports.status(
        connection, POLICY, daemon, Disk("/data", 1_000_000, 140_000_000), ["a is gone", "b is gone"]
    )
    since = "2026-03-02T09:00:00Z"
    told = (
        f"The relay has taken no letters since {since}: connection refused.",
        f"The changed configuration was refused at {since}, so the former one is still used: desk.tag: unknown.",
        f"The watch loop has failed since {since}: OperationalError: gone.",
        "A letter of your own fails, and ours is sent instead: answer.txt:3: 'nme' is undefined.",
        "The disk of /data is nearly full: 1 MB are free, and mail is refused below 140 MB.",
        "Content of a mail is missing: a is gone (1 more).",
    )
    assert [sentence for sentence in told if sentence not in value["needs"]] == []
    assert value["relay"] == {"trouble": "connection refused", "since": since}
    assert value["daemon"] == {"running": True, "started": since, "listeners": ["smtp 127.0.0.1:8025"]}


def test_a_database_that_cannot_be_read_leaves_the_same_keys(connection: Connection) -> None:
    broken = reports.without_database("disk I/O error", None)
    assert broken["needs"] == [
        "The daemon does not run: no mail is received, answered or sent.",
        "The database cannot be read: disk I/O error.",
    ]
    assert list(broken) == list(reports.status(connection, POLICY))
