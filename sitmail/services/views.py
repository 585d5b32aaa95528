"""What letters may show, as plain values: templates see these and nothing else.

Whoever reads decides what is in them: a customer's view holds customer-facing names and public words only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sitmail.domain.departing import label_for_customers
from sitmail.domain.incident import Incident, Status
from sitmail.domain.people import Person
from sitmail.domain.policy import NOTHING, Policy
from sitmail.domain.verbs import Verb
from sitmail.domain.waits import next_of
from sitmail.services.article_views import ArticleLine, ArticleView
from sitmail.services.sheet_views import ContractView, SheetView
from sitmail.services.site_reports import SiteReportView
from sitmail.services.time_sheets import TimeSheetView
from sitmail.store.updates_log import File


class FileView(NamedTuple):
    place: int
    name: str
    size: int
    sha256: str = ""
    update: int = 0


class UpdateView(NamedTuple):
    """One entry of the log: `id` is 1234#7; `did` says in a word what its author did."""

    id: str
    number: int
    author: str
    at: datetime
    did: str
    public: bool
    text: str
    unverified: bool = False
    files: tuple[FileView, ...] = ()
    changed: tuple[str, ...] = ()
    rule: str = ""
    reason: str = ""
    doubtful: str = ""
    html: str = ""  # the text as its author formatted it, cleaned; "" where it is plain
    event: str = ""  # the name of the event type that an engineer logged
    signature: str = ""  # that the configuration gives the engineer who answered
    beside: str = ""  # on which partner's leg it stands, for staff to read


class TargetView(NamedTuple):
    name: str
    due: datetime | None
    state: str
    met: datetime | None = None


class IncidentView(NamedTuple):
    number: int
    reference: str
    title: str
    status: str
    priority: str
    owner: str
    opened: datetime
    contact: str = ""
    contact_address: str = ""
    site: str = ""
    team: str = ""
    closing_status: str = ""
    service_level: str = ""
    contract: str = ""
    next_action: str = ""
    next_action_at: datetime | None = None
    late: bool = False
    targets: tuple[TargetView, ...] = ()
    participants: tuple[str, ...] = ()
    asked: bool = False  # the customer was asked something, and has not answered
    agreement: str = ""  # what its service level says of itself, for customers
    reports: int = 0  # how often a monitor reported it, 0 where a person wrote
    to_confirm: bool = False  # the customer was asked whether it may be closed
    codes: tuple[tuple[str, str], ...] = ()  # what it is sorted by, for staff: names and values
    customer_reference: str = ""
    partner_reference: str = ""  # how the partner calls it who reads it
    hold_until: datetime | None = None
    hold_firm: bool = False
    customer_hold: bool = False
    answer_at: datetime | None = None  # when an answer leaves that waits


class FoundView(NamedTuple):
    """What a search found, the best first; `more`: there are others, `perhaps`: there may be, less good.

    `unread`: updates that no search finds yet; `articles` have the words.
    """

    incidents: tuple[IncidentView, ...]
    more: bool = False
    perhaps: bool = False
    unread: int = 0
    articles: tuple[ArticleLine, ...] = ()


class QueueLine(NamedTuple):
    """`write`: where to write about it, "" where its reader takes no part; `due`: when the next thing is promised."""

    incident: IncidentView
    write: str
    target: str = ""
    due: datetime | None = None


class CoverView(NamedTuple):
    """A contract of the reader's site; `covers`: it covers him; `summary`: what its service level says of itself."""

    contract: ContractView
    covers: bool
    summary: str = ""


class AnswerView(NamedTuple):
    """`lines`: of a queue, or the one incident; `more`: there are others; `left_out`: so many older updates."""

    lines: tuple[QueueLine, ...] = ()
    more: bool = False
    updates: tuple[UpdateView, ...] = ()
    left_out: int = 0
    covers: tuple[CoverView, ...] = ()
    site: str = ""
    shared: bool = False  # a contract opens the site's incidents to him
    days: int = 0  # so long after it was closed colleagues may read it
    signed: tuple[str, ...] = ()  # signed parts of addresses in it, issued to its reader
    report: SiteReportView | None = None
    articles: tuple[ArticleLine, ...] = ()
    article: ArticleView | None = None
    files: tuple[FileView, ...] = ()  # of the article


class DigestLine(NamedTuple):
    """A notice in a digest: what it is about, what it says, and by when something is promised there."""

    purpose: str
    detail: Mapping[str, Any]
    incident: IncidentView | None
    target: str
    due: datetime | None


class ReaderView(NamedTuple):
    name: str
    address: str
    staff: bool


class DeskView(NamedTuple):
    name: str
    address: str
    command: str


class PlainReply(NamedTuple):
    """Who reads a plain reply to a letter; `audience` is PUBLIC or INTERNAL in every language."""

    audience: str
    readers: str


class LetterContext(NamedTuple):
    """Everything a letter is written from.  `plain_reply` names who reads a plain answer to a letter to staff."""

    desk: DeskView
    reader: ReaderView
    zone: str
    now: datetime
    plain_reply: PlainReply | None  # none to people outside
    reply: str
    note_address: str
    incident: IncidentView | None = None
    updates: tuple[UpdateView, ...] = ()
    history: tuple[UpdateView, ...] = ()
    files: tuple[FileView, ...] = ()
    kept_files: tuple[FileView, ...] = ()  # too big to travel with the letter
    shown: IncidentView | None = None  # the incident that was asked for, with its files
    listed: tuple[FileView, ...] = ()
    others: tuple[str, ...] = ()  # who else outside gets these words
    verbs: tuple[Verb, ...] = ()  # for help
    lines: tuple[DigestLine, ...] = ()  # of a digest
    found: FoundView | None = None  # by a search of staff
    answer: AnswerView | None = None  # to what a customer asked
    sheet: SheetView | None = None  # about the customer, to staff alone
    time_sheets: Sequence[TimeSheetView] = ()  # of the promises of `shown`
    detail: Mapping[str, Any] = NOTHING  # what the notice says besides
    also: Sequence[str] = ()  # what other notices have to say in this letter
    why: str = ""  # its reader got it, and how to change that
    piece: bool = False  # only what this notice has to say is wanted, for another letter

    def values(self) -> dict[str, Any]:
        return self._asdict()


def incident_view(
    incident: Incident,
    policy: Policy,
    reader: Person,
    contact: Person | None,
    participants: Sequence[Person],
    targets: Sequence[TargetView],
    site: str,
    asked: bool,
    spoken: bool = False,
) -> IncidentView:
    """`site` by its name; `asked`: it awaits the customer, and our words are the last; `spoken`: a person writes."""
    staff = reader.staff
    title = incident.title if staff else _title_outside(incident, reader, contact, spoken)
    codes = policy.dictionary
    status = codes.label(incident.status).internal if staff else label_for_customers(incident.status, asked, codes)
    owner = policy.engineers.get(incident.owner)
    team = policy.teams.get(incident.team)
    address = contact.address if contact else ""
    action, at = next_of(incident.next_action, incident.next_action_at, incident.follow_up_at)
    return IncidentView(
        number=incident.number,
        reference=policy.reference(incident.number),
        title=one_line(title),
        status=status,
        priority=_priority(incident, policy),
        owner=owner.name if owner else incident.owner,
        opened=incident.opened,
        contact=called(contact, staff=staff) if contact else "",
        contact_address=address,
        site=site,
        team=team.name if team else incident.team,
        closing_status=codes.closing(incident.closing_status) if incident.closing_status else "",
        service_level=incident.service_level if staff else "",
        contract=incident.contract,
        next_action=action if staff else "",
        next_action_at=at if staff else None,
        late=incident.late and staff,
        targets=tuple(targets),
        participants=tuple([called(p, staff=staff) for p in participants]),
        asked=asked or incident.status is Status.AWAITING_CLOSURE,
        agreement="" if staff or not reader.known else agreement(incident.service_level, policy),
        reports=incident.reports if staff else 0,
        to_confirm=incident.status is Status.AWAITING_CLOSURE,
        codes=_codes(incident, policy) if staff else (),
        customer_reference=one_line(incident.customer_reference),
        hold_until=incident.hold_until if incident.holds else None,
        hold_firm=incident.hold_firm and staff,
        customer_hold=incident.customer_hold,
        answer_at=incident.answer_at if staff else None,
    )


CODES = {
    "request_type": "Type:",
    "reason": "Reason:",
    "severity": "Severity:",
    "product": "Product:",
    "resolution": "Resolution:",
    "verified": "Verified:",
    "tags": "Tags:",
    "channel": "Came by:",
}
USUAL_CHANNEL = "email"  # goes without saying


def _codes(incident: Incident, policy: Policy) -> tuple[tuple[str, str], ...]:
    """What it is sorted by, and its extra fields, each with its name."""
    values = {name: getattr(incident, name) for name in CODES}
    if incident.channel == USUAL_CHANNEL:
        del values["channel"]
    named = [(CODES[name], policy.dictionary.shown(name, value)) for name, value in values.items()]
    named += [(f"{policy.dictionary.field_name(key)}:", one_line(value)) for key, value in incident.fields.items()]
    return tuple([(label, value) for label, value in named if value])


def called(person: Person, *, staff: bool = False) -> str:
    """Somebody's name; who is not known may have given himself any, and is an address to others outside."""
    return (one_line(person.name) if staff or person.known else "") or person.address


def _title_outside(incident: Incident, reader: Person, contact: Person | None, spoken: bool) -> str:
    """What a stranger wrote, or somebody in his name, stands in no automatic letter and in none to others."""
    if contact is None or contact.known:
        return incident.title
    if reader.id != contact.id:
        return "a message to us"
    return incident.title if spoken or reader.known else "your message"


def digest_line(purpose: str, detail: Mapping[str, Any], incident: IncidentView | None) -> DigestLine:
    """By when: what the notice itself is about, else the next promise that is in force."""
    target, due = str(detail.get("target", "")), detail.get("due")
    if due is None and incident is not None:
        running = [one for one in incident.targets if one.due is not None and one.met is None]
        first = min(running, key=lambda one: one.due or incident.opened, default=None)
        target, due = (first.name, first.due) if first else ("", None)
    moment = datetime.fromisoformat(due) if isinstance(due, str) and due else due or None
    return DigestLine(purpose=str(purpose), detail=detail, incident=incident, target=target, due=moment)


def one_line(text: str) -> str:
    """Titles and names are written by strangers: a line end in one would pass for words of the letter itself."""
    return " ".join(text.split())


def agreement(service_level: str, policy: Policy) -> str:
    """What a service level says of itself to customers."""
    level = policy.service_levels.get(service_level)
    return level.summary.strip() if level else ""


def _priority(incident: Incident, policy: Policy) -> str:
    for one in policy.priorities:
        if one.id == incident.priority:
            return one.name
    return incident.priority


def file_views(files: Iterable[File]) -> tuple[FileView, ...]:
    """Numbered from 1, in the order given."""
    return tuple(
        [
            FileView(place=place, name=one_line(file.name), size=file.size, sha256=file.sha256, update=file.update)
            for place, file in enumerate(files, 1)
        ]
    )
