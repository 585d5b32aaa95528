"""How a mail ends, why it may be held, and which rule decided: three closed lists, each member with its meaning.

The lists are stored, shown by `sitmail inbox` and `/why`, and printed as docs/reference/endings-and-reasons.md.  What
the rules do is described in `domain/rules` and `domain/time_rules`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class _Described(StrEnum):
    """A word, and a sentence for people who ask what it means."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member


class Ending(_Described):
    """What became of a mail that was kept (behaviour 6)."""

    WAITING = "waiting", "kept, but nothing of it is done yet; the only one that changes by itself"
    NEW = "new", "opened an incident"
    APPLIED = "applied", "its words or commands are in the log of an incident, or answered a question of the desk"
    HELD = "held", "waits for a decision; `sitmail held` and a letter to staff show it"
    REFUSED = "refused", "nothing of it was applied, and its author was told why"
    DUPLICATE = "duplicate", "the same content had already come to the same address"
    IGNORED = (
        "ignored",
        "nothing was to be done: a machine, a blocked address, our own letter, or a held mail that staff rejected",
    )
    QUARANTINED = (
        "quarantined",
        "three attempts to handle it failed; the admins were told, and `sitmail inbox retry ID` tries again",
    )


class HeldReason(_Described):
    """Why a mail waits for a decision of staff, or of its author."""

    UNKNOWN_SENDER = "unknown-sender", 'nobody we know, and `unknown_sender = "hold"`; or From names nobody'
    LOW_TRUST = "low-trust", "what it asks needs a better proof of who wrote it, or somebody's yes"
    FOREIGN_TOKEN = "foreign-token", "it came to a reply address that was made for somebody else"
    NOT_ENTITLED = "not-entitled", "no contract covers its writer"
    EXPIRED = "expired", "the contract that covered its writer has ended"
    USED_UP = "used-up", "the incidents of the contract, or what is prepaid, are used up"
    UNNAMED_CONTACT = "unnamed-contact", "the contract covers named contacts only, and its writer is none of them"
    TRIAGE = "triage", "all mail to this mailbox is shown to staff first"
    AMBIGUOUS = "ambiguous", "it may mean more than one incident"
    CLOSED = "closed", "the incident is closed and may not be reopened by mail"
    SPAM = "spam", "it was marked as spam"


class Rule(_Described):
    """Which rule decided, as `/why`, `sitmail explain` and `sitmail inbox` show it."""

    # no person wrote it
    BLOCKED = "blocked", "the sender is on the list of blocked addresses"
    SAME_MAIL = "same-mail", "the same mail came to another of our addresses, and was handled there"
    OWN_MAIL = "own-mail", "our own letter came back"
    BOUNCE = "bounce", "a report that a letter of ours was not delivered"
    BOUNCE_UNPROVEN = "bounce-unproven", "a delivery report that belongs to no letter of ours"
    AUTOMATIC = "automatic", "a machine wrote it; it is never answered and moves no status or clock"
    MONITOR_NEW = "monitor-new", "a monitor reported something new"
    MONITOR_AGAIN = "monitor-again", "a monitor reported the same again"
    MONITOR_RECOVERED = "monitor-recovered", "a monitor says that what it reported is over"
    # too large to be fetched
    TOO_LARGE = "too-large", "it is larger than we take and stays in its mailbox; only its header was read"
    # who wrote
    ATTACHED_NOBODY = "attached-nobody", "staff attached a mail to an incident whose From names nobody"
    FOREIGN_TOKEN = "foreign-token", "the reply address belongs to somebody else than the sender"
    HELD_UNKNOWN_SENDER = "held-unknown-sender", "the sender is not in the directory, so staff decide"
    HELD_LOW_TRUST = "held-low-trust", "nothing proves who wrote it, so staff decide"
    HELD_NOT_ENTITLED = "held-not-entitled", "no contract covers the sender, so staff decide"
    HELD_EXPIRED = "held-expired", "the contract that covered the sender has ended, so staff decide"
    HELD_USED_UP = (
        "held-used-up",
        "what the sender's contract covers, or what is prepaid, is used up, so staff decide",
    )
    HELD_UNNAMED_CONTACT = "held-unnamed-contact", "the contract covers named contacts only, so staff decide"
    HELD_SPAM = "held-spam", "our mail server marked it as spam, so staff decide"
    HELD_AMBIGUOUS = "held-ambiguous", "it may be about one of several incidents, so staff decide"
    HELD_CLOSED = "held-closed", "the incident is closed for good, so staff decide"
    HELD_TRIAGE = "held-triage", "all mail to this mailbox is shown to staff first"
    UNKNOWN_SENDER = "unknown-sender", 'the sender is not in the directory, and `unknown_sender = "reject"`'
    # an answer to "did you write this?"
    CONFIRMATION_YES = "confirmation-yes", "the sender answered yes, and the mail that waited for it is applied"
    CONFIRMATION_NO = "confirmation-no", "the sender answered no, and the mail that waited for it is rejected"
    CONFIRMATION_LATE = "confirmation-late", "the yes came too late, and the question was sent again"
    CONFIRMATION_AGAIN = "confirmation-again", "the question had been answered before"
    CONFIRMATION_UNCLEAR = "confirmation-unclear", "the answer was neither yes nor no"
    STORM_JOINED = "storm-joined", "the lead of a storm said yes: what belongs to it has one parent"
    STORM_REFUSED = "storm-refused", "the lead of a storm said no, or nothing of it was left to link"
    STORM_DECIDED_BEFORE = "storm-decided-before", "the lead of a storm had decided about it before"
    CONFIRMATION_UNKNOWN = "confirmation-unknown", "an answer to a question that we did not ask this sender"
    # the command address
    COMMAND_STRANGER = "command-stranger", "strangers who write to the command address get no answer"
    READS_LIMIT = "reads-limit", "the sender asked to read more often within an hour than `[limits]` allows"
    # decisions about held mail
    HELD_REJECTED = "held-rejected", "staff rejected the held mail, or its author said that it is not theirs"
    HELD_CALLED_SPAM = "held-called-spam", "staff called the held mail spam"
    STAFF_DECIDED = "staff-decided", "an engineer decided about a held mail"
    # an engineer
    STAFF_UPDATE = "staff-update", "an engineer wrote, and all of it was carried out"
    STAFF_REFUSED = "staff-refused", "an engineer wrote, and a line was wrong, so that nothing was carried out"
    STAFF_CROSSED = (
        "staff-crossed",
        "an engineer answered a letter that was older than newer words, so that the answer came back to him",
    )
    STAFF_RETURNED = (
        "staff-returned",
        "an engineer's answer came back to him once: it repeats a note, would go outside the site, names another "
        "customer's number, or lacks the file it speaks of",
    )
    STEPS_ASKED = "steps-asked", "a bug had no steps to reproduce, and came back to its author once"
    STAFF_LATER = "staff-later", "an engineer's answer is kept, and leaves at its time unless a customer writes before"
    STAFF_DELAYED = "staff-delayed", "an engineer's email waits for `send_delay`, until which /recall takes it back"
    STAFF_RECALLED = "staff-recalled", "an engineer's email was recalled before it left, and nothing of it was done"
    STAFF_SENT_ANYWAY = "staff-sent-anyway", "an engineer wrote `send`, and the answer that had come back leaves"
    ARTICLE_ANSWERED = (
        "article-answered",
        "an engineer answered a letter about an article, and all of it was carried out",
    )
    ARTICLE_REFUSED = "article-refused", "an engineer answered a letter about an article, and a line of it was wrong"
    ARTICLE_STALE = (
        "article-stale",
        "an engineer changed an article that somebody else had changed since, so that his words came back to him",
    )
    STAFF_PREPAID = "staff-prepaid", "a manager said whether something is drawn from what is prepaid"
    STAFF_UNPROVEN = (
        "staff-unproven",
        "nothing proves that the engineer wrote it, so a letter asks whether he did",
    )
    SENT_AGAIN = "sent-again", "an engineer forwarded a mail that he had forwarded within the hour before"
    ENGINEER_FORWARD = "engineer-forward", "an engineer forwarded a customer's mail, and it opened an incident"
    ENGINEER_BEGINS = "engineer-begins", "an engineer began a conversation, and it opened an incident"
    ENGINEER_NEW = "engineer-new", "an engineer wrote down what a customer said, and it opened an incident"
    # a site's admin contact
    SITE_ADMIN = "site-admin", "an admin contact asked about the own site, or changed whom its contracts cover"
    SITE_ADMIN_REFUSED = "site-admin-refused", "an admin contact wrote a line that is wrong, so that nothing was done"
    SITE_ADMIN_UNPROVEN = "site-admin-unproven", "an admin contact changes the directory, so a letter asks for a yes"
    SITE_ADMIN_APPROVAL = "site-admin-approval", "what an admin contact wants is for the account manager to allow"
    # a vendor, a tracker or an order desk
    VENDOR_UPDATE = (
        "vendor-update",
        "a vendor, tracker or order desk wrote about an incident in which it takes part",
    )
    # a customer
    CUSTOMER_UPDATE = "customer-update", "a contact or participant wrote about an incident"
    CUSTOMER_CLOSED = "customer-closed", "a contact or participant closed the incident"
    CONFIRMED = "confirmed", "a contact or participant said that it works, and that closed the incident"
    CUSTOMER_CLOSURE_REQUESTED = "customer-closure-requested", "a contact or participant asked to close the incident"
    CUSTOMER_REOPENED = (
        "customer-reopened",
        "a contact or participant wrote about a closed incident, which is open again",
    )
    FEEDBACK = "feedback", "a contact answered how the desk did, which moves nothing"
    CUSTOMER_HELP = "customer-help", "a contact or participant asked for help"
    CUSTOMER_LEVEL = "customer-level", "a contact or participant says how much to hear"
    CUSTOMER_READS = "customer-reads", "a contact or participant asked to read what the desk has of him"
    NEW_AFTER_CLOSED = "new-after-closed", "the incident is closed for good, so that a new one follows it"
    NEW_INCIDENT = "new-incident", "anything else from a person opens an incident"
    PREPAID = "prepaid", "the incident was closed, and what it came to is counted against what is prepaid"
    # no mail at all
    TICK = "tick", "something was due at that time"
    CHASED = "chased", "the customer has not answered, and the desk follows it up"
    PRESUMED = "presumed", "the customer was asked whether it works and did not answer, so that it counts as solved"
    UNRESPONSIVE = "unresponsive", "the customer was asked more than once for what we need, and did not answer"
    ENGINEER_LEFT = "engineer-left", "its owner is no longer in the configuration, so somebody else owns it"
    ENGINEER_AWAY = "engineer-away", "its owner is away, so that somebody else has it for now"
    ENGINEER_BACK = "engineer-back", "its owner is back"
    FEEDBACK_ASKED = "feedback-asked", "the time after a closing is over, and its contact is asked how the desk did"
    IMPORTED = "imported", "`sitmail import` took it over from another desk; nothing in it was decided here"
    DELIVERY_FAILED = "delivery-failed", "a letter of ours could not be delivered"


def meaning(rule: str) -> str:
    """The sentence for the name of a rule as it was stored; "" for a name that is no longer in use."""
    return _MEANINGS.get(rule, "")


_MEANINGS: dict[str, str] = {rule: rule.meaning for rule in Rule}
HOLDING: dict[HeldReason, Rule] = {
    HeldReason.UNKNOWN_SENDER: Rule.HELD_UNKNOWN_SENDER,
    HeldReason.LOW_TRUST: Rule.HELD_LOW_TRUST,
    HeldReason.NOT_ENTITLED: Rule.HELD_NOT_ENTITLED,
    HeldReason.EXPIRED: Rule.HELD_EXPIRED,
    HeldReason.USED_UP: Rule.HELD_USED_UP,
    HeldReason.UNNAMED_CONTACT: Rule.HELD_UNNAMED_CONTACT,
    HeldReason.TRIAGE: Rule.HELD_TRIAGE,
    HeldReason.AMBIGUOUS: Rule.HELD_AMBIGUOUS,
    HeldReason.CLOSED: Rule.HELD_CLOSED,
    HeldReason.SPAM: Rule.HELD_SPAM,
}
