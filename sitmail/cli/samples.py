"""Invented data for each letter, so that `sitmail check` and a test can render all templates.

A mistake in a template may be in a branch that one occasion does not reach.  So each letter has a full occasion, a bare
one, and some have more.  The data have the form that the desk really passes to templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.cli import sample_promises
from sitmail.cli.sample_absences import ABSENCES
from sitmail.cli.sample_answers import ANSWERS, answer_of
from sitmail.cli.sample_articles import ARTICLES, LISTS
from sitmail.cli.sample_directory import CHANGES
from sitmail.cli.sample_held import HOLDING, SOLVED
from sitmail.cli.sample_morning import ALONE, EVERY_INCIDENT, MORNINGS
from sitmail.cli.sample_occasions import UNBOUND, WORDLESS
from sitmail.cli.sample_prepaid import ASKED, LOW, TOLD
from sitmail.cli.sample_reasons import reason
from sitmail.cli.sample_reports import REPORT_DETAILS
from sitmail.cli.sample_search import found_views
from sitmail.cli.sample_second_thoughts import SECOND_THOUGHTS
from sitmail.cli.sample_sheet import BARE_SHEET, SHEET
from sitmail.cli.sample_storms import STORMS
from sitmail.cli.sample_terms import INSIDE
from sitmail.cli.sample_waiting import WAITING, waiting
from sitmail.domain.customer.participants import WHOM
from sitmail.domain.customer.verbs import LATER
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.fixed_bugs import NOT_PROVED as FIXED
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.sentence import Sentence
from sitmail.domain.shown_changes import changed_line
from sitmail.domain.verbs import STAFF
from sitmail.services.views import (
    DeskView,
    DigestLine,
    FileView,
    IncidentView,
    LetterContext,
    PlainReply,
    ReaderView,
    TargetView,
    UpdateView,
)

CHANGED = changed_line(Sentence("status"), Sentence("New"), Sentence("Active"))
LINKED = Sentence("its parent is %(incident)s", incident="[SIT-9]")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FILE = FileView(1, "photo.png", 20_480, "0" * 64, 1)
UPDATE = UpdateView(
    id="12#1",
    number=1,
    author="Carla Jones",
    at=NOW,
    did="wrote",
    public=True,
    text="The printer burns.\n",
    unverified=True,
    files=(FILE,),
    changed=(CHANGED,),
    rule="customer-update",
    doubtful="is it on?",
    reason="sample",
    signature="Ana Lind\nExample Desk",
)
NOTE = UpdateView(
    id="12#2", number=2, author="Ana Lind", at=NOW, did="changed", public=False, text="", rule="staff-update"
)
LOGGED = UPDATE._replace(
    did="Call out", event="Call out", text="15m: spoke to Carla", html="", doubtful="", signature=""
)
FROM_VENDOR = NOTE._replace(
    id="12#3",
    number=3,
    author="Acme Lamps",
    did="wrote",
    text="A fuse.",
    beside=Sentence("with the vendor %(name)s", name="Acme Lamps"),
)
INCIDENT = IncidentView(
    number=12,
    reference="[SIT-12]",
    title="Printer burns",
    status="Closed",
    priority="high",
    owner="Ana Lind",
    opened=NOW,
    contact="Carla Jones",
    contact_address="carla@example.com",
    site="Acme Ltd",
    team="Support",
    closing_status="action taken",
    service_level="gold",
    contract="acme-2026",
    next_action="ring them",
    next_action_at=NOW + timedelta(days=1),
    late=True,
    targets=(TargetView("first_response", NOW + timedelta(hours=2), "running"), TargetView("resolution", None, "met")),
    participants=("Dan Jones",),
    asked=True,
    reports=3,
    to_confirm=True,
    codes=(("Type:", "Fault"), ("Reason:", "Network / dns"), ("Version:", "7.2")),
    customer_reference="PO-4711",
    agreement="Gold: somebody answers day and night.",
    partner_reference="SR-99",
)
JUST_OPENED = IncidentView(13, "[SIT-13]", "(no subject)", "New", "medium", "", NOW, next_action_at=NOW)
LINES = (
    DigestLine("changed_staff", {"changed": [CHANGED]}, INCIDENT, "first_response", NOW),
    DigestLine("unowned", {}, JUST_OPENED, "", None),
    DigestLine("held", {"reason": "unknown-sender"}, None, "", None),
)
LATE = (DigestLine("sla_late", {"target": "resolution", "due": NOW}, INCIDENT, "resolution", NOW),) * 2
# The details of the notices of each purpose, one entry for each occasion; the templates have the same names.
DETAILS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    **ANSWERS,
    **CHANGES,
    **STORMS,
    **WAITING,
    **ARTICLES,
    **HOLDING,
    **(SECOND_THOUGHTS | REPORT_DETAILS),
    NoticePurpose.ACKNOWLEDGEMENT_STRANGER: ({}, {"offer": "Schreiben Sie uns gern auf Deutsch."}),
    NoticePurpose.ACKNOWLEDGEMENT: (
        {"prior": "[SIT-11]", "claimed": "[SIT-9]", "questions": ["Which version do you use?", "spec sheet"]},
        {"prior": "", "known_problem": True, "known": [["Name", "Carla Jones"], ["Phone", ""]]},
        {"prior": "", "passed_on": "Ana Lind", "offer": "Schreiben Sie uns gern auf Deutsch."},
        {"passed_on": "Ana Lind", "channel": "phone"},
        {"passed_on": "Ana Lind", "channel": "forum", "moved": "forum"},
        {"split_from": "[SIT-9]", "articles": [[7, "Paper jams in the tray", "Open the door."], [3, "Red lamp", ""]]},
    ),
    NoticePurpose.ANSWER: (
        {"closing_status": "action taken", "owner": "Ana Lind", "status": "Closed", "spent": "1h 30m"},
        {"asked": "alone"},
        {"closing_status": "duplicate", "merged": "[SIT-9]"},
        {"closing_status": "reported bug", "deferred": True},
        {"keeps": True},
        {"deferred": True},
        {},
    ),
    NoticePurpose.WATCHED: ({"watches": "site"}, {"watches": "contact"}, {"watches": "contract"}),
    NoticePurpose.ANSWER_COPY: ({"by": "Ana Lind", "changed": ["owner: - -> Ana Lind"]}, {"by": "", "changed": []}),
    NoticePurpose.ASSIGNED: (
        {
            "prior": "[SIT-11]",
            "claimed": "[SIT-9]",
            "outsiders": ["dan@example.net"],
            "passed_on": "Ana Lind",
            "alike": "[SIT-9] Printer",
            "alike_number": 9,
            "sent_by": "Dan <dan@example.net>",
            "solved": SOLVED,
        },
        {"prior": "", "passed_on": "Ana Lind", "unheard": True},
        {"by": "Ana Lind"},
        {"left": "Anton Berg"},
        {"by": "Ana Lind", "for_now": True},
        {"by": "Ana Lind", "asks": True},
        {"by": "Ana Lind", "split_from": "[SIT-9]"},
    ),
    NoticePurpose.CHANGED_STAFF: (
        {"by": "Ana Lind", "changed": [CHANGED]},
        {"by": "Ana Lind", "links": [LINKED]},
        {"woke": ""},
        {"woke": "ring them"},
    ),
    NoticePurpose.CLOSURE_REQUESTED: ({"reason": "it works"}, {"reason": "", "more": True, "wishes": [CHANGED]}),
    NoticePurpose.CONTRACT: (
        {"about": "low", "contract": "acme-2026", "site": "Acme Ltd", "day": "", "left": 2, "incidents": 10},
        LOW,
        {"about": "ending", "contract": "acme-2026", "site": "Acme Ltd", "day": "2026-12-31", "left": 0},
    ),
    NoticePurpose.CUSTOMER_CLOSED: (
        {"closing_status": "action taken"},
        {"spent": "1h 30m"},
        {"goes_on": True},
        {"unanswered": "presumed"},
        {"unanswered": "unresponsive"},
        {"deferred": True},
        {"merged": "[SIT-9]"},
    ),
    NoticePurpose.CUSTOMER_REFUSED: (
        {"verdicts": [["/priority high", LATER]]},
        {"verdicts": [], "missing": [["/cc add", WHOM]]},
    ),
    NoticePurpose.CUSTOMER_WROTE: (
        {"outsiders": ["dan@example.net"], "missing": ["Version"], "reason": "", "reply_to": ["Eve <eve@example.net>"]},
        {"outsiders": [], "reason": "", "another": "answers a letter about [SIT-9] Scanner", "wishes": [CHANGED]},
    ),
    NoticePurpose.VENDOR_ASKED: ({},),
    NoticePurpose.VENDOR_WROTE: ({}, {"writer": "tom@lamps.example.com", "number": "SR-99"}, {"fixed": FIXED}),
    NoticePurpose.STEPS_ASKED: ({"title": "The lamp burns red", "returned": "/bug The lamp burns red\nIt does."},),
    NoticePurpose.DELIVERY_FAILED: (
        {"address": "carla@example.com"},
        {"address": "carla@example.com", "before": 2},
        {"address": "carla@example.com", "late": True, "due": NOW},
        {"address": "carla@example.com", "late": True},
        {"address": "carla@example.com", "ours": True},
    ),
    NoticePurpose.TOO_LARGE: (
        {"subject": "Printer", "greeted": True, "limit": 30_000_000},
        {"subject": "", "greeted": False, "limit": 30_000_000},
    ),
    NoticePurpose.JOINED: ({}, {"merged": "[SIT-9]"}),
    NoticePurpose.MACHINE_IGNORED: (
        {"writer": "scanner@example.com", "why": "auto-submitted", "title": "Scan 17 is ready"},
    ),
    NoticePurpose.MACHINE_REPORTS: (
        {"count": 10},
        {"over": True, "closed": False},
        {"over": True, "closed": True},
        {"back": True, "reopened": False},
        {"back": True, "reopened": True, "count": 100},
    ),
    NoticePurpose.MACHINE_WROTE: (
        {"why": "auto-submitted"},
        {"why": "auto-submitted"},
        {"why": "auto-submitted", "number": "BUG-7"},
        {"why": "auto-submitted", "fixed": FIXED},
    ),
    NoticePurpose.PREPAID: TOLD,
    NoticePurpose.PREPAID_ASKED: ASKED,
    NoticePurpose.QUARANTINED: (
        {"id": 7, "error": "it could not be read", "writer": "dan@example.com"},
        {"id": 7, "error": "", "writer": ""},
    ),
    NoticePurpose.SHOW: (
        {"what": "log", "number": 12},
        {"what": "log", "number": 99},
        {"what": "why", "number": 12},
        {"what": "files", "number": 12, "file": 0},
        {"what": "files", "number": 12, "file": 1},
        {"what": "files", "number": 13, "file": 3},
        {"what": "who", "address": "carla@example.com"},
        {"what": "who", "address": "nobody@example.com"},
        {"what": "search", "query": "owner:ana printer"},
        {"what": "search", "query": "scanner"},
        {"what": "search", "query": "red lamp"},
        {"what": "queue", "query": "mine", "others": ["unowned", "late"]},
        *LISTS,
    ),
    **sample_promises.TOLD,
    **ABSENCES,
    NoticePurpose.STAFF_HELP: ({"verb": ""}, {"verb": "", "terms": INSIDE}),
    NoticePurpose.TOKEN_MISUSED: ({"writer": "dan@example.com"},),
    NoticePurpose.TROUBLE: (
        {"what": "watch loop", "words": "KeyError: 7", "due": NOW},
        {"what": "mail loop", "words": "Mail 7 from dan@example.com: Printer", "due": NOW},
        {"what": "forged mail", "words": "Mail 7 from support@example.com: Printer", "due": NOW},
    ),
    NoticePurpose.MORNING: MORNINGS,
    NoticePurpose.EVERY_INCIDENT: EVERY_INCIDENT,
    NoticePurpose.UNOWNED: (
        {"prior": "[SIT-11]", "claimed": "[SIT-9]", "outsiders": ["dan@example.net"]},
        {"prior": "", "outsiders": [], "in_our_name": "support@example.com", "form": "form@www.example.com"},
        {"left": "Anton Berg"},
    ),
}


def samples() -> dict[str, list[dict[str, Any]]]:
    """For each purpose the variables of its template on each occasion, the full one first."""
    return {str(purpose): list(_occasions(purpose)) for purpose in PURPOSES}


def _occasions(purpose: NoticePurpose) -> Iterator[dict[str, Any]]:
    outside, details = PURPOSES[purpose].outside, DETAILS.get(purpose, ({},))
    for place in range(max(2, len(details))):
        detail = details[min(place, len(details) - 1)]
        context = _bare(_full(outside), purpose) if place == 1 else _full(outside)
        if purpose == NoticePurpose.SHOW:
            context = _shown(context, detail)
        if purpose in (NoticePurpose.CUSTOMER_SHOW, NoticePurpose.SITE_REPORT):
            context = context._replace(answer=answer_of(detail))
        if purpose in (NoticePurpose.ANSWER, NoticePurpose.EVENT) and not place:
            context = context._replace(updates=(UPDATE, LOGGED))
        if purpose in (NoticePurpose.MORNING, *ARTICLES, *REPORT_DETAILS):
            context = context._replace(incident=None, plain_reply=PlainReply("INTERNAL", ALONE))
        if purpose == NoticePurpose.DIGEST:
            context = context._replace(lines=LATE if place else LINES)
        context = context._replace(why=reason(purpose, detail, bound=context.incident is not None))
        for one in (context, *waiting(context, purpose)):
            yield one.values() | {"detail": detail}
        if purpose == NoticePurpose.VENDOR_WROTE:
            yield context._replace(updates=(FROM_VENDOR,)).values() | {"detail": detail}
        if PURPOSES[purpose].folds:
            yield context.values() | {"detail": detail, "also": ["What another notice says."]}
            yield context.values() | {"detail": detail, "piece": True}


def _full(outside: bool) -> LetterContext:
    reader = (
        ReaderView("Carla Jones", "carla@example.com", False) if outside else ReaderView("Ana", "ana@example.com", True)
    )
    return LetterContext(
        desk=DeskView("Example Desk", "support@example.com", "support+cmd@example.com"),
        reader=reader,
        zone="UTC",
        now=NOW,
        plain_reply=None if outside else PlainReply("PUBLIC", "Carla Jones <carla@example.com>"),
        reply="support+i12.k@example.com",
        note_address="" if outside else "support+n12.k@example.com",
        incident=INCIDENT,
        updates=(UPDATE,),
        history=() if outside else (UPDATE, NOTE, FROM_VENDOR),
        files=(FILE,),
        kept_files=(FILE,),
        sheet=None if outside else SHEET,
        time_sheets=sample_promises.TIME_SHEETS,
        others=("Dan Doe",) if outside else (),
        verbs=tuple(verb for verb in (CUSTOMER if outside else STAFF).values() if not verb.later),
    )


def _bare(full: LetterContext, purpose: NoticePurpose) -> LetterContext:
    """The bare occasion: a reader without a name, a mail without words, a desk without note addresses."""
    return full._replace(
        reader=full.reader._replace(name=""),
        note_address="",
        incident=None if purpose in UNBOUND else JUST_OPENED,
        updates=() if purpose in WORDLESS else (NOTE._replace(public=PURPOSES[purpose].outside),),
        history=(),
        files=(),
        kept_files=(),
        sheet=full.sheet and BARE_SHEET,
        others=(),
    )


def _shown(context: LetterContext, detail: dict[str, Any]) -> LetterContext:
    """The answer to /show, /why or /files about incident 12, which has a file, about 13, or about a missing one."""
    number = detail.get("number")
    there = {12: INCIDENT, 13: JUST_OPENED}.get(number or 0)
    listed = (FILE,) if number == 12 else ()
    if detail.get("address") == "nobody@example.com":
        context = context._replace(sheet=None)
    if "query" in detail and "articles" not in detail:
        context = context._replace(found=found_views(INCIDENT, JUST_OPENED)[detail["query"]])
    asked = tuple(file for file in listed if file.place == detail.get("file"))
    return context._replace(shown=there, listed=listed, files=asked, kept_files=())
