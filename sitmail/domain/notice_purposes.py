"""What letters there are: one table.  Purpose -> leg of a plain reply, who reads it, whether a machine wrote.

A purpose's letter is the template of the same name.  Words of people are told at once; automatic notices to one reader
about one incident are folded, and those to people outside the desk are counted (behaviour 3 and 5).
"""

from __future__ import annotations

from enum import StrEnum

from sitmail.domain.record import record
from sitmail.domain.update import LegKind


class NoticePurpose(StrEnum):
    """Why somebody is told something.  Each has a template of the same name; the store keeps it as text."""

    ACKNOWLEDGEMENT = "acknowledgement"
    ACKNOWLEDGEMENT_STRANGER = "acknowledgement_stranger"
    ANSWER = "answer"
    BEGUN = "begun"
    WORDS = "words"
    EVENT = "event"
    VENDOR_ASKED = "vendor_asked"
    VENDOR_WROTE = "vendor_wrote"
    VENDOR_CLOSED = "vendor_closed"
    BUG_REPORTED = "bug_reported"
    ORDER_PLACED = "order_placed"
    STEPS_ASKED = "steps_asked"
    CHANGED = "changed"
    JOINED = "joined"
    CLOSURE_NOTED = "closure_noted"
    CLOSURE_REASON = "closure_reason"
    RESOLVED = "resolved"
    CHASED = "chased"
    CUSTOMER_CLOSED = "customer_closed"
    BUG_FIXED = "bug_fixed"
    FEEDBACK_ASKED = "feedback_asked"
    FEEDBACK_SCALE = "feedback_scale"
    FEEDBACK_GIVEN = "feedback_given"
    CUSTOMER_REFUSED = "customer_refused"
    CUSTOMER_DONE = "customer_done"
    CUSTOMER_HELP = "customer_help"
    CUSTOMER_SHOW = "customer_show"
    SITE_REPORT = "site_report"
    HELD_REJECTED = "held_rejected"
    CONFIRM_CUSTOMER = "confirm_customer"
    CONFIRM_CUSTOMER_WAITS = "confirm_customer_waits"
    SITE_CONTACTS = "site_contacts"
    TOO_LARGE = "too_large"
    NOT_COVERED = "not_covered"
    ASSIGNED = "assigned"
    UNOWNED = "unowned"
    CUSTOMER_WROTE = "customer_wrote"
    CLOSURE_REQUESTED = "closure_requested"
    WATCHED = "watched"
    ANSWER_COPY = "answer_copy"
    NOTE = "note"
    CHANGED_STAFF = "changed_staff"
    MACHINE_WROTE = "machine_wrote"
    MACHINE_IGNORED = "machine_ignored"
    MACHINE_REPORTS = "machine_reports"
    VERDICT = "verdict"
    CROSSED = "crossed"
    SHOW = "show"
    ARTICLE = "article"
    ARTICLE_CHANGED = "article_changed"
    ARTICLE_REVIEW = "article_review"
    STAFF_HELP = "staff_help"
    SLA_WARNING = "sla_warning"
    SLA_LATE = "sla_late"
    LEVEL_REACHED = "level_reached"
    ESCALATED = "escalated"
    DELAYED = "delayed"
    UNANSWERED = "unanswered"
    DELIVERY_FAILED = "delivery_failed"
    HELD = "held"
    TOKEN_MISUSED = "token_misused"  # noqa: S105 -- no password
    TOKEN_MISUSED_CUSTOMER = "token_misused_customer"  # noqa: S105
    CONFIRM = "confirm"
    CONFIRM_WAITS = "confirm_waits"
    QUARANTINED = "quarantined"
    TROUBLE = "trouble"
    STANDS_IN = "stands_in"
    WHILE_AWAY = "while_away"
    HANDED_BACK = "handed_back"
    LEAVE_ASKED = "leave_asked"
    LEAVE_ANSWERED = "leave_answered"
    ABSENCE_PROPOSED = "absence_proposed"
    CONTRACT = "contract"
    APPROVAL = "approval"
    DIRECTORY_CHANGED = "directory_changed"
    PREPAID = "prepaid"
    PROPOSAL = "proposal"
    PREPAID_ASKED = "prepaid_asked"
    STORM = "storm"
    STORM_JOINED = "storm_joined"
    CALENDAR = "calendar"
    DIGEST = "digest"
    MORNING = "morning"
    EVERY_INCIDENT = "every_incident"
    REPORT = "report"
    REPORT_DUE = "report_due"


@record
class NoticeTraits:
    """`automatic`: nobody wrote it, so it bears Auto-Submitted; `words`: it carries somebody's, so it never folds.

    `asked`: an answer to what its reader just asked for, given at once although automatic.  `at_once`: what an engineer
    has to know now; it waits for no other notice.  Of notices that share a letter the one of the greatest `gravity`
    gives the subject and comes first.
    """

    leg: LegKind
    outside: bool = False
    automatic: bool = True
    words: bool = False
    asked: bool = False
    at_once: bool = False
    gravity: int = 0
    kind: str = ""  # of the reply address, where the leg does not decide it
    acknowledges: bool = False
    first: bool = False  # to somebody who may not have written to us: within the limits, although a person wrote it
    even_when_quiet: bool = False  # told in an engineer's quiet hours, too: what people did, or what is broken
    alone: bool = False  # a question of its own, which shares no letter
    brief: bool = False  # tells a colleague all he needs, files included (S3-16)

    @property
    def carries_files(self) -> bool:
        return self.words or self.brief

    @property
    def limited(self) -> bool:
        """Whether letters of that purpose to people outside are counted by the limits."""
        return self.automatic or self.first

    @property
    def folds(self) -> bool:
        """Whether it may share a letter with other notices to its reader about the incident."""
        return self.automatic and not (self.words or self.asked or self.kind or self.alone)

    @property
    def listed(self) -> bool:
        """Whether a line of a digest can stand for it, if its reader is an engineer."""
        return self.automatic and not self.words and not self.asked


PUBLIC, INTERNAL, VENDOR = LegKind.PUBLIC, LegKind.INTERNAL, LegKind.VENDOR
PURPOSES: dict[NoticePurpose, NoticeTraits] = {
    # to customers
    NoticePurpose.ACKNOWLEDGEMENT: NoticeTraits(PUBLIC, outside=True, asked=True, acknowledges=True),
    NoticePurpose.ACKNOWLEDGEMENT_STRANGER: NoticeTraits(PUBLIC, outside=True, asked=True, acknowledges=True),
    NoticePurpose.ANSWER: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True),
    NoticePurpose.BEGUN: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True, first=True),
    NoticePurpose.WORDS: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True),
    NoticePurpose.EVENT: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True),
    NoticePurpose.CHANGED: NoticeTraits(PUBLIC, outside=True, gravity=1),
    NoticePurpose.DELAYED: NoticeTraits(PUBLIC, outside=True, gravity=2),
    NoticePurpose.JOINED: NoticeTraits(PUBLIC, outside=True, gravity=2),
    NoticePurpose.CLOSURE_NOTED: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CLOSURE_REASON: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.RESOLVED: NoticeTraits(PUBLIC, outside=True, gravity=3),
    NoticePurpose.CHASED: NoticeTraits(PUBLIC, outside=True, gravity=3),
    NoticePurpose.CUSTOMER_CLOSED: NoticeTraits(PUBLIC, outside=True, gravity=3),
    NoticePurpose.BUG_FIXED: NoticeTraits(PUBLIC, outside=True, gravity=3),
    NoticePurpose.FEEDBACK_ASKED: NoticeTraits(PUBLIC, outside=True, alone=True),
    NoticePurpose.FEEDBACK_SCALE: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_REFUSED: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_DONE: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_HELP: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_SHOW: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.SITE_REPORT: NoticeTraits(PUBLIC, outside=True, alone=True),
    NoticePurpose.HELD_REJECTED: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CONFIRM_CUSTOMER: NoticeTraits(PUBLIC, outside=True, kind="c", asked=True),
    NoticePurpose.CONFIRM_CUSTOMER_WAITS: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.SITE_CONTACTS: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.TOO_LARGE: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.NOT_COVERED: NoticeTraits(PUBLIC, outside=True, asked=True, acknowledges=True),
    # to a partner (a vendor, a tracker, an order desk), and to staff of what it wrote
    NoticePurpose.BUG_REPORTED: NoticeTraits(VENDOR, outside=True, automatic=False, words=True),
    NoticePurpose.ORDER_PLACED: NoticeTraits(VENDOR, outside=True, automatic=False, words=True),
    NoticePurpose.VENDOR_ASKED: NoticeTraits(VENDOR, outside=True, automatic=False, words=True),
    NoticePurpose.VENDOR_CLOSED: NoticeTraits(VENDOR, outside=True),
    NoticePurpose.VENDOR_WROTE: NoticeTraits(VENDOR, automatic=False, words=True),
    # to staff, a plain reply is public
    NoticePurpose.ASSIGNED: NoticeTraits(PUBLIC, brief=True, at_once=True, even_when_quiet=True, gravity=5),
    NoticePurpose.UNOWNED: NoticeTraits(PUBLIC, brief=True, at_once=True, even_when_quiet=True, gravity=5),
    NoticePurpose.WATCHED: NoticeTraits(PUBLIC, words=True, gravity=3),
    NoticePurpose.CUSTOMER_WROTE: NoticeTraits(PUBLIC, automatic=False, words=True),
    NoticePurpose.CLOSURE_REQUESTED: NoticeTraits(PUBLIC, words=True),
    NoticePurpose.ANSWER_COPY: NoticeTraits(PUBLIC, automatic=False, words=True),
    NoticePurpose.CROSSED: NoticeTraits(PUBLIC, asked=True),
    NoticePurpose.STORM_JOINED: NoticeTraits(PUBLIC, asked=True),
    # to staff, a plain reply is internal
    NoticePurpose.NOTE: NoticeTraits(INTERNAL, automatic=False, words=True),
    NoticePurpose.FEEDBACK_GIVEN: NoticeTraits(INTERNAL, automatic=False, words=True),
    NoticePurpose.CHANGED_STAFF: NoticeTraits(INTERNAL, gravity=1),
    NoticePurpose.MACHINE_WROTE: NoticeTraits(INTERNAL, gravity=2),
    NoticePurpose.MACHINE_IGNORED: NoticeTraits(INTERNAL, gravity=2),
    NoticePurpose.MACHINE_REPORTS: NoticeTraits(INTERNAL, gravity=4),
    NoticePurpose.VERDICT: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.STEPS_ASKED: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.SHOW: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.STAFF_HELP: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.ARTICLE: NoticeTraits(INTERNAL, kind="k", asked=True),
    NoticePurpose.ARTICLE_CHANGED: NoticeTraits(INTERNAL, kind="k", words=True),
    NoticePurpose.ARTICLE_REVIEW: NoticeTraits(INTERNAL, kind="k", at_once=True),
    NoticePurpose.SLA_WARNING: NoticeTraits(INTERNAL, gravity=6),
    NoticePurpose.LEVEL_REACHED: NoticeTraits(INTERNAL, at_once=True, gravity=6),
    NoticePurpose.SLA_LATE: NoticeTraits(INTERNAL, at_once=True, gravity=9),
    NoticePurpose.ESCALATED: NoticeTraits(INTERNAL, at_once=True, gravity=7),
    NoticePurpose.UNANSWERED: NoticeTraits(INTERNAL, gravity=6),
    NoticePurpose.DELIVERY_FAILED: NoticeTraits(INTERNAL, gravity=8),
    NoticePurpose.HELD: NoticeTraits(INTERNAL, kind="h", even_when_quiet=True),
    NoticePurpose.TOKEN_MISUSED: NoticeTraits(INTERNAL, even_when_quiet=True, gravity=7),
    NoticePurpose.TOKEN_MISUSED_CUSTOMER: NoticeTraits(PUBLIC, outside=True, gravity=7),
    NoticePurpose.CONFIRM: NoticeTraits(INTERNAL, kind="c", asked=True),
    NoticePurpose.CONFIRM_WAITS: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.QUARANTINED: NoticeTraits(INTERNAL, even_when_quiet=True),
    NoticePurpose.TROUBLE: NoticeTraits(INTERNAL, even_when_quiet=True),
    NoticePurpose.STANDS_IN: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.WHILE_AWAY: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.HANDED_BACK: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.LEAVE_ASKED: NoticeTraits(INTERNAL, kind="c", asked=True),
    NoticePurpose.LEAVE_ANSWERED: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.ABSENCE_PROPOSED: NoticeTraits(INTERNAL, kind="c", asked=True),
    NoticePurpose.CONTRACT: NoticeTraits(INTERNAL),
    NoticePurpose.APPROVAL: NoticeTraits(INTERNAL, kind="h", at_once=True),
    NoticePurpose.DIRECTORY_CHANGED: NoticeTraits(INTERNAL),
    NoticePurpose.PREPAID: NoticeTraits(INTERNAL, gravity=2),
    NoticePurpose.PROPOSAL: NoticeTraits(INTERNAL, kind="c"),
    NoticePurpose.STORM: NoticeTraits(INTERNAL, kind="c", asked=True),
    NoticePurpose.PREPAID_ASKED: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.CALENDAR: NoticeTraits(INTERNAL),
    NoticePurpose.DIGEST: NoticeTraits(INTERNAL, kind="d"),
    NoticePurpose.MORNING: NoticeTraits(INTERNAL, kind="d", at_once=True),
    NoticePurpose.EVERY_INCIDENT: NoticeTraits(INTERNAL),
    NoticePurpose.REPORT: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.REPORT_DUE: NoticeTraits(INTERNAL, kind="d", at_once=True),
}
# Letters to staff that show the conversation so far beside the occasion.
SHOWING_HISTORY = frozenset(
    {NoticePurpose.ASSIGNED, NoticePurpose.SHOW}
    | {NoticePurpose.FEEDBACK_GIVEN}
    | {NoticePurpose.SLA_WARNING, NoticePurpose.SLA_LATE, NoticePurpose.LEVEL_REACHED, NoticePurpose.ESCALATED}
)
