"""How a line of the morning paper reads: which incident, whose it is, what is the matter, and what to write back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sitmail.domain.hours import Calendar, Span
from sitmail.domain.incident import Status
from sitmail.domain.morning_facts import WORKED_ON, Happened, OnDesk, PendingIncident, Section
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.sentence import Moment, Sentence
from sitmail.domain.sla import TimedTarget
from sitmail.domain.update import Event

EXCERPT = 120  # characters of what a customer wrote
WORDS = Sentence("your words")  # behind the number of a line
ANSWERS = Sentence("answers the customer")
NAMES: Mapping[Section, Sentence] = {
    Section.LATE: Sentence("late"),
    Section.TODAY: Sentence("due today"),
    Section.ANSWERED: Sentence("answered since you left"),
    Section.WAITING: Sentence("waiting too long"),
    Section.PROMISED: Sentence("promised for today"),
    Section.UNOWNED: Sentence("owned by nobody"),
    Section.ABANDONED: Sentence("nobody stands in"),
    Section.BROKEN: Sentence("was late since you left"),
    Section.DRIFTING: Sentence("without a next step"),
    Section.DESK: Sentence("everything else"),
}
ADVICE: Mapping[Section, tuple[str, str]] = {
    Section.ANSWERED: (WORDS, ANSWERS),
    Section.WAITING: (WORDS, Sentence("asks the customer again")),
    Section.PROMISED: ('/next "" tomorrow', Sentence("reminds you tomorrow")),
    Section.UNOWNED: ("/take", Sentence("makes it yours")),
    Section.ABANDONED: ("/temp WHO", Sentence("gives it to somebody for now")),
    Section.BROKEN: ("/why", Sentence("shows what counted")),
    Section.DESK: ("/show", Sentence("shows all of it")),
    Section.DRIFTING: ('/next "..." friday', Sentence("sets the next step")),
}
TIMES = {TimedTarget.LATE.value: Sentence("the time of its priority")}
# Entries of the log as the page about all incidents tells them.
TOLD: Mapping[str, Sentence] = {
    Event.OPENED: Sentence("new, from %(who)s"),
    Event.CUSTOMER: Sentence("%(who)s wrote"),
    Event.ANSWER: Sentence("%(who)s answered"),
    Event.CLOSURE_REQUESTED: Sentence("%(who)s asks to close it"),
    Event.CLOSED: Sentence("closed by %(who)s"),
    Event.REOPENED: Sentence("opened again by %(who)s"),
    Event.SLA_LATE: Sentence("late"),
    Event.DELIVERY_FAILED: Sentence("an email did not arrive"),
}
_INSIDE = {Status.AWAITING_COLLEAGUE, Status.AWAITING_VENDOR}
# What meets a target, of those that an engineer says are met.
_MEETS: Mapping[str, tuple[str, str]] = {
    "problem": ("/met problem", Sentence("says that the problem is understood")),
    "action_plan": ("/met action_plan", Sentence("says that there is a plan")),
    "resolution": ("/resolve solved", Sentence("asks the customer whether it works")),
    "review": ("/review", Sentence("says that you reviewed it")),
}


@record
class Line:
    """Line `place` of the letter.  `advice`: what is written back behind the number, and what that does."""

    place: int
    number: int
    reference: str
    title: str
    who: str
    says: tuple[str, ...]
    words: str
    advice: tuple[str, str]

    def plain(self) -> list[Any]:
        """As a notice holds it."""
        return [self.place, self.reference, self.title, self.who, list(self.says), self.words, list(self.advice)]


@record
class Lines:
    """Writes the lines of one reader's paper; `zone` is his."""

    desk: OnDesk
    policy: Policy
    zone: str
    now: datetime
    seen: int = 0

    def line(self, place: int, section: Section, one: PendingIncident) -> Line:
        heard = self.desk.heard.get(one.number) if section is Section.ANSWERED else None
        contact, site = self.desk.people.get(one.contact, ""), self.desk.sites.get(one.site, one.site)
        return Line(
            place,
            one.number,
            self.policy.reference(one.number),
            one.title,
            ", ".join(filter(None, (contact, site))),
            (*self._late(one), *self._matter(section, one), *self._next(one)),
            excerpt(heard.words) if heard else "",
            self._advice(section, one),
        )

    def _at(self, moment: datetime) -> Moment:
        return Moment(moment, self.zone)

    def _since(self, moment: datetime, one: PendingIncident) -> str:
        calendar = self.policy.calendar_named(one.calendar)
        return working(calendar.between(moment, self.now), calendar)

    def _late(self, one: PendingIncident) -> Iterator[str]:
        for each in self.desk.late(one.number, self.now):
            if each.due is not None:
                time, at = self._since(each.due, one), self._at(each.due)
                yield Sentence(
                    "%(target)s late by %(time)s of working time, since %(at)s",
                    target=named(each.target),
                    time=time,
                    at=at,
                )

    def _matter(self, section: Section, one: PendingIncident) -> Iterator[str]:
        heard = self.desk.heard.get(one.number)
        if section is Section.ANSWERED and heard is not None:
            yield Sentence("%(who)s wrote, %(at)s", who=heard.by or "?", at=self._at(heard.at))
        elif section is Section.UNOWNED:
            yield Sentence("nobody owns it, for %(time)s of working time", time=self._since(one.opened, one))
        elif section is Section.WAITING and one.status in WORKED_ON:
            yield Sentence("nothing happened for %(time)s of working time", time=self._since(one.updated, one))
        elif section is Section.WAITING:
            status = Sentence(self.policy.dictionary.label(one.status).internal)
            time = self._since(self.desk.waits.get(one.number, one.updated), one)
            yield Sentence("%(status)s for %(time)s of working time", status=status, time=time)
        elif section is Section.ABANDONED:
            yield Sentence("its owner is away, and nobody stands in")
        elif section is Section.DRIFTING:
            yield Sentence("no next step, and nothing is due; nothing happened since %(at)s", at=self._at(one.updated))
        elif section is Section.DESK:
            yield from self._happened(one)
        elif section is Section.BROKEN:
            for target, at in self.desk.broken.get(one.number, ()):
                yield Sentence("%(target)s was late, %(at)s", target=named(target), at=self._at(at))

    def _happened(self, one: PendingIncident) -> Iterator[str]:
        """What happened to it since the last paper; the same again and again once, with how often."""
        said: Counter[str] = Counter()
        for each in self.desk.happened.get(one.number, ()):
            if each.update > self.seen:
                said.update(told(each, self.policy))
        for sentence, times in said.items():
            yield Sentence("%(what)s (%(times)s times)", what=sentence, times=times) if times > 1 else sentence

    def _next(self, one: PendingIncident) -> Iterator[str]:
        """What is planned, and the target that is due next."""
        if one.next_action_at is not None:
            action = one.next_action or Sentence("next action")
            yield Sentence("%(action)s: %(at)s", action=action, at=self._at(one.next_action_at))
        for each in self.desk.running(one.number):
            if each.due is not None and each.due > self.now:
                yield Sentence("%(target)s by %(moment)s", target=named(each.target), moment=self._at(each.due))
                return

    def _advice(self, section: Section, one: PendingIncident) -> tuple[str, str]:
        if section in (Section.LATE, Section.TODAY):
            first = self.desk.running(one.number)[0].target
            return _MEETS.get(first, (WORDS, ANSWERS))
        if section is Section.WAITING and one.status in WORKED_ON:
            return WORDS, ANSWERS
        if section is Section.WAITING and one.status in _INSIDE:
            return '/next "..." friday', Sentence("sets the next step")
        return ADVICE[section]


def told(one: Happened, policy: Policy) -> Iterator[Sentence]:
    """What an entry of the log says to somebody who reads about the whole desk."""
    who = one.who or policy.name
    if one.answered and one.event != Event.ANSWER:
        yield Sentence(TOLD[Event.ANSWER], who=who)
    if one.event in TOLD:
        yield Sentence(TOLD[one.event], who=who)
    elif owner := str(one.change.get("owner", [""])[-1]):
        known = policy.engineers.get(owner)
        yield Sentence("given to %(owner)s", owner=known.name if known else owner)
    elif not one.answered:
        yield Sentence("changed by %(who)s", who=who)


def named(target: str) -> Sentence:
    return TIMES.get(target) or Sentence(target.replace("_", " "))


def excerpt(text: str) -> str:
    """The beginning of what somebody wrote, in one line."""
    words = " ".join(text[: 4 * EXCERPT].split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 3].rsplit(' ', 1)[0]}..."


def working(seconds: int, calendar: Calendar) -> str:
    """ "2d 3h" in working days of that calendar, "1h 20m", "0m"."""
    days, rest = divmod(seconds, calendar.working(Span(days=1)))
    hours, minutes = divmod(rest // 60, 60)
    parts = [(days, "d"), (hours, "h"), (0 if days else minutes, "m")]
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0m"
