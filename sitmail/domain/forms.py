"""Mails of web forms (S3-04, behaviour 3.4): whoever filled one in is the customer, and nothing proves who that was.

Such a mail is taken for what it stands for before anything else looks at it: a mail of the person whom a field names,
without proof, verbs, copies or a conversation.  Its whole text stays in the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sitmail.domain.address import addr_spec
from sitmail.domain.choices import Choice, named
from sitmail.domain.dictionary import MAX_FIELDS, Dictionary, entry
from sitmail.domain.incident import Incident
from sitmail.domain.joining import no_reader
from sitmail.domain.labelled_values import read_values
from sitmail.domain.mail import Address, Mail
from sitmail.domain.policy import Form, Policy
from sitmail.domain.record import changed

CONTACT, NAME, TITLE, TEXT, PRODUCT, PRIORITY = "contact", "name", "title", "text", "product", "priority"
MEANINGS = (CONTACT, NAME, TITLE, TEXT, PRODUCT, PRIORITY)  # what a field of a form may be, besides a [[field]]
_ADDRESSES = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+")


def form_of(policy: Policy, mail: Mail) -> Form | None:
    """The form whose address stands in From, whether that is one of ours or not."""
    sender = mail.in_our_name or mail.identity
    return next((form for form in policy.forms if sender in form.addresses), None) if sender else None


def as_filled_in(mail: Mail, form: Form, policy: Policy) -> Mail:
    """The mail as that of the person who filled the form in; itself, if it is no filled form but a machine's answer."""
    labels = form.fields
    values = read_values(mail.text, tuple(labels.values()), (labels.get(TEXT, ""),))
    if not values and _answers_itself(mail):
        return mail
    told = {what: value for what, label in labels.items() if (value := values.get(label, ""))}
    address = _address(told.get(CONTACT, ""), form, policy)
    person = Address(" ".join(told.get(NAME, "").split())[:100], address) if address else None
    theirs = {
        "identity": address,
        "sender": person,
        "subject": " ".join(told.get(TITLE, "").split())[:200] or mail.subject,
        "new_text": mail.text,
        "page": mail.page if mail.new_text == mail.text else "",
        "form": mail.in_our_name or mail.identity,
        "filled": dict(_codes(told, form, policy)),
    }
    return changed(mail, _NOTHING_ELSE | theirs)


def _answers_itself(mail: Mail) -> bool:
    """A bounce, or an automatic answer; what forms send is at most called generated (RFC 3834 section 5)."""
    generated = any(one.strip().lower().startswith("auto-generated") for one in mail.headers.get("auto-submitted", ()))
    return mail.kind == "bounce" or (mail.kind == "auto-reply" and not generated)


# What would say to whom else its words belong, what it answers, and how it was sent.  Nor does a letter to that person
# name the form's mail, which is none of his.
_NOTHING_ELSE: dict[str, Any] = {
    **dict.fromkeys(("answers", "doubtful_text", "quoted_text", "signature", "marks", "in_our_name", "message_id"), ""),
    **dict.fromkeys(("machine", "unanswerable", "mark"), ""),
    **dict.fromkeys(("to", "cc", "reply_to", "originals", "in_reply_to", "references"), ()),
    "forwarded": None,
    "bounce": None,
    "kind": "new",
}


def _address(value: str, form: Form, policy: Policy) -> str:
    """The one address in a value, if it can be a customer's; else ""."""
    found = {addr_spec(one.rstrip(".")) for one in _ADDRESSES.findall(value)} - {""}
    if len(found) != 1:
        return ""
    (address,) = found
    colleague = any(address in one.addresses for one in policy.engineers.values())
    return "" if colleague or address in form.addresses or no_reader(address, None, policy) else address


def _codes(told: Mapping[str, str], form: Form, policy: Policy) -> Iterator[tuple[str, str]]:
    """Product, priority and fields that the desk knows; what it does not know is in the text."""
    codes = policy.dictionary
    if product := _named(told.get(PRODUCT, ""), [Choice(one.id, one.name) for one in codes.products]):
        yield PRODUCT, product
    order = [one.id for one in policy.priorities]
    if priority := _named(told.get(PRIORITY, ""), [Choice(one.id, one.name) for one in policy.priorities]):
        most = form.priority_at_most or policy.priority
        yield PRIORITY, order[min(order.index(priority), order.index(most))]
    for what, value in told.items():
        if what not in MEANINGS and (checked := _checked(codes, what, value)):
            yield f"field.{what}", checked


def _named(word: str, choices: list[Choice]) -> str:
    try:
        return named(word, "", choices) if word else ""
    except ValueError:
        return ""


def _checked(codes: Dictionary, field: str, value: str) -> str:
    known = entry(codes.fields, field)
    try:
        return known.checked(" ".join(value.split())) if known is not None else ""
    except ValueError:
        return ""


def sorted_by_form(incident: Incident, mail: Mail) -> Incident:
    """A new incident with what the form says of it."""
    if not mail.filled:
        return incident
    fields = {name[6:]: value for name, value in mail.filled.items() if name.startswith("field.")}
    kept = dict(list({**incident.fields, **fields}.items())[:MAX_FIELDS])
    return incident.having(priority=mail.filled.get(PRIORITY, incident.priority), fields=kept)
