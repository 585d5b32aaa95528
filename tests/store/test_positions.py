"""How far each mailbox was fetched, and which mails could not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sitmail.store import positions
from sitmail.store.database import Database
from sitmail.store.positions import (
    FETCH,
    LEASE,
    MARK,
    Claim,
    Configured,
    Later,
    Opened,
    Place,
    Progress,
    Start,
    Trouble,
)

HERE, THERE = Place("ann@imap.example.com", "INBOX"), Place("bob@imap.example.com", "INBOX")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def do(database: Database, job: Any, item: Any) -> Any:
    return database.write(job, item).result()


def begin(database: Database, validity: int = 7, following: int = 0) -> int:
    start: Start = do(database, positions.begin, Opened(HERE, validity, following))
    return start.uid


def due(database: Database, want: str, after: float = 0.0, limit: int = 100) -> list[int]:
    with database.read() as connection:
        return positions.due(connection, HERE, want, MORNING + timedelta(seconds=after), limit)


def test_a_position_moves_forward_only(each_database: Database) -> None:
    assert begin(each_database) == 0
    do(each_database, positions.progress, Progress(HERE, MORNING, uid=9))
    do(each_database, positions.progress, Progress(HERE, MORNING, uid=5))
    assert begin(each_database, following=10) == 9


@pytest.mark.parametrize(("validity", "following"), [(8, 0), (7, 9), (7, 3)])
def test_uids_that_mean_other_mails_begin_anew(each_database: Database, validity: int, following: int) -> None:
    begin(each_database)
    do(each_database, positions.progress, Progress(HERE, MORNING, uid=9, later=(Later(4, FETCH),)))
    assert begin(each_database, validity, following) == 0
    assert due(each_database, FETCH, 1e6) == []


def test_leftovers_wait_longer_after_each_failure_and_never_end(each_database: Database) -> None:
    pauses = []
    for _ in range(8):
        do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(4, FETCH, "no"),)))
        with each_database.read() as connection:
            pauses.append((positions.next_due(connection, HERE) - MORNING).total_seconds())  # type: ignore[operator]
    assert pauses == [0, 10, 60, 600, 3600, 21_600, 21_600, 21_600]


def test_those_that_failed_least_come_first(each_database: Database) -> None:
    for uid, times in ((3, 3), (4, 1), (5, 2)):
        for _ in range(times):
            do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(uid, FETCH),)))
    assert due(each_database, FETCH, 1e6) == [4, 5, 3]
    assert due(each_database, FETCH, 1e6, limit=2) == [4, 5]
    assert due(each_database, FETCH) == [4]


def test_what_is_kept_wants_its_mark_and_begins_to_count_anew(each_database: Database) -> None:
    for _ in range(3):
        do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(4, FETCH, "no"),)))
    do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(4, MARK, failed=False),)))
    assert (due(each_database, FETCH, 1e6), due(each_database, MARK)) == ([], [4])
    do(each_database, positions.progress, Progress(HERE, MORNING, settled=(4,)))
    assert due(each_database, MARK, 1e6) == []


def test_a_human_hears_of_what_failed_again_and_again(each_database: Database) -> None:
    for _ in range(3):
        with each_database.read() as connection:
            assert positions.failing(connection) == []
        do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(4, FETCH, "server error"),)))
    do(each_database, positions.progress, Progress(HERE, MORNING, later=(Later(5, FETCH, "too large", hopeless=True),)))
    with each_database.read() as connection:
        told = positions.failing(connection)
    assert [(one.account, one.want, one.mails, one.reason) for one in told] == [
        (HERE.account, FETCH, 1, "server error"),
        (HERE.account, FETCH, 1, "too large"),
    ]


def test_one_daemon_fetches_until_it_is_silent_for_long(each_database: Database) -> None:
    def claim(owner: str, after: timedelta = timedelta()) -> bool:
        taken: bool = do(each_database, positions.claim, Claim(HERE, owner, MORNING + after))
        return taken

    assert claim("one")
    assert claim("one")
    assert not claim("two", LEASE)
    assert claim("two", LEASE + timedelta(seconds=1))
    do(each_database, positions.release, Claim(HERE, "one", MORNING))  # not its own any more
    assert not claim("one", LEASE)
    do(each_database, positions.release, Claim(HERE, "two", MORNING))
    assert claim("one")


def test_troubles_keep_the_moment_they_began(each_database: Database) -> None:
    for minutes, sentence in ((0, "no line"), (5, "wrong password")):
        do(each_database, positions.trouble, Trouble(HERE, sentence, MORNING + timedelta(minutes=minutes)))
    with each_database.read() as connection:
        assert positions.troubles(connection) == [(*HERE, "wrong password", MORNING)]
    do(each_database, positions.trouble, Trouble(HERE, "", MORNING))
    with each_database.read() as connection:
        assert positions.troubles(connection) == []


def test_what_is_not_configured_any_more_goes_on_where_it_was_if_it_returns(each_database: Database) -> None:
    for place in (HERE, THERE):
        do(each_database, positions.claim, Claim(place, "one", MORNING))
        do(each_database, positions.begin, Opened(place, 7, 0))
        for _ in range(3):
            do(each_database, positions.progress, Progress(place, MORNING, uid=9, later=(Later(4, FETCH),)))
        do(each_database, positions.trouble, Trouble(place, "no line", MORNING))
    do(each_database, positions.forget, Configured(frozenset({HERE}), "two"))  # they are not two's
    with each_database.read() as connection:
        assert len(positions.troubles(connection)) == 2
    do(each_database, positions.forget, Configured(frozenset({HERE}), "one"))
    with each_database.read() as connection:
        assert positions.troubles(connection) == []
        assert [row.account for row in positions.failing(connection)] == [HERE.account]
    assert begin(each_database) == 9
    assert do(each_database, positions.begin, Opened(THERE, 7, 0)).uid == 9
    assert do(each_database, positions.claim, Claim(THERE, "two", MORNING))
