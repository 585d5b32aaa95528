"""Prepaid time: drawn in the transaction that closes an incident; what is used is the sum of the draws."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from sitmail.domain.prepaid import ALLOW, REFUSE, WARN, Bill, Draw, Service, billed, demand, settle
from sitmail.store import ids, prepaid, schema
from sitmail.store.database import Database
from sitmail.store.errors import StoreError
from sitmail.store.prepaid import NewBill
from tests.examples import examples
from tests.services.small_desk import ANNA, JANE, SmallDesk

DAY = "2026-03-02"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = '[[contract]]\nid = "acme-1"\nsite = "acme"\n[[service]]\nid = "hours"\ncontract = "acme-1"\ntime = "10h"\n'


def test_each_engineer_is_rounded_up_and_then_the_customer() -> None:
    assert billed([3, 11], 10, 15) == 30
    assert billed([3, 11], 1, 1) == 14
    assert billed([], 10, 15) == 0
    assert billed([60, -30], 1, 1) == 30  # taken back by a colleague
    assert billed([5, -10], 1, 1) == 0


@examples(200)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(-200, 200)), min_size=1, max_size=12),
    st.lists(st.integers(0, 400), min_size=1, max_size=4),
    st.sampled_from([1, 10, 15, 60]),
    st.sampled_from([REFUSE, WARN, ALLOW]),
)
def test_draws_of_any_closings_come_to_the_bill(
    closings: list[tuple[str, int]], amounts: list[int], period: int, overdraft: str
) -> None:
    """Each closing after more time, or after some was taken back; services of any size, and of any order."""
    services = {str(at): Service(str(at), "c", "", amount) for at, amount in enumerate(amounts)}
    spent = {"a": 0, "b": 0}
    bills: list[Bill] = []
    drawn: dict[str, int] = {}
    for who, minutes in closings:
        if spent["a"] + spent["b"] + minutes < 0:
            continue
        spent[who] += minutes
        wanted = billed(spent.values(), period, period)
        bill = demand(services.values(), "c", bills, wanted, DAY)
        if bill is None:
            continue
        before_it = [Draw(*one) for one in drawn.items()]
        found = settle(bill, list(services.values()), before_it, overdraft, DAY)
        for one in found.draws:
            drawn[one.service] = drawn.get(one.service, 0) + one.amount
            before = services[one.service]
            services[one.service] = Service(before.id, "c", "", before.amount, before.used + one.amount)
        bills.append(Bill("c", False, sum(one.amount for one in found.draws)))
        assert sum(drawn.values()) + found.short == wanted
        assert all(amount >= 0 for amount in drawn.values())
        if overdraft == REFUSE:
            assert all(one.left >= 0 for one in services.values())
        else:
            assert not found.short
    assert {one.id: one.used for one in services.values()} == {one: drawn.get(one, 0) for one in services}


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[SmallDesk]:
    made = SmallDesk(tmp_path, sqlite_template, people=PEOPLE)
    yield made
    made.close()


class Conversation:
    """Anna works on an incident of Jane's that was opened at this desk."""

    def __init__(self, desk: SmallDesk) -> None:
        self.desk = desk
        desk.say(JANE, "It stopped.", subject="Printer")
        self.letter = next(one for one in desk.letters if one.to == ANNA)

    def write(self, text: str) -> str:
        return str(self.desk.say(ANNA, text, answers=self.letter).decision.ending)

    def used(self) -> int:
        with self.desk.runtime.database.read() as connection:
            return int(connection.execute(select(schema.service.c.used)).scalar_one())

    def of_log(self, column: object, table: object) -> int:
        with self.desk.runtime.database.read() as connection:
            return int(connection.execute(select(func.coalesce(func.sum(column), 0)).select_from(table)).scalar_one())  # type: ignore[arg-type]


LINES = st.sampled_from(["/time 7m", "/time 20m", "/time -7m", "/close solved", "/reopen", "/time 3h", "/time -3h"])


@examples(12)
@given(mails=st.lists(st.lists(LINES, min_size=1, max_size=3), min_size=3, max_size=10))
def test_what_is_used_is_the_sum_of_the_draws(mails: list[list[str]], sqlite_template: Path) -> None:
    """Whatever was noted, taken back, closed and opened again, and whatever of it was refused."""
    with tempfile.TemporaryDirectory() as folder:
        desk = SmallDesk(Path(folder), sqlite_template, people=PEOPLE, more="[prepaid]\ncustomer_period = '15m'")
        talk = Conversation(desk)
        for lines in [*mails, ["/reopen"], ["/close solved"]]:
            talk.write("\n".join(lines))
        spent = talk.of_log(schema.update.c.duration, schema.update)
        used, drawn = talk.used(), talk.of_log(schema.draw.c.amount, schema.draw)
        bills = talk.of_log(schema.bill.c.amount, schema.bill)
        desk.close()
    assert used == drawn == bills == billed([spent], 1, 15)


def test_what_was_closed_is_drawn_by_the_transaction_that_closes(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is closed where nothing can be drawn: the mail waits, and is decided again."""
    talk = Conversation(desk)
    with monkeypatch.context() as broken:
        broken.setattr("sitmail.services.prepaid.DRAWN", None)  # the row of the bill is refused by the store
        with pytest.raises(Exception, match="bill"):
            talk.write("/time 30m\n/close solved")
    assert desk.incident(1)["status"] == "active" and talk.used() == 0
    desk.read()
    assert desk.incident(1)["status"] == "closed" and talk.used() == 30


def test_the_load_that_is_kept_in_memory_is_the_one_of_the_store(desk: SmallDesk) -> None:
    """Also where one mail has several entries, or is about what is closed, or about what nobody owns."""
    talk = Conversation(desk)
    for text in ("Fixed.\n/time 5m\n/close solved\n/note check it", "a note", "/reopen\n/time 5m", "/note a\n/time 1m"):
        talk.write(text)
        kept = {who: some for who, some in (desk.runtime.desk.memory.load or {}).items() if some}
        with desk.runtime.database.read() as connection:
            owned = select(schema.incident.c.owner, func.count()).where(schema.incident.c.status != "closed")
            counted = {row[0]: row[1] for row in connection.execute(owned.group_by(schema.incident.c.owner))}
        assert kept == counted


def test_a_draw_and_its_service_change_together_on_each_database(each_database: Database) -> None:
    """And no more than is left is drawn where that is not allowed, whoever draws at the same moment."""

    def prepare(connection: object, _items: list[None]) -> list[None]:
        row = {"number": 1, "mailbox": "m", "title": "t", "status": "closed", "priority": "medium"}
        moments = dict.fromkeys(("opened", "updated", "cycle_opened"), NOW)
        connection.execute(insert(schema.incident).values(**row, **moments))  # type: ignore[attr-defined]
        connection.execute(insert(schema.service).values(id="h", contract="c", name="h", amount=60))  # type: ignore[attr-defined]
        return [None]

    def draw(connection: object, items: list[int]) -> list[None]:
        for minutes in items:
            numbers = ids.of(connection)  # type: ignore[arg-type]
            key = prepaid.add_bill(connection, numbers, NewBill(1, "c", False, minutes, "drawn", NOW, DAY))  # type: ignore[arg-type]
            prepaid.add_draw(connection, numbers, key, 1, Draw("h", minutes), bounded=True)  # type: ignore[arg-type]
        return [None] * len(items)

    each_database.write(prepare, None).result()
    each_database.write(draw, 45).result()
    with pytest.raises(StoreError, match="less is left"):
        each_database.write(draw, 16).result()
    each_database.write(draw, 15).result()
    each_database.write(draw, -20).result()
    with each_database.read() as connection:
        assert prepaid.by_id(connection, ["h"])["h"].used == 40
        assert prepaid.drawn(connection, 1) == [Draw("h", 40)]
        assert [one.amount for one in prepaid.settled(connection, 1)] == [45, 15, -20]
