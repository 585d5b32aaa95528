"""The courier sends each letter once and in order, whatever the relay does.  Real SMTP on loopback."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.outgoing import Outcome, Outgoing, Pair
from sitmail.sending import courier as courier_module
from sitmail.sending import courier_outcomes, send_queue
from sitmail.sending.compose import Letter, compose
from sitmail.sending.courier import Courier
from sitmail.sending.relay import open_relay
from sitmail.sending.send_queue import SendQueue, delay
from tests.wire import Message, Sink

START = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def row(
    number: int, person: int = 1, incident: int | None = 1, to: str = "bob@example.org", **changes: object
) -> Outgoing:
    head, body = compose(
        Letter("Desk", "support@example.com", "", to, str(number), START, f"<{number}@example.com>", f"letter {number}")
    )
    made = Outgoing(
        id=number, person=person, incident=incident, purpose="answer", sender="support+b@example.com", recipient=to,
        message_id=f"<{number}@example.com>", head=head, body=body, page=b"", attachments=(), attempts=0, made=START,
        expires=None,
    )  # fmt: skip
    return made._replace(**changes)


def number_of(message: Message) -> int:
    return int(message.data.split(b"Subject: ")[1].split(b"\r\n")[0])


class Desk:
    """A store in memory and a clock that is moved by hand, as the courier sees them."""

    def __init__(self, *rows: Outgoing) -> None:
        self.clock = START
        self.rows = {each.id: each for each in rows}
        self.state = {each.id: "queued" for each in rows}
        self.when = {each.id: START for each in rows}
        self.outcomes: list[Outcome] = []
        self.groups: list[int] = []
        self.reads = 0
        self.failing_reports = 0
        self.files: dict[str, bytes] = {}
        self.during_read: Callable[[], None] = lambda: None

    def commit(self, *rows: Outgoing) -> tuple[Outgoing, ...]:
        for each in rows:
            self.rows[each.id], self.state[each.id], self.when[each.id] = each, "queued", self.clock
        return rows

    async def due(self, limit: int) -> list[Outgoing]:
        self.reads += 1
        held, found = set(), []
        for number in sorted(self.rows):
            each = self.rows[number]
            if self.state[number] in ("sent", "failed") or each.pair in held:
                continue
            if self.when[number] > self.clock:
                held.add(each.pair)
            else:
                found.append(each)
        await asyncio.sleep(0)
        self.during_read()
        return found[:limit]

    async def waiting(self) -> set[Pair]:
        late = (each for n, each in self.rows.items() if self.when[n] > self.clock)
        return {each.pair for each in late if self.state[each.id] not in ("sent", "failed")}

    async def report(self, outcomes: list[Outcome]) -> None:
        await asyncio.sleep(0)
        if self.failing_reports:
            self.failing_reports -= 1
            raise OSError("database is locked")
        self.groups.append(len(outcomes))
        for each in outcomes:
            self.outcomes.append(each)
            self.state[each.id] = each.state
            self.rows[each.id] = self.rows[each.id]._replace(attempts=each.attempts)
            if each.next_attempt is not None:
                self.when[each.id] = each.next_attempt

    async def content(self, sha256: str) -> bytes:
        return self.files[sha256]

    def courier(self, sink: Sink, connections: int = 2) -> Courier:
        return Courier(
            lambda: open_relay(f"smtp://127.0.0.1:{sink.port}"),
            due=self.due, waiting=self.waiting, report=self.report, content=self.content,
            now=lambda: self.clock, connections=connections,
        )  # fmt: skip

    def later(self, courier: Courier, **span: float) -> None:
        self.clock += timedelta(**span)
        courier.poke()


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[Courier]:
    task = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        courier.stop()
        async with asyncio.timeout(10):
            await task


async def test_what_is_due_is_sent_and_reported_in_groups() -> None:
    desk = Desk(*(row(n, person=n % 7) for n in range(1, 301)))
    async with Sink() as sink:
        await desk.courier(sink).drain()
    assert sorted(map(number_of, sink.messages)) == list(range(1, 301))
    assert set(desk.state.values()) == {"sent"}
    assert {(o.attempts, o.next_attempt, o.error) for o in desk.outcomes} == {(1, None, "")}
    assert len(desk.groups) < 300
    assert max(desk.groups) <= courier_outcomes.GROUP
    assert sink.connections == 2
    message = sink.messages[0]
    assert (message.sender, message.recipients) == ("support+b@example.com", ["bob@example.org"])


async def test_outcomes_gather_while_letters_are_away_but_not_when_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_outcomes, "GATHERING", 60)
    desk = Desk(*(row(n, person=n) for n in range(1, 101)))
    async with Sink() as sink, running(desk.courier(sink)):
        await sink.until(100)
    assert sum(desk.groups) == 100
    assert max(desk.groups) > 50


async def test_a_lone_outcome_is_written_down_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in between would send the letter again."""
    monkeypatch.setattr(courier_outcomes, "GATHERING", 60)
    desk = Desk(row(1))
    async with Sink() as sink, running(desk.courier(sink)):
        await sink.when(lambda: desk.groups == [1])


async def test_fresh_letters_need_no_reading() -> None:
    desk = Desk()
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        await sink.when(lambda: desk.reads)
        await asyncio.sleep(0.01)
        reads = desk.reads
        for n in range(1, 51):
            courier.offer(desk.commit(row(n)))
        await sink.until(50)
        assert desk.reads == reads
    assert list(map(number_of, sink.messages)) == list(range(1, 51))


async def test_letters_of_a_pair_leave_in_order_one_at_a_time_and_others_beside_them() -> None:
    desk = Desk(*(row(n, person=n % 3, incident=n % 2) for n in range(1, 121)))
    async with Sink() as sink:
        sink.delays["."] = 0.0005
        await desk.courier(sink, connections=4).drain()
    assert sink.most_at_once == 4
    for pair in {(n % 3, n % 2) for n in range(6)}:
        sent = [n for n in map(number_of, sink.messages) if (n % 3, n % 2) == pair]
        assert sent == sorted(sent)
        assert len(sent) == 20


async def test_a_deferred_letter_holds_back_its_pair_only_and_keeps_to_the_schedule() -> None:
    desk = Desk(row(1, to="slow@example.org"), row(2), row(3, person=2))
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        sink.refused["slow@example.org"] = "451 4.2.1 later"
        waited = []
        for attempt in range(1, 10):
            await sink.when(lambda n=attempt: sum(o.id == 1 for o in desk.outcomes) == n)  # type: ignore[misc]
            told = [o for o in desk.outcomes if o.id == 1][-1]
            assert (told.state, told.attempts, told.error) == ("deferred", attempt, "451 4.2.1 later")
            assert told.next_attempt is not None
            waited.append((told.next_attempt - desk.clock).total_seconds() / 60)
            desk.later(courier, seconds=(told.next_attempt - desk.clock).total_seconds() - 1)
            await asyncio.sleep(0.01)
            assert sum(o.id == 1 for o in desk.outcomes) == attempt
            desk.later(courier, seconds=1)
        assert list(map(number_of, sink.messages)) == [3]
        for minutes, nominal in zip(waited, (1, 2, 5, 10, 20, 40, 60, 60, 60), strict=True):
            assert nominal * 0.9 <= minutes <= nominal * 1.1
        await sink.when(lambda: len([o for o in desk.outcomes if o.id == 1]) == 10)
        del sink.refused["slow@example.org"]
        desk.later(courier, hours=2)
        await sink.until(3)
    assert list(map(number_of, sink.messages)) == [3, 1, 2]


def test_the_spread_of_attempts_is_the_same_again_and_wide() -> None:
    minutes = {delay(n, 1).total_seconds() / 60 for n in range(1000)}
    assert delay(7, 3) == delay(7, 3)
    assert 0.9 <= min(minutes) < 0.92
    assert 1.08 < max(minutes) <= 1.1


@pytest.mark.parametrize(
    ("step", "answer"), [("RCPT", "550 5.1.1 no such user"), (".", "554 5.7.1 spam"), ("DATA", "554 no")]
)
async def test_a_final_refusal_fails_at_once_and_the_next_goes(step: str, answer: str) -> None:
    desk = Desk(row(1), row(2))
    async with Sink() as sink:
        sink.replies[step] = [answer]
        await desk.courier(sink).drain()
    assert [(o.id, o.state, o.error) for o in desk.outcomes] == [(1, "failed", answer), (2, "sent", "")]


async def test_after_five_days_a_refused_letter_fails_but_a_week_without_relay_loses_nothing() -> None:
    desk = Desk(row(1, person=1, to="slow@example.org", made=START - timedelta(days=5)), row(2, person=2))
    async with Sink() as sink:
        sink.refused["slow@example.org"] = "451 later"
        sink.always["MAIL"] = "451 down"
        courier = desk.courier(sink)
        await courier.drain()
        assert desk.outcomes == []
        desk.clock += timedelta(days=7)
        sink.always.clear()
        await courier.drain()
    assert {(o.id, o.state, o.error) for o in desk.outcomes} == {
        (1, "failed", "given up after 5 days: 451 later"),
        (2, "sent", ""),
    }


async def test_what_expired_is_not_sent() -> None:
    desk = Desk(row(1, expires=START), row(2, expires=START + timedelta(seconds=1)))
    async with Sink() as sink:
        await desk.courier(sink).drain()
    assert [(o.id, o.state, o.error, o.attempts) for o in desk.outcomes] == [
        (1, "failed", "expired", 0),
        (2, "sent", "", 1),
    ]


async def test_a_letter_that_tells_of_a_failure_leaves_in_the_same_drain() -> None:
    desk = Desk(row(1))
    async with Sink() as sink:
        courier = desk.courier(sink)
        plain = desk.report

        async def report(outcomes: list[Outcome]) -> None:
            await plain(outcomes)
            failed = [row(o.id + 100, person=9) for o in outcomes if o.state == "failed"]
            courier.offer(desk.commit(*failed))

        courier._outcomes._report = report
        sink.replies["RCPT"] = ["550 no"]
        await courier.drain()
    assert list(map(number_of, sink.messages)) == [101]
    assert desk.state == {1: "failed", 101: "sent"}


async def test_draining_ends_though_nothing_can_be_written() -> None:
    desk = Desk(row(1))
    desk.failing_reports = 10**9
    async with Sink() as sink:
        async with asyncio.timeout(10):
            await desk.courier(sink).drain()
    assert (len(sink.messages), desk.state) == (1, {1: "queued"})


async def test_what_can_never_be_sent_fails_and_what_cannot_be_read_waits() -> None:
    desk = Desk(
        row(1, recipient="not an address"),
        row(2, head="Subject: ü\r\n"),
        row(3, person=3, attachments=(("a.txt", "text/plain", "gone", ""),)),
        row(4, attachments=(("a.txt", "text/plain", "here", ""), ("b.bin", "x/y", "big", ""))),
    )
    desk.files = {"here": b"content", "big": b"x" * 400_000}
    async with Sink() as sink:
        await desk.courier(sink).drain()
    assert desk.state == {1: "failed", 2: "failed", 3: "deferred", 4: "sent"}
    assert b'filename="a.txt"' in sink.messages[0].data


# --- the relay as a whole


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("CONNECT", "421 busy"), ("CONNECT", "554 no"), ("CONNECT", None), ("EHLO", "500 no"), ("MAIL", "550 not you"),
        ("MAIL", "451 busy"), ("RCPT", "421 closing"), (".", "421 closing"),
    ],
)  # fmt: skip
async def test_a_relay_in_trouble_is_tried_by_one_letter_at_a_time_and_blames_no_letter(
    step: str, answer: str | None
) -> None:
    desk = Desk(*(row(n, person=n) for n in range(1, 41)))
    async with Sink() as sink, running(desk.courier(sink, connections=4)) as courier:
        sink.always[step] = answer
        await sink.when(lambda: courier.trouble)
        await asyncio.sleep(0.05)
        pauses = []
        for _ in range(6):
            tried = sink.connections
            assert courier._down_until is not None
            pauses.append((courier._down_until - desk.clock).total_seconds())
            desk.clock = courier._down_until
            courier._work.set()
            await sink.when(lambda n=tried: sink.connections > n)  # type: ignore[misc]
            await sink.when(lambda: courier._down_until is not None and courier._down_until > desk.clock)
            assert sink.connections == tried + 1
        assert pauses == [5, 10, 20, 40, 60, 60]
        assert desk.outcomes == []
        assert answer is None or answer in courier.trouble
        sink.always.clear()
        desk.later(courier, seconds=60)
        await sink.until(40)
    assert sorted(map(number_of, sink.messages)) == list(range(1, 41))
    assert {o.attempts for o in desk.outcomes} == {1}
    assert courier.trouble == ""


async def test_nobody_listens_then_somebody_does() -> None:
    desk = Desk(row(1))
    sink = Sink()
    async with sink:
        pass  # now its port is closed
    async with running(desk.courier(sink)) as courier:
        await sink.when(lambda: courier.trouble)
        async with sink:
            desk.later(courier, seconds=5)
            await sink.until(1)


async def test_a_clock_that_is_set_back_makes_no_pause_longer() -> None:
    desk = Desk(row(1))
    sink = Sink()
    async with sink:
        pass  # now its port is closed
    async with running(desk.courier(sink)) as courier:
        await sink.when(lambda: courier.trouble)
        async with sink:
            desk.clock -= timedelta(hours=2)
            courier._work.set()
            await sink.until(1)


async def test_a_letter_on_which_the_relay_dies_does_not_hold_up_the_others() -> None:
    desk = Desk(row(1), row(2, person=2), row(3, person=3))
    async with Sink() as sink:
        sink.replies["DATA"] = [None]
        await desk.courier(sink, connections=1).drain()
    assert desk.state == {1: "deferred", 2: "sent", 3: "sent"}


async def test_a_connection_lost_after_the_dot_is_told_and_tried_again() -> None:
    desk = Desk(row(1))
    async with Sink() as sink:
        sink.swallow_then_drop = 1
        courier = desk.courier(sink)
        await courier.drain()
        (told,) = desk.outcomes
        assert (told.state, told.attempts) == ("deferred", 1)
        assert "twice" in told.error
        desk.clock += timedelta(minutes=2)
        await courier.drain()
    assert len({message.data for message in sink.messages}) == 1
    assert [o.state for o in desk.outcomes] == ["deferred", "sent"]


async def test_a_letter_that_left_while_its_deferral_was_written_down_is_not_sent_again() -> None:
    """The store, asked before it heard of the second attempt, gives the letter as due: it is not somebody's retry."""
    desk = Desk(row(1))
    gates = [asyncio.Event(), asyncio.Event()]
    report, waiting = desk.report, iter(gates)

    async def slow(outcomes: list[Outcome]) -> None:
        if (gate := next(waiting, None)) is not None:
            await gate.wait()
        await report(outcomes)

    desk.report = slow  # type: ignore[method-assign]
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        sink.replies["."] = ["451 later"]
        await sink.when(lambda: sink.seen["."] == 1)
        desk.later(courier, minutes=5)
        await sink.until(1)
        gates[0].set()
        await sink.when(lambda: desk.state[1] == "deferred")
        reads = desk.reads
        courier.poke()
        await sink.when(lambda: desk.reads > reads)
        await asyncio.sleep(0.05)
        assert len(sink.messages) == 1
        gates[1].set()
        await sink.when(lambda: desk.state[1] == "sent")
    assert len(sink.messages) == 1


async def test_one_bad_relay_day_loses_and_doubles_nothing() -> None:
    """4xx, 5xx, drops at every step, restarts: each letter has one ending, none is sent twice but by a lost 250."""
    desk = Desk(*(row(n, person=n % 10, incident=n % 4) for n in range(1, 201)))
    async with Sink() as sink, running(desk.courier(sink, connections=3)) as courier:
        sink.replies = {
            "CONNECT": [None, "421 busy"],
            "MAIL": ["250 ok", "451 x", "250 ok", None],
            "RCPT": ["250 ok", "450 x", None, "250 ok", "450 y"],
            "DATA": ["354 go", "451 x", None],
            ".": ["451 x", "250 ok\n250 ok", None, "421 bye"],
        }
        for day in range(100):
            if day == 20:
                sink.drop_all()
            if all(state == "sent" for state in desk.state.values()):
                break
            desk.later(courier, minutes=5)
            await asyncio.sleep(0.02)
    assert set(desk.state.values()) == {"sent"}
    numbers = [number_of(message) for message in sink.messages]
    assert set(numbers) == set(range(1, 201))
    twice = {number for number, count in Counter(numbers).items() if count > 1}
    assert twice <= {outcome.id for outcome in desk.outcomes if "arrives twice" in outcome.error}
    for pair in {(n % 10, n % 4) for n in range(1, 201)}:
        sent = [n for n in numbers if (n % 10, n % 4) == pair]
        assert sent == sorted(sent)


# --- the store


async def test_a_row_that_comes_again_is_not_sent_again() -> None:
    desk = Desk(row(1))
    desk.failing_reports = 1
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        for _ in range(5):
            courier.offer([desk.rows[1]])
            desk.later(courier, seconds=1)
            await asyncio.sleep(0.01)
        await sink.until(1)
    assert len(sink.messages) == 1
    assert desk.state == {1: "sent"}  # the failed report was made up for while closing


def test_what_ended_is_known_again_at_a_bit_a_letter() -> None:
    queue, some = SendQueue(), row(1)
    tracemalloc.start()
    try:
        for number in range(1, 100_001):
            letter = some._replace(id=number)
            assert queue.put([letter]) == 1
            assert queue.take(START) is letter
            queue.end(letter)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert not queue.put(some._replace(id=number) for number in range(1, 100_001))
    assert held < 100_000 * 4  # bytes; a set of them would have 70 for each
    queue.again(some._replace(id=70_000))
    assert (len(queue), queue.put([some._replace(id=100_001)])) == (1, 1)


def test_the_oldest_that_ended_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_queue, "BLOCKS", 2)
    queue, letters = SendQueue(), [row(number) for number in (1, 200, 201, 300)]
    for letter in letters:
        queue.put([letter])
        queue.take(START)
        queue.end(letter)
    assert queue.put(letters) == 1
    assert queue.take(START) == letters[0]


async def test_a_store_that_cannot_be_read_or_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "POLL", 0.02)
    desk = Desk(row(1))
    failures = 1

    def fail() -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise OSError("disk I/O error")

    desk.during_read = fail
    desk.failing_reports = 10**9
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        await sink.until(1)
        courier.offer(desk.commit(row(2)))
        await sink.until(2)
    assert desk.state == {1: "queued", 2: "queued"}


@pytest.mark.parametrize(("answer", "state"), [("450 later", "deferred"), ("550 no", "failed")])
async def test_a_refused_letter_leaves_at_once_if_somebody_wants_it(answer: str, state: str) -> None:
    desk = Desk(row(1), row(2, person=2))
    async with Sink() as sink, running(desk.courier(sink, connections=1)) as courier:
        sink.replies["RCPT"] = [answer]
        await sink.when(lambda: desk.state == {1: state, 2: "sent"})
        await asyncio.sleep(0.01)
        courier.poke()
        await asyncio.sleep(0.02)
        assert len(sink.messages) == 1
        desk.commit(desk.rows[1]._replace(attempts=0))
        courier.poke()
        await sink.until(2)
    assert desk.state[1] == "sent"
    assert desk.rows[1].attempts == 1


async def test_what_does_not_fit_in_memory_leaves_in_order_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "CAPACITY", 20)
    monkeypatch.setattr(courier_module, "PAGE", 10)
    desk = Desk()
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        for start in range(1, 301, 3):
            courier.offer(desk.commit(*(row(n, person=n % 5) for n in range(start, start + 3))))
            assert len(courier._queue) <= 20 + 30
            if start % 4 == 0:
                await asyncio.sleep(0.001)
        await sink.until(300)
    numbers = [number_of(message) for message in sink.messages]
    assert sorted(numbers) == list(range(1, 301))
    for person in range(5):
        sent = [n for n in numbers if n % 5 == person]
        assert sent == sorted(sent)


async def test_letters_offered_while_the_store_is_read_do_not_overtake() -> None:
    desk = Desk(*(row(n) for n in range(1, 11)))
    async with Sink() as sink:
        courier = desk.courier(sink)

        def offer() -> None:
            desk.during_read = lambda: None
            courier.offer(desk.commit(row(11)))

        desk.during_read = offer
        courier.offer(desk.commit(row(12)))  # before anything was read: the store has it
        await courier.drain()
    assert list(map(number_of, sink.messages)) == list(range(1, 13))


async def test_letters_left_to_the_store_while_it_was_read_are_not_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "CAPACITY", 6)
    desk = Desk(*(row(n) for n in range(1, 4)))
    async with Sink() as sink:
        courier = desk.courier(sink)

        def offer() -> None:
            desk.during_read = lambda: None
            courier.offer(desk.commit(*(row(n) for n in range(4, 11))))  # too many
            asyncio.get_running_loop().call_soon(lambda: courier.offer(desk.commit(row(11))))

        desk.during_read = offer
        await courier.drain()
    assert list(map(number_of, sink.messages)) == list(range(1, 12))


async def test_a_letter_put_off_before_a_restart_is_not_overtaken_by_fresh_ones() -> None:
    """RFC 5321 knows no order, people do: an answer must not come before the acknowledgement."""
    desk = Desk(row(1))
    desk.state[1], desk.when[1] = "deferred", START + timedelta(minutes=1)
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        await sink.when(lambda: desk.reads)
        await asyncio.sleep(0.01)
        courier.offer(desk.commit(row(2), row(3, person=9)))
        await sink.until(1)
        await asyncio.sleep(0.02)
        assert list(map(number_of, sink.messages)) == [3]
        desk.later(courier, minutes=2)
        await sink.until(3)
        courier.offer(desk.commit(row(4)))
        await sink.until(4)
    assert list(map(number_of, sink.messages)) == [3, 1, 2, 4]


async def test_little_leaves_that_is_not_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash would repeat it."""
    monkeypatch.setattr(courier_module, "UNWRITTEN", 5)
    desk = Desk(*(row(n, person=n) for n in range(1, 41)))
    written = asyncio.Event()
    report = desk.report

    async def slow(outcomes: list[Outcome]) -> None:
        await written.wait()
        await report(outcomes)

    monkeypatch.setattr(desk, "report", slow)
    async with Sink() as sink, running(desk.courier(sink)):
        await sink.until(5)
        await asyncio.sleep(0.05)
        assert len(sink.messages) <= 6  # the other connection may have had one under way
        written.set()
        await sink.until(40)


async def test_a_reading_that_is_older_than_a_refusal_changes_nothing() -> None:
    desk = Desk(row(1))
    async with Sink() as sink, running(desk.courier(sink)) as courier:
        sink.replies["RCPT"] = ["450 later"]
        await sink.when(lambda: desk.state[1] == "deferred")
        await asyncio.sleep(0.01)
        release = asyncio.Event()
        fresh, stale = desk.due, [desk.rows[1]._replace()]

        async def slow(limit: int) -> list[Outgoing]:
            await release.wait()
            return stale

        courier._due = slow
        desk.later(courier, minutes=2)  # while the store is read, its time comes
        await sink.until(1)
        await sink.when(lambda: desk.state[1] == "sent")
        courier._due = fresh
        release.set()
        await asyncio.sleep(0.05)
    assert len(sink.messages) == 1


async def test_stopping_finishes_what_is_under_way() -> None:
    desk = Desk(*(row(n, person=n) for n in range(1, 30)))
    async with Sink() as sink:
        sink.delays["."] = 0.05
        async with running(desk.courier(sink)):
            await sink.when(lambda: sink.seen["DATA"] >= 2)
    assert 2 <= len(sink.messages) < 29
    assert sorted(number for number, state in desk.state.items() if state == "sent") == sorted(
        map(number_of, sink.messages)
    )
    assert sink.seen["QUIT"] == 2


async def test_a_courier_that_is_cancelled_reports_what_it_sent() -> None:
    desk = Desk(row(1), row(2))
    async with Sink() as sink:
        sink.replies["."] = ["250 taken", ""]
        task = asyncio.create_task(desk.courier(sink).run())
        await sink.when(lambda: sink.seen["DATA"] == 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert desk.state == {1: "sent", 2: "queued"}


async def test_wrong_settings_are_told_at_once() -> None:
    desk = Desk()
    courier = Courier(
        lambda: open_relay("x:"), due=desk.due, waiting=desk.waiting, report=desk.report, content=desk.content,
        now=lambda: START,
    )  # fmt: skip
    with pytest.raises(ValueError, match="is no relay"):
        await courier.run()


# --- the bag


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3), st.sampled_from(["end", "defer", "back", "again"]))))
def test_the_bag_keeps_every_letter_in_order(steps: list[tuple[int, int, str]]) -> None:
    queue, now, ended = SendQueue(), START, list[Outgoing]()
    for number, (width, minutes, what) in enumerate(steps):
        queue.put([row(number * 12 + each, person=each % 3) for each in range(width)])
        now += timedelta(minutes=minutes)
        letter = queue.take(now)
        if letter is None:
            continue
        other = queue.take(now)
        assert other is None or other.pair != letter.pair
        if other is not None:
            queue.give_back(other)
        if what == "end":
            queue.end(letter)
            ended.append(letter)
        elif what == "back":
            queue.give_back(letter)
        else:
            queue.defer(letter, now + timedelta(minutes=2))
            if what == "again":
                queue.again(letter)
    now += timedelta(hours=1)
    while (letter := queue.take(now)) is not None:
        queue.end(letter)
        ended.append(letter)
    assert len(queue) == queue.away == 0
    assert len({letter.id for letter in ended}) == len(ended) == sum(width for width, *_ in steps)
    for person in range(3):
        ids = [letter.id for letter in ended if letter.person == person]
        assert ids == sorted(ids)
