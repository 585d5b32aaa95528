"""Which letters may concern no incident, or have no words, so that their samples show that, too."""

from __future__ import annotations

from sitmail.domain.notice_purposes import NoticePurpose

# Letters that may concern no incident.
UNBOUND = frozenset(
    {
        NoticePurpose.APPROVAL,
        NoticePurpose.CONFIRM,
        NoticePurpose.CONFIRM_CUSTOMER,
        NoticePurpose.CONFIRM_CUSTOMER_WAITS,
        NoticePurpose.DIRECTORY_CHANGED,
        NoticePurpose.SITE_CONTACTS,
        NoticePurpose.CONTRACT,
        NoticePurpose.CUSTOMER_DONE,
        NoticePurpose.CUSTOMER_HELP,
        NoticePurpose.CUSTOMER_SHOW,
        NoticePurpose.SITE_REPORT,
        NoticePurpose.DIGEST,
        NoticePurpose.EVERY_INCIDENT,
        NoticePurpose.HELD,
        NoticePurpose.MORNING,
        NoticePurpose.NOT_COVERED,
        NoticePurpose.PROPOSAL,
        NoticePurpose.QUARANTINED,
        NoticePurpose.REPORT,
        NoticePurpose.REPORT_DUE,
        NoticePurpose.SHOW,
        NoticePurpose.STAFF_HELP,
        NoticePurpose.STORM,
        NoticePurpose.VERDICT,
        NoticePurpose.TOKEN_MISUSED,
        NoticePurpose.TOKEN_MISUSED_CUSTOMER,
        NoticePurpose.TROUBLE,
        NoticePurpose.STANDS_IN,
        NoticePurpose.WHILE_AWAY,
        NoticePurpose.HANDED_BACK,
        NoticePurpose.LEAVE_ASKED,
        NoticePurpose.LEAVE_ANSWERED,
        NoticePurpose.ABSENCE_PROPOSED,
    }
)
# Letters that may report only a change, without any words.
WORDLESS = UNBOUND | {
    NoticePurpose.BUG_FIXED,
    NoticePurpose.CALENDAR,
    NoticePurpose.CHANGED,
    NoticePurpose.CLOSURE_REQUESTED,
    NoticePurpose.CUSTOMER_CLOSED,
    NoticePurpose.FEEDBACK_ASKED,
    NoticePurpose.JOINED,
}
