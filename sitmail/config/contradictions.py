"""Finds settings that are valid one by one but cannot work together, or do not do what their author expects.

Mistakes prevent a start; warnings are shown by `sitmail check` and logged when the desk starts.  Files, ports and
folders of the machine are checked in `cli.machine_checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sitmail.config import dictionary_checks, form_checks, partner_checks, public_holidays, report_rows
from sitmail.config.mistakes import idle, mistake, quoted
from sitmail.config.ownership import base
from sitmail.config.settings import Settings, without_effect
from sitmail.domain import chasing
from sitmail.domain.address import comparable
from sitmail.domain.directory import Directory
from sitmail.domain.escalation import ROLES
from sitmail.domain.free_mail import is_free_mail
from sitmail.domain.incident_search import parse
from sitmail.domain.mornings import OFF
from sitmail.domain.policy import Policy
from sitmail.domain.priorities import LEVELS
from sitmail.domain.standard_answers import FIELDS, unknown_fields


def mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line for each row that has no meaning, or does harm."""
    for i, calendar in enumerate(settings.calendar):
        if not any(getattr(calendar.week, day) for day in type(calendar.week).model_fields):
            yield f"{file}: calendar[{i}].week: no day is open, so nothing would ever be due"
        if calendar.holidays_of and (wrong := public_holidays.unknown(calendar.holidays_of)):
            yield mistake(file, ("calendar", i, "holidays_of"), wrong)
    engineers = {one.id for one in settings.engineer}
    for i, step in enumerate(settings.escalation):
        for written in step.to:
            if written not in engineers and written not in ROLES:
                known = ", ".join(ROLES)
                yield mistake(file, ("escalation", i, "to"), f"{quoted(written)} is no engineer, nor one of {known}")
        if not (step.to or step.set_priority or step.set_status or step.set_owner or step.event):
            yield f"{file}: escalation[{i}]: does nothing; it needs to, set_priority, set_status, set_owner or event"
        if step.target in LEVELS and "contact" in step.to:
            why = f"no customer is promised {quoted(step.target)}; leave contact out"
            yield mistake(file, ("escalation", i, "to"), why)
        if step.target in LEVELS and all(getattr(one, step.target) is None for one in settings.priority):
            sentence = f"no priority has that level; give a [[priority]] {step.target}"
            yield mistake(file, ("escalation", i, "target"), sentence)
        if step.target == "unowned" and settings.desk.unowned_every is None:
            sentence = "nothing is timed while nobody owns it; set [desk] unowned_every"
            yield mistake(file, ("escalation", i, "target"), sentence)
    for i, asked in enumerate(settings.chase):
        known = ", ".join(chasing.ROLES)
        for written in asked.to:
            if written not in engineers and written not in chasing.ROLES:
                yield mistake(file, ("chase", i, "to"), f"{quoted(written)} is no engineer, nor one of {known}")
        if not asked.to:
            yield f"{file}: chase[{i}].to: nobody is asked; write one of {known}"
    for i, route in enumerate(settings.route):
        if not route.owner and not route.team:
            yield f"{file}: route[{i}]: leads nowhere; it needs owner or team"
    if settings.prepaid.approve and all(one.role == "engineer" for one in settings.engineer):
        yield f"{file}: prepaid.approve: nobody could say yes: no engineer is a manager or an admin"
    for i, engineer in enumerate(settings.engineer):
        if engineer.every_incident not in ("", "none") and engineer.role != "admin":
            yield mistake(file, ("engineer", i, "every_incident"), "only an admin hears of every incident")
        if engineer.every_incident == "digest" and engineer.morning == OFF:
            yield mistake(file, ("engineer", i, "every_incident"), "it is a page of the paper, which morning stops")
    yield from feedback_mistakes(file, settings)
    yield from dictionary_checks.mistakes(file, settings)
    yield from partner_checks.mistakes(file, settings)
    yield from form_checks.mistakes(file, settings)
    machines = [("monitor", i, one.addresses, "machine") for i, one in enumerate(settings.monitor)]
    machines += [("form", i, one.addresses, "form") for i, one in enumerate(settings.form)]
    for table, i, addresses, what in machines:
        for written in addresses:
            if who := _engineer_behind(written, settings):
                why = f"{quoted(written)} is the engineer {quoted(who)}, whose mails would count as a {what}'s"
                yield mistake(file, (table, i, "addresses"), why)
    ours = {settings.desk.address.lower(), *(box.address.lower() for box in settings.mailbox)}
    for i, block in enumerate(settings.block):
        for written in block.addresses:
            domain = written.startswith("@") and written[1:].lower() in {one.rpartition("@")[2] for one in ours}
            if domain or base(written) in ours:
                yield mistake(file, ("block", i, "addresses"), f"{quoted(written)} is the desk's own")
            elif who := _engineer_behind(written, settings):
                yield mistake(
                    file, ("block", i, "addresses"), f"{quoted(written)} would block the engineer {quoted(who)}"
                )


def _engineer_behind(written: str, settings: Settings) -> str:
    """The id of the first engineer whose mail a blocked address or domain (`@example.com`) would stop, or ""."""
    for one in settings.engineer:
        for address in map(comparable, one.addresses):
            if comparable(written) in (address, f"@{address.rpartition('@')[2]}"):
                return one.id
    return ""


def warnings(file: str, settings: Settings, path: Path | None) -> Iterator[str]:
    """A line for each setting that does not have the effect one might expect."""
    yield from (idle(file, place) for place in dict.fromkeys(without_effect(settings)))
    yield from dictionary_checks.warnings(file, settings)
    yield from partner_checks.warnings(file, settings)
    yield from form_checks.warnings(file, settings)
    trust = settings.trust
    if max(trust.authserv_hops) > 0 and not trust.authserv_id:
        yield f"{file}: trust.authserv_hops: has no effect without authserv_id, the name in Authentication-Results"
    elif max(trust.authserv_hops) > 0 and not trust.authserv_strips:
        yield f"{file}: trust.authserv_hops: above 0 nothing is believed without authserv_strips = true"
    if settings.kb.reviewers and not settings.kb.review:
        yield f"{file}: kb.reviewers: nobody is asked while kb.review is false"
    if settings.smtp.passwords and not settings.smtp.tls_cert:
        yield f"{file}: smtp.passwords: nobody can log in without tls_cert: passwords are taken under TLS only"
    if path and not settings.engineer:
        yield f"{file}: there is no [[engineer]], so nobody is told of new incidents"


def feedback_mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line where every answer would count as a low one."""
    best = settings.feedback.scale
    if settings.feedback.low >= best:
        yield f"{file}: feedback.low: the best number is {best}, so every answer would be a low one"


def answer_mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line for each word in braces of a standard answer that is no field."""
    known = " ".join(f"{{{one}}}" for one in FIELDS)
    for i, answer in enumerate(settings.answer):
        for place, text in ((("text",), answer.text), *((("texts", one), text) for one, text in answer.texts.items())):
            for word in unknown_fields(text):
                yield mistake(file, ("answer", i, *place), f"{{{word}}} is no field; there are {known}")


def queue_mistakes(file: str, settings: Settings, policy: Policy, now: datetime) -> Iterator[str]:
    """A line for each queue whose search nobody could read, and each report that nobody could make."""
    yield from report_rows.mistakes(file, settings, policy, now)
    somebody = next(iter(policy.engineers), "")
    for i, queue in enumerate(settings.queue):
        try:
            parse(queue.search, policy, now, policy.timezone, somebody)
        except ValueError as why:
            yield mistake(file, ("queue", i, "search"), str(why))


def directory_mistakes(directory: Directory, policy: Policy) -> Iterator[str]:
    """A line for each row of the directory that must be a mistake."""
    ours = {box.address for box in policy.mailboxes}
    for contact in directory.contacts:
        for address in contact.addresses:
            if policy.plus and base(address) in ours:
                yield f"directory: contact {contact.name or address}: {quoted(address)} is an address of the desk"
    for contract in directory.contracts:
        if contract.starts and contract.expires and contract.expires < contract.starts:
            yield (
                f"directory: contract {contract.id}: expires on {contract.expires}, before it starts on "
                f"{contract.starts}"
            )
        named = len(contract.contacts or ())
        if contract.named_max is not None and named > contract.named_max:
            yield (
                f"directory: contract {contract.id}: names {named} contacts, and named_max allows {contract.named_max}"
            )


def directory_warnings(directory: Directory, policy: Policy) -> Iterator[str]:
    """A line for each row of the directory that is allowed but probably a mistake."""
    engineers = {address: one.id for one in policy.engineers.values() for address in one.addresses}
    for contact in directory.contacts:
        for address in contact.addresses:
            if who := engineers.get(address):
                yield (
                    f"directory: contact {contact.name or address}: {quoted(address)} is also the engineer {who}; "
                    "a fresh mail from there counts as the contact's"
                )
            if policy.monitor_of(address):
                yield (
                    f"directory: contact {contact.name or address}: {quoted(address)} is also a [[monitor]], so fresh "
                    "mail from there is a machine's report"
                )
    declared = {site.id for site in directory.sites}
    for group in policy.groups:
        for name in group.sites:
            if declared and name not in declared:
                yield f"directory: no file declares the site {quoted(name)} that [[group]] {group.id} names"
    for site in directory.sites:
        for domain in site.domains:
            if is_free_mail(domain, policy.trust.free_mail):
                yield (
                    f"directory: site {site.id}: {quoted(domain)} is a domain where anybody may have an address, so "
                    "strangers would belong to this site"
                )
