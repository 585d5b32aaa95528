"""Weeks of a desk whose people come and go: at each hour who has what is what a slow count by hand says.

Absences overlap, of owner and substitute at once; half days; the weekend in which the clocks change; some end early.
Nothing is handed over twice, and all is given back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sitmail.cli import show
from sitmail.services.reports import DaemonState
from sitmail.services.reports.health import status
from tests.services.small_desk import ANNA, BOB, JANE, JOHN, KIM, MIA, NORA, SmallDesk

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = {"anna": ANNA, "bob": BOB, "nora": NORA}
CHAIN = {"anna": ("bob", "nora"), "bob": ("nora", "anna"), "nora": ("anna", "bob")}
SUBSTITUTES = "".join(f'[[engineer]]\nid = "{key}"\nsubstitute = "{chain[0]}"\n' for key, chain in CHAIN.items())
SETTINGS = {"desk": 'timezone = "Europe/Berlin"\nunowned_every = "1w"', "more": SUBSTITUTES}


class Spells:
    """The absences as the test knows them, in UTC."""

    def __init__(self) -> None:
        self.all: dict[str, list[list[datetime]]] = {key: [] for key in AT}

    def away(self, who: str, at: datetime) -> bool:
        return any(since <= at < until for since, until in self.all[who])

    def whole(self, who: str) -> list[tuple[datetime, datetime]]:
        """Those that touch each other as one."""
        found: list[tuple[datetime, datetime]] = []
        for since, until in sorted(map(tuple, self.all[who])):
            if since >= until:
                continue
            if found and since <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], until))
            else:
                found.append((since, until))
        return found


def opened(desk: SmallDesk) -> dict[int, str]:
    """Six incidents, two of each engineer."""
    for at, writer in enumerate((JANE, JOHN, KIM, JANE, JOHN, KIM)):
        desk.say(writer, f"Something is the matter, number {at}.", subject=f"{'ABCDEF'[at]} {at * 37} broke")
    for number, who in enumerate(("anna", "anna", "bob", "bob", "nora", "nora"), 1):
        desk.say(MIA, f"{number}: /assign {who}", to="support+cmd@example.com", proof="authenticated")
    owners = {row["number"]: row["owner"] for row in desk.rows("incident")}
    assert sorted(owners.values()) == ["anna", "anna", "bob", "bob", "nora", "nora"]
    return owners


def planned(rolls: random.Random, desk: SmallDesk, spells: Spells, who: str) -> None:
    """One absence by mail that begins within the next days, at midnight, at noon or at 13:00."""
    begin = datetime.combine((desk.now + rolls.choice((1, 1, 2, 3)) * DAY).date(), datetime.min.time(), BERLIN)
    begin = begin.replace(hour=rolls.choice((0, 12, 13)))
    end = (begin + rolls.choice((0, 1, 1, 2, 4)) * DAY).replace(hour=rolls.choice((13, 17, 23)))
    since, until = begin.astimezone(UTC), end.astimezone(UTC)
    if until <= since or any(one < until and since < other for one, other in spells.all[who]):
        return  # it would replace another
    done = desk.say(AT[who], f"/away {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}", proof="authenticated")
    assert "you are away from" in desk.last(AT[who], "verdict").text, done
    spells.all[who].append([since, until])


def wrong(desk: SmallDesk, spells: Spells, owners: dict[int, str]) -> list[str]:
    """A sentence for each incident that somebody else should have."""
    found = []
    for row in desk.rows("incident"):
        number, owner, temporary = row["number"], owners[row["number"]], row["temporary_owner"]
        here = [one for one in CHAIN[owner] if not spells.away(one, desk.now)]
        if not spells.away(owner, desk.now):
            if temporary:
                found.append(f"{desk.now}: {owner} is here, but {temporary} has {number}")
        elif here and temporary not in here:
            found.append(f"{desk.now}: {owner} is away, {here} are here, but {temporary!r} has {number}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_at_each_hour_somebody_who_is_here_has_it(small_desk: Callable[..., SmallDesk], seed: int) -> None:
    rolls = random.Random(seed)
    desk = small_desk(**SETTINGS)
    spells = Spells()
    owners = opened(desk)
    desk.wait(datetime(2026, 3, 20, 6, tzinfo=UTC) - desk.now)
    for hour in range(14 * 24):
        if hour % 24 == 3 and hour < 11 * 24:
            planned(rolls, desk, spells, rolls.choice(list(AT)))
        if rolls.random() < 0.02:
            who = rolls.choice(list(AT))
            running = [one for one in spells.all[who] if one[0] <= desk.now + timedelta(seconds=1) < one[1]]
            if running:
                desk.say(AT[who], "/back", proof="authenticated")
                running[0][1] = desk.now
        desk.wait(HOUR)
        assert wrong(desk, spells, owners) == []
    desk.wait(10 * DAY)
    assert all(not row["temporary_owner"] for row in desk.rows("incident"))
    assert all(row["over"] is not None for row in desk.rows("handover"))
    assert all(row["ended"] is not None for row in desk.rows("absence"))
    letters = Counter(one.to for one in desk.letters if one.purpose == "while_away")
    assert letters == Counter({AT[who]: len(spells.whole(who)) for who in AT if spells.whole(who)})
    assert sum(map(len, spells.all.values())) > 3
    for number in owners:
        changes = [row["change"] or {} for row in desk.log(number)]
        given = [change["temporary_owner"] for change in changes if "temporary_owner" in change]
        assert given, "nobody went away"
        assert [after for _, after in given[:-1]] == [before for before, _ in given[1:]]


def test_status_names_who_is_away_and_who_takes_no_new_work(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    desk.say(ANNA, "/away 24 dec to 2 jan", proof="authenticated")
    desk.say(BOB, "/away work", proof="authenticated")
    desk.wait(HOUR)
    with desk.runtime.database.read() as connection:
        value = status(connection, desk.runtime.desk.policy, DaemonState(desk.now))
    since, until = "2026-12-24T00:00:00Z", "2027-01-03T00:00:00Z"
    assert value["absences"] == [
        {"engineer": "anna", "kind": "away", "since": since, "until": until},
        {"engineer": "bob", "kind": "work", "since": "2026-03-02T09:00:02Z", "until": None},
    ]
    shown = "\n".join(show.status(value, ()))
    assert "people:    anna is away from 2026-12-24 00:00Z until 2027-01-03 00:00Z" in shown
    assert "people:    bob takes no new work from 2026-03-02 09:00Z" in shown
