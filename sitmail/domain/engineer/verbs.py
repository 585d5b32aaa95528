"""What the verbs of engineers do to an incident: one small function each.

A handler changes the `Request` and returns the sentence that the letter to its author prints beside the line; it raises
ValueError with a sentence where the line cannot be carried out.  Nothing is applied here.  Which verbs exist, and what
power each needs, stands in `domain/verbs`; the table of all of them in `engineer/handlers`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from sitmail.domain import numbered_commands, when
from sitmail.domain.address import addr_spec
from sitmail.domain.assignment import least_loaded
from sitmail.domain.authority import Reach
from sitmail.domain.choices import Choice, named
from sitmail.domain.commands import Command
from sitmail.domain.dictionary import Dictionary
from sitmail.domain.effects import Enrol
from sitmail.domain.engineer import promises, temporary
from sitmail.domain.engineer.kb_verb import solved_by, without_article
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import ALSO_CALLED, CLOSING_STATUSES, LABELS, NO_HOLD, SETTABLE_TO, Move, Status
from sitmail.domain.joining import of_the_site
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.partner_kinds import PARTNER_KINDS
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Moment, Sentence, beside
from sitmail.domain.trust import Power
from sitmail.domain.update import LegKind
from sitmail.domain.verbs import STAFF

HELD_VERBS = tuple(v.name for v in STAFF.values() if v.reach is Reach.HELD)  # `held_decisions` carries them out
FRESH_ONLY = Sentence("that opens an incident: write it in a fresh email to the desk, not in a reply")
CC_HOW = Sentence("write /cc add ADDRESS or /cc del ADDRESS, such as /cc add jane@example.com")
OTHER_STATUS = Sentence("another closing status stands behind the verb, such as /close no-longer-relevant")
HELD_ONLY = Sentence("that decides about held mail: write it in a reply to the letter about it")


def take(request: Request, _argument: str) -> str:
    request.need_open()
    give_to(request, request.engineer.id)
    return Sentence("you are the owner")


def meant(command: Command) -> Command:
    """`/assign me` is `/take`, also of another team's incident."""
    if command.verb == "assign" and command.argument.strip().lower().lstrip("@") == "me":
        return replace(command, verb="take", argument="")
    return command


def assign(request: Request, argument: str) -> str:
    request.need_open()
    if not argument:
        raise ValueError(Sentence("to whom? write an engineer, a team, me or account-manager"))
    word = argument.strip().lower().lstrip("@")
    if word in ("account-manager", "account manager"):
        manager = request.case.site.account_manager if request.case.site else ""
        if manager not in request.policy.engineers:
            raise ValueError(Sentence("the site of this incident has no account manager"))
        temporary.needs_presence(request, manager)
        give_to(request, manager)
        return Sentence("%(name)s is the owner", name=request.policy.engineers[manager].name)
    by_address = next((e.id for e in request.policy.engineers.values() if word in e.addresses), "")
    people = [Choice(e.id, e.name) for e in request.policy.engineers.values()]
    teams = [Choice(t.id, t.name) for t in request.policy.teams.values()]
    who = by_address or named(argument.lstrip("@"), Sentence("engineer or team"), [*people, *teams])
    if who in request.policy.engineers:
        temporary.needs_presence(request, who)
        give_to(request, who)
        return Sentence("%(name)s is the owner", name=request.policy.engineers[who].name)
    barred = {a for p in request.case.parties if p.role == "contact" for a in p.person.addresses}
    load = Counter(request.facts.load) + Counter(request.given_now)  # many of one mail are spread
    owner = least_loaded(replace(request.facts, load=load), request.policy, who, barred)
    if not owner:
        team = request.policy.teams[who].name
        raise ValueError(Sentence("nobody in the team '%(team)s' can take it", team=team))
    give_to(request, owner)
    request.incident = replace(request.incident, team=who)
    name, team = request.policy.engineers[owner].name, request.policy.teams[who].name
    return Sentence("%(name)s of %(team)s is the owner", name=name, team=team)


def give_to(request: Request, engineer: str) -> None:
    status = request.move(Move.TAKEN)
    request.incident = replace(request.incident, owner=engineer, temporary_owner="", status=status)
    request.given = True
    request.given_now[engineer] = request.given_now.get(engineer, 0) + 1


def status(request: Request, argument: str) -> str:
    request.need_open()
    word = argument.strip().lower()
    if word in ("closed", "close"):
        raise ValueError(Sentence("write /close and a closing status, such as /close solved"))
    if word == "resolved":
        raise ValueError(Sentence("write /resolve and how it was solved, such as /resolve solved"))
    choices = _statuses(request.policy.dictionary)
    return _set_status(request, Status(named(argument, Sentence("status"), choices)))


def _statuses(dictionary: Dictionary) -> list[Choice]:
    return [Choice(s, dictionary.label(s).internal, _also(s)) for s in Status if s in SETTABLE_TO]


def _also(status: Status) -> tuple[str, ...]:
    """Other words for it, the built-in name included where the desk has one of its own."""
    return (*ALSO_CALLED.get(status, ()), re.sub(r"[\s_]+", "-", LABELS[status].internal.lower()))


def research(request: Request, _argument: str) -> str:
    request.need_open()
    return _set_status(request, Status.RESEARCH)


def wait(request: Request, argument: str) -> str:
    request.need_open()
    said = _set_status(request, Status.AWAITING_CUSTOMER)
    if argument:
        calendar = request.calendar()
        until = when.until(argument, request.now, request.zone(), calendar)
        wait = max(1, calendar.between(request.now, until))
        request.incident = replace(request.incident, follow_up_at=until, follow_up_wait=wait)
        name = Sentence(LABELS[Status.AWAITING_CUSTOMER].internal)
        return Sentence(
            "status is '%(status)s'; without an answer it is followed up on %(moment)s",
            status=name,
            moment=Moment(until, request.zone()),
        )
    return said


def _set_status(request: Request, to: Status) -> str:
    request.incident = request.incident.having(
        status=request.move(Move.SET, to), next_action="", next_action_at=None, **NO_HOLD
    )
    request.status_named = True
    return Sentence("status is '%(status)s'", status=Sentence(request.policy.dictionary.label(to).internal))


def priority(request: Request, argument: str) -> str:
    request.need_open()
    to = named(argument, Sentence("priority"), [Choice(p.id, p.name) for p in request.policy.priorities])
    allowed = request.policy.dictionary.within(request.incident.severity, to, request.policy.priorities)
    if allowed != to:
        name = request.policy.dictionary.shown("severity", request.incident.severity)
        raise ValueError(
            Sentence(
                "its severity '%(severity)s' does not allow that; the nearest priority is '%(priority)s'",
                severity=name,
                priority=allowed,
            )
        )
    request.incident = replace(request.incident, priority=to)
    says = Sentence("priority is '%(priority)s'", priority=to)
    stays = promises.staying(request)
    return beside(says, stays) if stays else says


def title(request: Request, argument: str) -> str:
    request.need_open()
    if not argument:
        raise ValueError(Sentence("what title? write it behind the command"))
    request.incident = replace(request.incident, title=argument[:200])
    return Sentence("the title is '%(title)s'", title=argument[:200])


def note(_request: Request, _argument: str) -> str:
    return Sentence("read by staff only")


def public(request: Request, _argument: str) -> str:
    request.need_open()
    request.public = True
    return Sentence("your words are public")


def keep(request: Request, _argument: str) -> str:
    request.need_open()
    request.keep = True
    return Sentence("the next step stays with us")


def cc(request: Request, argument: str) -> str:
    request.need_open()
    how, _, rest = argument.partition(" ")
    address = addr_spec(rest.strip().strip("<>"))
    if how.lower() not in ("add", "del") or not address:
        raise ValueError(CC_HOW)
    there = (p.person for p in request.case.parties if p.leg is not LegKind.VENDOR)
    present = next((one for one in there if address in one.addresses), None)
    if how.lower() == "del":
        if present is None:
            raise ValueError(Sentence("%(address)s is no participant", address=address))
        if request.incident.contact == present.id:
            raise ValueError(Sentence("%(address)s is the contact of this incident, and stays", address=address))
        request.leaving.append(present)
        return Sentence("%(address)s hears no more of it", address=address)
    if present is not None:
        return Sentence("%(address)s is a participant already", address=address)
    return add(request, address)


def add(request: Request, address: str) -> str:
    """Adds who is no participant yet; a colleague becomes a watcher.  Notes the power that it needs."""
    colleague = next((e for e in request.policy.engineers.values() if address in e.addresses), None)
    if colleague and colleague.id in request.facts.staff:
        request.joining.append(
            Enrol(request.case.incident.number, request.facts.staff[colleague.id], "watcher", LegKind.INTERNAL)
        )
        return Sentence("%(name)s watches it", name=colleague.name)
    if address in {one.person.address for one in request.joining}:
        return Sentence("%(address)s is a participant from now on", address=address)
    person = request.facts.known.get(address) or Person(0, Kind.CONTACT, address, "", (address,))
    request.powers.add(participant_power(request, person, address))
    _enrol(request, person, "participant", LegKind.PUBLIC)
    return Sentence("%(address)s is a participant from now on", address=address)


def participant_power(request: Request, person: Person, address: str) -> Power:
    """What it needs to let somebody take part.  Raises ValueError with a sentence where nobody may."""
    if request.policy.is_own(address):
        raise ValueError(Sentence("%(address)s is our own address", address=address))
    partner = request.policy.partner_at(address)
    if partner is not None:
        kind = PARTNER_KINDS[partner.kind]
        raise ValueError(
            Sentence(
                "%(address)s belongs to %(name)s (%(what)s); %(line)s writes to it alone",
                address=address,
                name=partner.name,
                what=kind.one,
                line=kind.line.replace("NAME", partner.id),
            )
        )
    if request.policy.monitor_of(address):
        raise ValueError(Sentence("%(address)s is a monitor, whose letters nobody reads", address=address))
    belongs = of_the_site(address, person, request.case, request.policy)
    return Power.ADD_SAME_SITE if belongs else Power.ADD_OUTSIDER


def _enrol(request: Request, person: Person, role: str, leg: LegKind) -> None:
    request.joining.append(Enrol(request.case.incident.number, person, role, leg))


def close(request: Request, argument: str) -> str:
    request.need_open()
    argument, article = without_article(argument)
    words = argument.split()
    if words and words[-1].lower() == "now":
        words.pop()
    codes, resolution = request.policy.dictionary, request.incident.resolution
    written = " ".join(words) or (codes.closing_of(resolution) if resolution else request.policy.closing.default)
    to = named(
        written, Sentence("closing status"), [Choice(s, request.policy.dictionary.closing(s)) for s in CLOSING_STATUSES]
    )
    request.incident = replace(
        request.incident,
        status=request.move(Move.CLOSE),
        closing_status=to,
        closed=request.now,
        owner=request.incident.owner or request.engineer.id,
        closure_requested=None,
        next_action="",
        next_action_at=None,
    )
    request.status_named = True
    done: str = Sentence("closed as '%(status)s'", status=to)
    done = beside(done, solved_by(request, article, asks=False) if article else "")
    return done if words else beside(done, OTHER_STATUS)


def reopen(request: Request, _argument: str) -> str:
    if request.incident.status not in (Status.CLOSED, Status.UNSUPPORTED, Status.AWAITING_CLOSURE):
        raise ValueError(Sentence("it is open already"))
    if request.incident.status is Status.CLOSED:
        request.incident = request.incident.reopened(request.now)
    else:
        request.incident = replace(request.incident, status=request.move(Move.REOPEN), closing_status="", closed=None)
    request.status_named = True
    return Sentence("open again")


def show(request: Request, argument: str) -> str:
    request.letters.append((NoticePurpose.SHOW, {"what": "log", "number": _named_number(request, argument)}))
    return Sentence("the log is in this letter")


def why(request: Request, argument: str) -> str:
    request.letters.append((NoticePurpose.SHOW, {"what": "why", "number": _named_number(request, argument)}))
    return Sentence("the rules are in this letter")


def files(request: Request, argument: str) -> str:
    """`/files`, `/files N`, `/files N K`; without N the incident answered, whose file K is `/files - K`."""
    found = ONE_INCIDENT.match(argument)
    number, file = (found[0], argument[found.end() :].strip()) if found else argument.partition(" ")[::2]
    at = request.case.incident.number if number in ("", "-") else _named_number(request, number)
    if file and not (file.isascii() and file.isdigit()):
        raise ValueError(Sentence("'%(word)s' is no number of a file; /files lists them", word=file))
    request.letters.append((NoticePurpose.SHOW, {"what": "files", "number": at, "file": int(file) if file else 0}))
    if file:
        return Sentence("file %(number)s is attached", number=file)
    return Sentence("the files are listed in this letter")


def _named_number(request: Request, argument: str) -> int:
    if not argument:
        return request.case.incident.number
    found = ONE_INCIDENT.fullmatch(argument.strip())
    number = int(found[1]) if found else -1
    if number not in request.facts.cases:
        word = argument.strip()
        raise ValueError(Sentence("there is no incident '%(word)s' that you may read", word=word))
    return number


def new(_request: Request, _argument: str) -> str:
    raise ValueError(FRESH_ONLY)


def held(_request: Request, _argument: str) -> str:
    raise ValueError(HELD_ONLY)


# They need not be about an incident.
WITHOUT_NUMBER = numbered_commands.READING | {"contact", "away", "back", "block", "undo", "recall", "kb", "watch"}
