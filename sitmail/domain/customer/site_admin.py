"""An admin contact of a site asks the desk who is a contact there, or changes it (behaviour 7).

What he wants is read and checked as a whole.  A change needs his yes to a letter at his registered address, and for
people from elsewhere the account manager's, too; the account manager is told of every change.  What his lines say is
worked out in `site_verbs`.
"""

from __future__ import annotations

from typing import Any

from sitmail.domain import commands
from sitmail.domain.commands import Command
from sitmail.domain.customer.notices import answer_writer
from sitmail.domain.customer.site_verbs import HANDLERS, SiteRequest
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.decision_builder import DecisionBuilder, account_managers, on_duty
from sitmail.domain.effects import Decision, Hold
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.facts import Site
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.numbered_commands import read_numbered
from sitmail.domain.people import Person
from sitmail.domain.question_effects import Ask
from sitmail.domain.sentence import Sentence, of
from sitmail.domain.short_answers import is_thanks
from sitmail.domain.trust import COMMAND, PUBLIC, Power, address_with, customer_may

ROUTES = frozenset({COMMAND, PUBLIC, "mailbox"})  # kinds of addresses to which he may write such lines
ALONE = Sentence("please send that line in an email of its own")


def of_own_site(builder: DecisionBuilder) -> Decision | None:
    """The rule: a mail that holds nothing but lines about the writer's own site."""
    facts, admin = builder.facts, builder.facts.contact
    own = facts.own_site
    if own is None or admin is None or facts.route.kind not in ROUTES or builder.mail.in_our_name or builder.mail.form:
        return None
    if facts.engineer is not None and (facts.route.kind == COMMAND or facts.answered_as == facts.engineer):
        return None
    if facts.release is not None and facts.release.how == "attach":
        return None
    lines = _lines(builder, admin)
    if not lines:
        return None
    request = SiteRequest(builder, own, admin)
    rows = [[line.line, *_carried_out(request, line)] for line in lines]
    if not all(good for _, good, _ in rows):
        return _refused(builder, admin, rows)
    if (request.effects or request.outsiders) and not request.approved:
        if not customer_may(Power.DIRECTORY, facts.proof, builder.policy.trust):
            return _held_for_yes(builder, admin, lines)
        if request.outsiders:
            return _asked_of_manager(request, lines)
    elif not (facts.release or customer_may(Power.READ, facts.proof, builder.policy.trust)):
        return None  # held as other questions without proof are
    return _done(request, rows)


def _lines(builder: DecisionBuilder, admin: Person) -> list[Command]:
    """His lines; none where the mail has words or files, which are for somebody to read."""
    mail = builder.mail
    if any(not file.inline for file in mail.attachments) or mail.doubtful_text.strip():
        return []
    if builder.facts.route.kind == COMMAND:
        script = read_numbered(mail.new_text, mail.subject, {**CUSTOMER, **SITE_ADMIN})
        found, words = script.commands, "\n".join(one.line for one in script.mistakes)
        words += "\n".join(one.words for one in script.said)
    else:
        read = commands.read(mail.new_text, {**CUSTOMER, **SITE_ADMIN}, strict=False)
        found, words = read.commands, read.words
    if words.strip() and not is_thanks(words, admin.name):
        return []
    return list(found) if any(one.verb in SITE_ADMIN for one in found) else []


def _carried_out(request: SiteRequest, command: Command) -> tuple[bool, str]:
    if command.verb not in SITE_ADMIN:
        return False, ALONE
    try:
        return True, HANDLERS[command.verb](request, command.argument)
    except ValueError as refused:
        return False, of(refused)


def _refused(builder: DecisionBuilder, admin: Person, rows: list[list[Any]]) -> Decision:
    """Nothing of it is done, and he reads why, at his registered address, as often as he may ask to read."""
    if builder.facts.reads_last_hour >= builder.policy.limits.reads_per_sender_hour:
        return builder.decision(Rule.READS_LIMIT, Ending.IGNORED)
    bad = [[line, says] for line, good, says in rows if not good]
    answer_writer(builder, admin, NoticePurpose.SITE_CONTACTS, None, refused=bad)
    return builder.decision(Rule.SITE_ADMIN_REFUSED, Ending.REFUSED, str(bad[0][1])[:300])


def _held_for_yes(builder: DecisionBuilder, admin: Person, lines: list[Command]) -> Decision:
    """Kept until he says yes; the letter goes to his registered address."""
    sentence = f"it changes whom the desk serves, which needs a yes of {admin.address}"
    builder.do(Hold(HeldReason.LOW_TRUST, sentence, 0, admin))
    question = {"subject": "", "lines": [one.line for one in lines], "text": "", "why": str(Power.DIRECTORY)}
    builder.do(Ask(admin, question))
    return builder.decision(Rule.SITE_ADMIN_UNPROVEN, Ending.HELD, sentence)


def _asked_of_manager(request: SiteRequest, lines: list[Command]) -> Decision:
    """Somebody from outside the site's domains: its account manager says yes or no."""
    builder, admin, site = request.builder, request.admin, request.own.site
    readers = approvers(request.builder, site)
    names = ", ".join(one.name or one.address for one in readers)
    sentence = f"{', '.join(request.outsiders)}: outside the domains of {site.id}, so {names} decides"
    builder.do(Hold(HeldReason.LOW_TRUST, sentence, 0, admin, approvers=tuple(one.key for one in readers)))
    detail: dict[str, Any] = {
        "who": admin.name or admin.address,
        "site": site.name or site.id,
        "lines": [one.line for one in lines],
        "outsiders": request.outsiders,
    }
    for reader in readers:
        builder.tell(reader, NoticePurpose.APPROVAL, None, **detail)
    answer_writer(builder, admin, NoticePurpose.SITE_CONTACTS, None, waits=request.outsiders, asked=names)
    return builder.decision(Rule.SITE_ADMIN_APPROVAL, Ending.HELD, sentence)


def approvers(builder: DecisionBuilder, site: Site | None) -> list[Person]:
    """Who decides for a site: its account manager, else the admins, else those on duty."""
    return account_managers(site, builder.facts.staff, builder.policy) or on_duty(builder)


def _done(request: SiteRequest, rows: list[list[Any]]) -> Decision:
    builder, admin, site = request.builder, request.admin, request.own.site
    reads = builder.facts.reads_last_hour
    if not request.effects and reads >= builder.policy.limits.reads_per_sender_hour:
        return builder.decision(Rule.READS_LIMIT, Ending.IGNORED)
    builder.do(*request.effects)
    done = [[line, says] for line, _, says in rows if says]
    sheet = _sheet(request) if request.shows else {}
    for span in request.reports:
        answer_writer(builder, admin, NoticePurpose.CUSTOMER_SHOW, None, what="report", query=span)
    if done or sheet:
        answer_writer(builder, admin, NoticePurpose.SITE_CONTACTS, None, done=done, **sheet)
    if request.effects:
        readers = {one.id: one for one in account_managers(request.own.site, builder.facts.staff, builder.policy)}
        release = builder.facts.release
        if release is not None and (decider := builder.facts.staff.get(release.by)) is not None and request.approved:
            readers[decider.id] = decider
        for reader in readers.values():
            detail: dict[str, Any] = {"who": admin.name or admin.address, "site": site.name or site.id, "done": done}
            builder.tell(reader, NoticePurpose.DIRECTORY_CHANGED, None, **detail)
    return builder.decision(Rule.SITE_ADMIN, Ending.APPLIED, "; ".join(line for line, _, _ in rows)[:300])


def _sheet(request: SiteRequest) -> dict[str, Any]:
    """The people of the site and its contracts, as the letter shows them."""
    contracts = list(request.contracts.values())
    people = []
    for one in sorted(request.people(), key=lambda each: (each.name.casefold(), each.address)):
        naming = [each.id for each in contracts if not set(one.addresses).isdisjoint(each.contacts)]
        people.append([one.name, one.address, one.phone, one.role == "admin", ", ".join(naming)])
    return {
        "site": request.own.site.name or request.own.site.id,
        "people": people,
        "more": request.own.more,
        "contracts": [
            [one.id, one.everybody, len(one.contacts), one.named_max, one.visibility, one.last_day] for one in contracts
        ],
    }


def refused_beside_words(builder: DecisionBuilder) -> Sentence:
    """What is said of such a line in a mail with words, which somebody reads."""
    address = address_with(builder.policy.desk, COMMAND)
    return Sentence("please send that line in an email of its own, or to %(address)s", address=address)
