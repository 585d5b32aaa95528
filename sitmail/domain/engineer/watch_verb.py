"""`/watch`: a copy of everything on an incident, or of all incidents of a site, a contact or a contract.

`/watch site acme`, `/watch contact jane@example.com`, `/watch contract acme-1`; without a name the one of the incident
at hand.  `off` behind it ends that.  About no incident, `/watch` alone lists what its writer watches.
"""

from __future__ import annotations

from sitmail.domain.effects import Enrol
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Party
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind
from sitmail.domain.watch import SetWatch, Watch, WatchKind

KINDS = {kind.value: kind for kind in WatchKind}
KIND_NAMES = {
    WatchKind.SITE: Sentence("site"),
    WatchKind.CONTACT: Sentence("contact"),
    WatchKind.CONTRACT: Sentence("contract"),
}
HOW = Sentence("write /watch, or /watch site|contact|contract NAME, with off behind it to end that")
WHICH = Sentence("which one? write its name behind it; this incident has none")
NAMED = 50  # incidents in a list


def watch(request: Request, argument: str) -> str:
    words = argument.split()
    off = bool(words) and words[-1].lower() == "off"
    words = words[: len(words) - off]
    if words:
        return _watch_all(request, words, off)
    if not request.case.incident.number:
        if off:
            raise ValueError(HOW)
        return _listed(request)
    return _stop(request) if off else _watch_it(request)


def _mine(request: Request) -> Party | None:
    party = request.case.party(request.actor)
    return party if party is not None and party.role == "watcher" else None


def _watch_it(request: Request) -> str:
    mine = _mine(request)
    if mine is not None and not mine.watches:
        return Sentence("you watch it already")
    request.joining.append(Enrol(request.case.incident.number, request.actor, "watcher", LegKind.INTERNAL))
    return Sentence("you get a copy of everything")


def _stop(request: Request) -> str:
    mine = _mine(request)
    if mine is None:
        return Sentence("you do not watch it")
    if mine.watches:
        line = f"/watch {mine.watches} off"
        raise ValueError(Sentence("you hear of all there; %(line)s ends that", line=line))
    request.leaving.append(request.actor)
    return Sentence("you hear no more of it")


def _watch_all(request: Request, words: list[str], off: bool) -> str:
    kind = KINDS.get(words[0].lower())
    if kind is None:
        raise ValueError(HOW)
    named = " ".join(words[1:]).strip("<>\"' ").lower()
    found = request.facts.about_watch.named.get((kind, named)) if named else _of_incident(request, kind)
    if found is None:
        raise ValueError(
            Sentence("there is no %(kind)s '%(name)s'", kind=KIND_NAMES[kind], name=named) if named else WHICH
        )
    request.effects.append(SetWatch(request.actor, found, off))
    if off:
        return Sentence("you hear no more of the incidents of %(name)s", name=found.name)
    return Sentence("you get a copy of everything on the incidents of %(name)s that are your teams'", name=found.name)


def _of_incident(request: Request, kind: WatchKind) -> Watch | None:
    incident, site = request.case.incident, request.case.site
    if kind is WatchKind.SITE and incident.site:
        return Watch(kind, incident.site, (site.name if site else "") or incident.site)
    if kind is WatchKind.CONTRACT and incident.contract:
        return Watch(kind, incident.contract, incident.contract)
    contact = next((one.person for one in request.case.parties if one.person.id == incident.contact), None)
    if kind is WatchKind.CONTACT and contact is not None:
        return Watch(kind, str(contact.id), contact.name or contact.address)
    return None


def _listed(request: Request) -> str:
    """What he watches, in one sentence."""
    facts, policy = request.facts.about_watch, request.policy
    names = [f'{one.kind} "{one.name}"' for one in facts.watching]
    names += [policy.reference(number) for number in facts.numbers[:NAMED]]
    if len(facts.numbers) > NAMED:
        names.append(f"... ({len(facts.numbers)})")
    if not names:
        return Sentence("you watch nothing")
    return Sentence("you watch: %(names)s", names=", ".join(names))
