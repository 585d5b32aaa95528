"""What a customer asked to read: his queues, one incident, its thread, what covers him.  Read as the letter is written.

Whoever may not read an incident gets what a number that does not exist gets.  Nothing internal is read here: names for
customers, updates of the public leg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.authority import administers
from sitmail.domain.decision_builder import customers
from sitmail.domain.engineer.crossing import ASKING
from sitmail.domain.escalation import HIDDEN
from sitmail.domain.facts import Case
from sitmail.domain.figures.periods import period
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.domain.visibility import may_read, names, opens
from sitmail.services import views
from sitmail.services.article_answers import ASKED, article_answer
from sitmail.services.cases import cases
from sitmail.services.customer_sheet import sheets
from sitmail.services.desk import Desk, generations
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.site_reports import site_report
from sitmail.services.thread_mbox import thread_mbox
from sitmail.services.update_views import unproved, update_view
from sitmail.services.views import AnswerView, CoverView, IncidentView, QueueLine, TargetView, UpdateView
from sitmail.store import customer_queues, directory_lookup, site_contacts, updates_log
from sitmail.store.updates_log import Entered

LISTED = 30  # incidents in one letter
MOST = 1_000  # incidents that a report looks through
LAST = 100  # updates of a thread in one letter
PUBLIC = str(LegKind.PUBLIC)


def answers(
    connection: Connection, desk: Desk, letters: Sequence[PlannedLetter], now: datetime
) -> dict[str, AnswerView]:
    """By the key of the letter."""
    asking = [one for one in letters if one.purpose in (NoticePurpose.CUSTOMER_SHOW, NoticePurpose.SITE_REPORT)]
    return {one.key: _Reader(connection, desk, one.person, now).answer(one.notices[0].tell.detail) for one in asking}


class _Reader:
    """One reader's view of the store."""

    def __init__(self, connection: Connection, desk: Desk, person: Person, now: datetime) -> None:
        self._connection, self._desk, self._person, self._now = connection, desk, person, now
        found = site_contacts.contracts_of(connection, person.site) if person.site else []
        self._contracts = {one.id: one for one in found}

    def answer(self, detail: Mapping[str, object]) -> AnswerView:
        what, query = str(detail["what"]), str(detail.get("query", ""))
        if what in ASKED:
            return article_answer(self._connection, self._desk, self._person, detail, self._now)
        if what == "list":
            return self._queue(site="site" in query, closed="closed" in query)
        if what == "entitlement":
            return self._entitlement()
        if what == "report":
            return self._report(query)
        found = self._incident(int(str(detail["number"])), thread=what == "thread")
        return self._with_mbox(found) if detail.get("mbox") and found.lines else found

    def _queue(self, *, site: bool, closed: bool) -> AnswerView:
        person, days, most = self._person, self._desk.policy.closing.listed_days, LISTED + 1
        if site and not self._shared():
            return AnswerView(site=self._site())
        numbers = customer_queues.taken_part_in(self._connection, person.id, most, closed=closed)
        opened = [one.id for one in self._contracts.values() if opens(one, person)]
        if site and closed:
            since = self._now - timedelta(days=days)
            numbers += customer_queues.of_site_closed(self._connection, person.site, opened, since, most)
        elif site:
            numbers += customer_queues.of_site(self._connection, person.site, opened, most)
        found = cases(self._connection, self._desk, numbers)
        listed = [found[one] for one in dict.fromkeys(numbers) if self._reads(found[one])]
        if site:
            listed = sorted((one for one in listed if one.incident.site == person.site), key=_newest, reverse=True)
        lines, signed = self._lines(listed[:LISTED])
        more = len(listed) > LISTED
        return AnswerView(lines, more, site=self._site() if site else "", shared=site, days=days, signed=signed)

    def _incident(self, number: int, *, thread: bool) -> AnswerView:
        case = cases(self._connection, self._desk, [number]).get(number)
        if case is None or not self._reads(case):
            return AnswerView()
        lines, signed = self._lines([case])
        entries = [one for one in updates_log.log(self._connection, [number]).get(number, []) if _spoken(one)]
        shown = entries[-LAST:] if thread else [one for one in entries if not self._withheld(one)][-1:]
        return AnswerView(
            lines, updates=self._updates(number, shown), left_out=len(entries) - len(shown), signed=signed
        )

    def _with_mbox(self, found: AnswerView) -> AnswerView:
        """The whole of it as a file, too, however long."""
        number = found.lines[0].incident.number
        entries = [one for one in updates_log.log(self._connection, [number]).get(number, []) if _spoken(one)]
        every = self._updates(number, entries) if found.left_out else found.updates
        made = thread_mbox(self._connection, self._desk, found.lines[0].incident, every)
        return found._replace(files=(made,) if made else ())

    def _entitlement(self) -> AnswerView:
        person = self._person
        sheet = sheets(self._connection, self._desk, {person.id: person}, self._now)[person.id]
        covers = [
            CoverView(
                one,
                one.everybody or names(self._contracts[one.id], person.addresses),
                views.agreement(one.service_level, self._desk.policy),
            )
            for one in sheet.contracts
            if one.id in self._contracts
        ]
        return AnswerView(covers=tuple(covers), site=sheet.site, shared=self._shared())

    def _report(self, query: str) -> AnswerView:
        """About the whole site, for who is its admin contact still."""
        person, policy = self._person, self._desk.policy
        if not administers(person):
            return AnswerView(site=self._site())
        opened = [one.id for one in self._contracts.values() if opens(one, person)]
        numbers = customer_queues.taken_part_in(self._connection, person.id, MOST, closed=False)
        if opened:
            numbers += customer_queues.of_site(self._connection, person.site, opened, MOST)
        found = cases(self._connection, self._desk, numbers)
        read = [one for one in found.values() if self._reads(one) and one.incident.site == person.site]
        listed = sorted((one for one in read if one.incident.open), key=_newest, reverse=True)
        lines, signed = self._lines(listed[:LISTED])
        span = period(query, self._now, person.timezone or policy.timezone)
        made = site_report(self._connection, policy, person.site, span, len(listed))
        covers = self._entitlement().covers
        more = len(listed) > LISTED
        return AnswerView(lines, more, covers=covers, site=self._site(), signed=signed, report=made)

    # --- parts of these

    def _shared(self) -> bool:
        """Whether any contract lets him read what colleagues wrote."""
        return any(opens(one, self._person) for one in self._contracts.values())

    def _reads(self, case: Case) -> bool:
        incident = case.incident
        contract = self._contracts.get(incident.contract)
        days = self._desk.policy.closing.listed_days
        return may_read(self._person, incident, self._takes_part(case), contract, self._now, days)

    def _takes_part(self, case: Case) -> bool:
        """In what is said in public; who is on a partner's leg reads nothing of that."""
        return any(party.person.id == self._person.id for party in customers(case))

    def _site(self) -> str:
        found = directory_lookup.sites(self._connection, [self._person.site]) if self._person.site else {}
        return next((views.one_line(one.name or one.id) for one in found.values()), "")

    def _lines(self, found: Sequence[Case]) -> tuple[tuple[QueueLine, ...], tuple[str, ...]]:
        """The lines, and the signed parts of the addresses in them."""
        numbers = [one.incident.number for one in found]
        promised: dict[int, list[TargetView]] = {}
        for row in updates_log.promises(self._connection, numbers):
            if row.target not in HIDDEN and row.due is not None and row.met is None:
                promised.setdefault(row.incident, []).append(TargetView(row.target, row.due, row.state))
        waiting = {one.incident.number for one in found if one.incident.status is Status.AWAITING_CUSTOMER}
        asked = updates_log.answered_last(self._connection, waiting)
        lines, parts = [], []
        for case in found:
            number = case.incident.number
            part = self._signed(number) if self._takes_part(case) else ""
            box = self._desk.policy.mailbox(case.incident.mailbox)
            first = min(promised.get(number, ()), key=lambda one: one.due or self._now, default=None)
            view = self._view(case, case.incident, number in asked)
            write = trust.address_with(box, part) if part else ""
            lines.append(QueueLine(view, write, first.name if first else "", first.due if first else None))
            parts.append(part)
        return tuple(lines), tuple(filter(None, parts))

    def _signed(self, number: int) -> str:
        issued = generations(self._connection, self._desk).get((self._person.id, number), 0)
        return trust.signed_part(self._desk.keys, trust.PUBLIC, number, self._person.id, issued)

    def _view(self, case: Case, incident: Incident, asked: bool) -> IncidentView:
        contact = next((one.person for one in case.parties if one.role == "contact"), None)
        site = case.site.name if case.site else incident.site
        return views.incident_view(incident, self._desk.policy, self._person, contact, (), (), site, asked)

    def _updates(self, number: int, shown: Sequence[Entered]) -> tuple[UpdateView, ...]:
        authors = directory_lookup.persons(self._connection, {one.author for one in shown if one.author})
        files = updates_log.files(self._connection, [number]).get(number, [])
        views_of = [
            update_view(
                one,
                authors.get(one.author or 0),
                self._desk.policy,
                [file for file in files if file.update == one.number],
                staff=False,
            )
            for one in shown
        ]
        return tuple(
            view._replace(text="", html="", files=(), unverified=True) if self._withheld(one) else view
            for one, view in zip(shown, views_of, strict=True)
        )

    def _withheld(self, entry: Entered) -> bool:
        """Whether others may have written it in somebody's name: such words are relayed to nobody (behaviour 7)."""
        return unproved(entry, self._desk.policy) and entry.author != self._person.id


def _newest(case: Case) -> tuple[datetime, int]:
    """What came last, or was closed last."""
    return case.incident.closed or case.incident.opened, case.incident.number


def _spoken(entry: Entered) -> bool:
    """Words that were said in public; what only asked the desk for a letter is none."""
    return entry.leg == PUBLIC and entry.rule not in ASKING and bool(entry.text or entry.page)
