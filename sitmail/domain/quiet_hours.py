"""When an automatic letter to an engineer waits: in his quiet hours, in his own zone, unless he is on duty.

What people write is told at once, and so is what they did, and what is broken (`NoticeTraits.even_when_quiet`).  A step
of escalation may say that it does not wait.  Whether what waited is still worth to be said is decided where it leaves
(`departing`, `Tell.expires`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sitmail.domain.effects import Tell
from sitmail.domain.hours import EPOCH, SECOND, instant
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.presence import has_shift

EVEN_WHEN_QUIET = "even_when_quiet"  # in a notice's detail: a step of escalation that does not wait
# Given by a step of escalation, told again because nobody owns it, or because nobody decides.
_BY_A_CLOCK_TOO = frozenset({NoticePurpose.ASSIGNED, NoticePurpose.UNOWNED, NoticePurpose.HELD})
Quiet = tuple[int, int]  # seconds after local midnight; where the end is not behind the beginning it is the next day's


def waits_until(tell: Tell, policy: Policy, now: datetime) -> datetime | None:
    """When the quiet hours of the notice's reader end, None where it does not have to wait for them."""
    engineer = policy.engineers.get(tell.person.key) if tell.person.staff else None
    if engineer is None or not engineer.quiet or not _may_wait(tell) or has_shift(engineer.id, policy, now):
        return None
    return quiet_until(engineer.quiet, ZoneInfo(engineer.timezone or policy.timezone), now)


def by_the_clock(tell: Tell) -> bool:
    """Whether it says that a moment has come, where such a notice mostly says that somebody did something."""
    return tell.purpose in _BY_A_CLOCK_TOO and "due" in tell.detail


def quiet_until(quiet: Sequence[Quiet], zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours end in which that moment lies, None outside; those that touch are one.

    They leave some of each day, which `config` checks.
    """
    end = now
    for _ in range(2 * len(quiet)):
        later = max((until for one in quiet if (until := _end(one, zone, end)) is not None), default=None)
        if later is None:
            break
        end = later
    return end if end > now else None


def _may_wait(tell: Tell) -> bool:
    traits = PURPOSES[tell.purpose]
    if not traits.listed or tell.detail.get(EVEN_WHEN_QUIET):
        return False
    return not traits.even_when_quiet or by_the_clock(tell)


def _end(quiet: Quiet, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end of these hours of today, or of the night that began yesterday, if they hold that moment."""
    begin, end = quiet
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if end > begin else day + timedelta(days=1)
        begins, ends = (EPOCH + at * SECOND for at in (instant(day, begin, zone), instant(last, end, zone)))
        if begins <= now < ends:
            return ends
    return None
