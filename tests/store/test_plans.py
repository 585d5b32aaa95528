"""Every statement on a mail's way, a letter's way and a tick's way finds its rows by an index.

The letter cases are played on each kind of database while its statements are written down; then the database is asked
for its plan of each.  So a query that somebody adds is looked at as soon as a case needs it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    Text,
    create_engine,
    event,
    func,
    select,
)

from sitmail.domain.incident_search import Search
from sitmail.domain.outgoing import Outcome
from sitmail.services import delivery_results, directory_import, incident_import, incident_search
from sitmail.store import ids, outbox, prepared, told_before
from sitmail.store import schema as t
from sitmail.store.database import Database
from tests.conftest import empty
from tests.letters.desks import DirectDesk, sqlite_store
from tests.letters.script import Case, every_case, read, reloaded, seconds
from tests.letters.writing import Mail, write
from tests.store.test_imported import ONE, TWO, bring

# What may read a whole table or index, and why.  An entry that nothing needs any more fails too.
WHOLE = {
    "SELECT contract.id FROM contract LIMIT": "whether there is one at all, once after a start",
    "SELECT unit.serial FROM unit LIMIT": "whether there is one at all, once after a start",
    "SELECT service.id FROM service LIMIT": "whether there is one at all, once after a start",
    "SELECT block.address FROM block": "read once after a start; a row is one that somebody blocked by mail",
    "SELECT site.id FROM site WHERE site.internal": "only an engineer's fresh mail asks, and sites are few",
    "SELECT watch.person, watch.kind": "read once after a start, and again later; an engineer asked for each row",
    "SELECT generation.": "read once after a start; a row is rare: a token was given away",
    "SELECT /* report */": "a report is about all of a time, and is read by a reading connection beside the mail",
    "SELECT incident.owner, count(*)": "counted once after a start; from the index of open ones where most are closed",
}
OF_FEW = {  # where the planner of PostgreSQL does not see how few rows those are, or takes them for all
    "SELECT article.id, article.state": "the articles that changed last, of some hundred that a desk has",
    "SELECT count(*) AS count_1 FROM update WHERE update.id": "the updates since the index of words was written",
}
# Indexes that hold only what waits or is open: walking through all of one is what it was made for.
WAITING = (
    "ix_held_(open|to_ask|remind)|ix_(contract|service)_low|ix_contract_ending|ix_absence_open|"
    "ix_(inbox|outbox|notice|report_run)_waiting|ix_incident_(deadline|open_owner)|ix_feedback_due"
)
BY_WORDS = r"VIRTUAL TABLE INDEX \d+:[=<>]*M"  # FTS5 looks words up
SHARE = 5  # every fifth case is played, on each database others: they share their statements


class Statements:
    """What was asked while it listened: statement -> parameters of its first time."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, Any]] = {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Both ways to a database: SQLAlchemy's own, and statements that are prepared."""
        event.listen(Engine, "before_cursor_execute", self._hear)
        plain = prepared.execute, prepared.executemany
        prepared.execute = self._asked(plain[0], many=False)
        prepared.executemany = self._asked(plain[1], many=True)
        try:
            yield
        finally:
            prepared.execute, prepared.executemany = plain
            event.remove(Engine, "before_cursor_execute", self._hear)

    def _asked(self, plain: Callable[..., Any], *, many: bool) -> Callable[..., Any]:
        def execute(cursor: Any, statement: str, parameters: Any) -> Any:
            rows = list(parameters) if many else parameters
            first = rows[0] if many else rows
            self._note(statement, tuple(first) if isinstance(first, list) else first)
            return plain(cursor, statement, rows)

        return execute

    def _hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        self._note(statement, parameters[0] if many else parameters)

    def _note(self, statement: str, parameters: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            alike = re.sub(r"\((?:[?%][^(),]*, )*[?%][^(),]*\)", "(...)", statement)
            self.seen.setdefault(" ".join(alike.split()), (statement, parameters))


def play(case: Case, folder: Path, store: str, heard: Statements) -> None:
    """A case without a judge: only what the desk asks the store matters here, once it is open."""
    desk = DirectDesk(folder, case, store)
    with closing(desk), heard.listening():
        mails: list[Mail] = []
        for step in (*case.before, *case.steps):
            if step.reload:
                case, seen = reloaded(case, step.reload), dict(heard.seen)
                desk.reload(case)
                heard.seen = seen  # a reload may read what is declared as a whole
            if step.imported:
                desk.bring(step.imported)
            if step.after or step.down:
                desk.pass_time(seconds(step.after or step.down), asleep=bool(step.down))
            if step.mail:
                mails.append(mails[-1] if step.again else write(step, case.names, desk.letters, len(mails) + 1))
                desk.receive(mails[-1:])
            if step.held:
                action, number, why = step.decision
                with desk.runtime.database.read() as connection:
                    held = connection.execute(select(func.max(t.held.c.id))).scalar_one()
                desk.decide(action, held, number, why)
        carry(desk)


def carry(desk: DirectDesk) -> None:
    """The courier looks for letters and tells what became of them: one left, one waits, one never will."""
    now = desk.now + timedelta(seconds=1)
    with desk.runtime.database.read() as connection:
        rows = outbox.due(connection, 3, now)
    for row, state in zip(rows, ("failed", "sent", "deferred"), strict=False):
        later = now + timedelta(minutes=1) if state == "deferred" else None
        told = Outcome(row.id, state, now, 1, later, "" if state == "sent" else "550 no")
        desk.runtime.database.write(
            delivery_results.report, delivery_results.Report(desk.runtime.desk, told, now)
        ).result()


def plays(cases: list[Case], empty_store: Callable[[Path], str]) -> Statements:
    heard = Statements()
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="plans-", ignore_cleanup_errors=True) as name:
            play(case, Path(name), empty_store(Path(name)), heard)
    return heard


def unexcused(found: dict[str, str], excuses: dict[str, str] = WHOLE) -> dict[str, str]:
    return {statement: plan for statement, plan in found.items() if not statement.startswith(tuple(excuses))}


def unneeded(heard: Statements) -> list[str]:
    return [start for start in WHOLE if not any(one.startswith(start) for one in heard.seen)]


# --- SQLite


def sqlite_plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [str(row[3]) for row in rows]


def scans(plan: list[str], parameters: Any = ()) -> list[str]:
    """Steps that read all there is, or all contacts, who may be a hundred thousand.

    A list without values is no table, nor is a part of the statement itself.
    """
    contacts = "contact" in parameters
    return [
        step
        for step in plan
        if (step.startswith("SCAN ") or (contacts and re.search(r"^SEARCH person .*\(kind=\?\)$", step)))
        and not re.search(
            rf"CONSTANT ROW|SCAN (anon_\d+|hits)$|VIRTUAL TABLE INDEX \d+:[=<>]*M|\(subquery|INDEX ({WAITING})$", step
        )
    ]


def test_sqlite_has_an_index_for_every_statement(sqlite_template: Path, database: Database) -> None:
    cases = [read(name) for name in every_case()[::SHARE]]
    heard = plays(cases, lambda folder: sqlite_store(folder, sqlite_template))
    found = {}
    with database.read() as connection:
        for alike, (statement, parameters) in heard.seen.items():
            plan = sqlite_plan(connection, statement, parameters)
            if scans(plan, parameters):
                found[alike] = "; ".join(plan)
    assert unexcused(found) == {}
    assert unneeded(heard) == []
    assert len(heard.seen) > 50, "the cases no longer play"


def test_a_missing_index_is_noticed(database: Database) -> None:
    def plan(connection: Connection, items: list[str]) -> list[list[str]]:
        connection.exec_driver_sql("DROP INDEX ix_known_id_incident_person_at")
        return [sqlite_plan(connection, item, (1,)) for item in items]

    asked = "SELECT at FROM known_id WHERE incident = ?"
    with database.read() as connection:
        assert scans(sqlite_plan(connection, asked, (1,))) == []
    assert scans(database.write(plan, asked).result()) == ["SCAN known_id"]


def test_the_last_letters_to_somebody_are_found_by_their_reader(database: Database) -> None:
    """Not among all about that incident, or about none: there may be very many."""
    heard = Statements()
    with heard.listening(), database.read() as connection:
        told_before.letters(connection, {(1, 2), (0, 2)})
    assert len(heard.seen) == 2
    with database.read() as connection:
        for statement, parameters in heard.seen.values():
            plan = "; ".join(sqlite_plan(connection, statement, parameters))
            assert "ix_outbox_reader (incident=? AND person=?)" in plan


def test_an_import_looks_up_its_own_rows(database: Database) -> None:
    rows = {
        "site": [{"id": "acme", "domains": ["acme.example"]}],
        "contract": [{"id": "a1", "site": "acme", "contacts": ["jane@acme.example"]}],
        "unit": [{"serial": "SN-1", "item": "router", "site": "acme", "contract": "a1"}],
        "contact": [{"addresses": [f"{name}@acme.example"], "site": "acme"} for name in ("jane", "john", "mary")],
    }
    heard = Statements()
    with heard.listening():
        for _ in range(2):
            database.write(
                lambda connection, items: [
                    directory_import.bring(connection, ids.of(connection), item, "import x.csv", dry=False)
                    for item in items
                ],
                rows,
            ).result()
    with database.read() as connection:
        found = {alike: scans(sqlite_plan(connection, *asked), asked[1]) for alike, asked in heard.seen.items()}
    # Changes by mail that lie over what is declared are few.
    excused = ("SELECT directory_change.",)
    assert {alike: steps for alike, steps in found.items() if steps and not alike.startswith(excused)} == {}
    assert len(found) > 8


def test_an_import_of_incidents_looks_up_its_own_rows(database: Database) -> None:
    heard = Statements()
    with heard.listening():
        for incidents in ([ONE, TWO], [ONE]):
            database.write(lambda connection, items: [bring(connection, *one) for one in items], incidents).result()
        with database.read() as connection:
            asked = [{"key": one.key, "digest": one.digest, "number": one.number} for one in (ONE, TWO)]
            incident_import.compare(connection, [*asked, {"key": "number 5", "digest": "", "number": 5}])
    with database.read() as connection:
        found = {alike: scans(sqlite_plan(connection, *asked), asked[1]) for alike, asked in heard.seen.items()}
    assert {alike: steps for alike, steps in found.items() if steps} == {}
    assert len(found) > 5


FEW = "SELECT incident.number FROM incident WHERE incident.merged_into IS NULL AND"  # walked once, instead of all hits
SEARCHES = [Search({}, ("red", "lamp")), Search({"owner": "x1"}, ("x1", "x2")), Search({"status": "open"}, ("x1",))]


def searches(connection: Connection) -> Statements:
    """What is asked where many incidents fulfil the conditions, and where few do."""
    heard = Statements()
    with heard.listening(), pytest.MonkeyPatch.context() as patch:
        for spread in (0, 500):
            patch.setattr(incident_search, "SPREAD", spread)
            for one in SEARCHES:
                incident_search.worded(connection, one, 31)
    return heard


def test_words_are_looked_up(database: Database) -> None:
    with database.read() as connection:
        asked = searches(connection).seen
        found = {alike: scans(sqlite_plan(connection, *one), one[1]) for alike, one in asked.items()}
    assert {alike: steps for alike, steps in found.items() if steps and not alike.startswith(FEW)} == {}
    assert sum("MATCH" in alike for alike in found) > 3


def test_a_walk_through_all_words_is_noticed(database: Database) -> None:
    with database.read() as connection:
        plan = sqlite_plan(connection, "SELECT rowid FROM words_of_update_index", ())
    assert scans(plan) == plan != []


# --- PostgreSQL


def postgresql_plan(connection: Connection, statement: str, parameters: Any) -> dict[str, Any]:
    """The plan it would take."""
    found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


# What stands in a column of row i.  All ids are alike, so foreign keys hold; nothing waits and few values are equal.
FILLING: dict[type, str] = {
    Integer: "i",
    BigInteger: "i",
    Float: "i",
    Text: "'x' || i",
    Boolean: "i % 2 = 0",
    t.Moment: "timestamptz '2026-01-01' + i * interval '1 minute'",
    t.Document: "'{}'",
    t.Words: "('x' || i)::tsvector",
    LargeBinary: "'x'",
}


EMPTY = {"incident.next_deadline", "link.ended"}  # the second: as nearly all links are
MANY = {"unit": 50_000}  # a text may name a hundred serial numbers: of few rows it would rather read all


def fill(connection: Connection, rows: int = 5_000) -> None:
    """Rows in every table, for what a planner does with empty ones tells nothing."""
    for table in t.metadata.sorted_tables:
        columns = [column for column in table.columns if str(column) not in EMPTY]
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = ", ".join(FILLING[type(column.type)] for column in columns)
        count = MANY.get(table.name, rows)
        made = f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM generate_series(1, {count}) AS i'
        connection.exec_driver_sql(made.replace("%", "%%"))
    connection.exec_driver_sql("ANALYZE")


def leading(connection: Connection) -> dict[str, str]:
    """The first column of every index: a condition on later ones alone still walks through all of it."""
    found = connection.exec_driver_sql(
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
    )
    return {str(index): str(column) for index, column in found}


def blind(node: dict[str, Any], first: dict[str, str]) -> list[str]:
    """Nodes that look at every row of a table or of a whole index."""
    kind, index = node["Node Type"], node.get("Index Name", "")
    found = [f"{kind} {node.get('Relation Name', '')} {index}"] if _reads_all(kind, index, node, first) else []
    return found + [each for child in node.get("Plans", ()) for each in blind(child, first)]


def _reads_all(kind: str, index: str, node: dict[str, Any], first: dict[str, str]) -> bool:
    if kind == "Seq Scan":
        return True
    if kind not in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") or re.fullmatch(WAITING, index):
        return False
    return not re.search(rf"\b{first[index]}\b", node.get("Index Cond", ""))


def test_postgresql_has_an_index_for_every_statement(postgresql_store: str) -> None:
    cases = [read(name) for name in every_case()[1 :: 2 * SHARE]]
    url = postgresql_store.replace("postgresql:", "postgresql+psycopg:")

    def emptied(_folder: Path) -> str:
        empty(postgresql_store)
        return url

    heard = plays(cases, emptied)
    empty(postgresql_store)
    engine = create_engine(url)
    found = {}
    with engine.connect() as connection:  # nothing of it is committed
        fill(connection)
        first = leading(connection)
        for alike, (statement, parameters) in heard.seen.items():
            if steps := blind(postgresql_plan(connection, statement, parameters), first):
                found[alike] = "; ".join(steps)
        for alike, (statement, parameters) in searches(connection).seen.items():
            steps = blind(postgresql_plan(connection, statement, parameters), first) if "SELECT" in alike[:6] else []
            if steps and not alike.startswith(FEW):
                found[alike] = "; ".join(steps)
    engine.dispose()
    assert unexcused(found, WHOLE | OF_FEW) == {}
    assert len(heard.seen) > 50, "the cases no longer play"


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({"Node Type": "Seq Scan", "Relation Name": "inbox"}, True),
        ({"Node Type": "Index Scan", "Index Name": "pk_inbox", "Index Cond": "(id = 1)"}, False),
        ({"Node Type": "Index Scan", "Index Name": "pk_inbox"}, True),
        ({"Node Type": "Index Scan", "Index Name": "pk_inbox", "Index Cond": "(ending = 'new')"}, True),
        ({"Node Type": "Index Only Scan", "Index Name": "ix_held_open"}, False),
        ({"Node Type": "Sort", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "held"}]}, True),
    ],
)
def test_a_blind_plan_is_noticed(node: dict[str, Any], found: bool) -> None:
    assert bool(blind(node, {"pk_inbox": "id"})) is found
