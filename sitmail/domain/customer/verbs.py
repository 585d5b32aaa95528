"""What the verbs of customers do to an incident: one small function each, the table of them, and what mere words do.

Which verbs exist, and what power each needs, stands in `domain/verbs`.  Words around a command are always logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sitmail.domain.article import named_in
from sitmail.domain.article_effects import CiteArticle
from sitmail.domain.commands import Command
from sitmail.domain.customer.holding import hold
from sitmail.domain.customer.participants import cc, stop
from sitmail.domain.customer.reading import READS
from sitmail.domain.customer.request import CustomerRequest, Missing
from sitmail.domain.customer.site_admin import refused_beside_words
from sitmail.domain.customer.wishes import priority
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.incident import Status
from sitmail.domain.sentence import Sentence, of
from sitmail.domain.short_answers import is_thanks

LATER = Sentence("this desk cannot do that by email yet; please write it in your own words")


def carry_out(request: CustomerRequest) -> None:
    """Every command of the mail, else what its words do."""
    moved = False
    for command in request.script.commands:
        if command.verb in READS:
            continue  # answered beside his words
        if command.verb in SITE_ADMIN:
            request.refused.append((command.line, refused_beside_words(request.builder)))
        elif CUSTOMER[command.verb].later:
            request.refused.append((command.line, LATER))
        elif command.verb not in MOVING:
            _tried(request, command)
        elif not moved:  # of two lines that move the incident the first counts
            moved = _tried(request, command)
    if not moved and not request.only_people and not request.about_feedback:
        speak(request)


def _tried(request: CustomerRequest, command: Command) -> bool:
    """Whether a line was carried out; else its writer gets the sentence that says why not."""
    try:
        HANDLERS[command.verb](request, command.argument)
    except Missing as missing:
        request.missing.append((command.line, of(missing)))
    except ValueError as refused:
        request.refused.append((command.line, of(refused)))
    else:
        return True
    return False


def close(request: CustomerRequest, argument: str) -> None:
    """Confirms a closure that we asked about, else asks us to close it; an article that helped counts that."""
    _credit(request, argument)
    if request.incident.status is Status.AWAITING_CLOSURE:
        _confirm(request, argument or request.words)
        return
    if not request.incident.open:
        request.reason = "it is closed already"
        return
    why = argument or ("" if is_thanks(request.words) else request.words)
    if not why and not request.incident.reason_asked:
        request.activate("closure requested without a reason, which is asked for once")
        request.incident = replace(request.incident, reason_asked=True)
    elif request.builder.policy.closing.customer_may_close and request.may_close():
        request.close("the customer closed it")
    else:
        request.activate()
        request.request_closure(why, "closure requested")


def _credit(request: CustomerRequest, argument: str) -> None:
    """`KB12 solved it`, of an article that he may read; of any other the words are his reason, and nothing more."""
    numbers, known = named_in(argument), {one.number for one in request.builder.facts.articles.offers}
    if request.incident.open and numbers and numbers[0] in known:
        request.builder.do(CiteArticle(numbers[0], request.incident.number, solved=True))


def reopen(request: CustomerRequest, _argument: str) -> None:
    """Words alone open it again, too."""
    request.activate("" if request.incident.open else "the customer opened it again")
    _withdraw_closure(request)


def speak(request: CustomerRequest) -> None:
    """What words without a command do to the incident."""
    incident = request.incident
    if incident.status is Status.AWAITING_CLOSURE and request.yes:
        _confirm(request, request.words)
    elif request.bare_thanks:
        request.reason = "a bare thanks changes nothing"
    elif incident.reason_asked and incident.closure_requested is None and request.gives_reason:
        request.activate()
        request.request_closure(request.words, "closure requested, with the reason that was asked for")
    else:
        reopen(request, "")
        if incident.reason_asked:
            request.reason = "asked why it is to be closed, the customer gave no reason: it stays open"


def _confirm(request: CustomerRequest, why: str) -> None:
    if request.may_close():
        request.close("the customer confirmed the closure")
    else:
        doubt = "it is not certain by whom or for which incident"
        request.request_closure(why, f"closure confirmed, but {doubt}, so the owner is asked")


def _withdraw_closure(request: CustomerRequest) -> None:
    """Who writes on does not want it closed."""
    request.incident = request.incident.having(closure_requested=None, closure_reason="", reason_asked=False)


HANDLERS: Mapping[str, Callable[[CustomerRequest, str], None]] = {
    "close": close,
    "reopen": reopen,
    "hold": hold,
    "priority": priority,
    "cc": cc,
    "stop": stop,
}
MOVING = frozenset({"close", "reopen", "hold"})
