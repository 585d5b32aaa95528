"""The matrix of behaviour 7, run whole: every verb of the table, written by everybody, with every proof and setting.

What a cell should say is asked of `authority.outcome`; docs/reference/who-may-do-what.md is made from the same table.
What it says is seen from the decision about a mail.  `test_rules` has the contract's table a second time, by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from sitmail.domain import authority, rules
from sitmail.domain.absence import Absence
from sitmail.domain.article import Article, Content, Distribution, Part, Section, State
from sitmail.domain.article_facts import ArticleFacts, KnownArticle
from sitmail.domain.authority import Outcome, Reach, Standing
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.dictionary import Dictionary, Field, Product, Reason, RequestType, Severity
from sitmail.domain.effects import Decision, Tell
from sitmail.domain.facts import Contract, Facts, HeldMail, OwnSite, Proof, Route, SiteContract, Unit
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Partner, Trust
from sitmail.domain.presence import Presence
from sitmail.domain.question_effects import Ask
from sitmail.domain.recall_values import Pending, Recallable
from sitmail.domain.shareable import Shareable
from sitmail.domain.sla_outlook import Stands
from sitmail.domain.standard_answers import StandardAnswer
from sitmail.domain.trust import COMMAND_WORDS, CUSTOMER_WORDS
from sitmail.domain.undoing import Deed
from sitmail.domain.update import Direction, LegKind, Origin
from sitmail.domain.verbs import STAFF, Verb
from sitmail.domain.written import Splittable, Written
from tests.domain.desk_at_hand import (
    ACME,
    ADAM,
    ANNA,
    BOB,
    BOX,
    CLOSED,
    INCIDENT,
    JANE,
    JILL,
    JOHN,
    KIM,
    MIA,
    NORA,
    NOW,
    POLICY,
    case_of,
    facts_of,
    letter,
    of,
)

ANSWERS = (StandardAnswer("restart", "Restart it", "Please restart it."),)
WRITERS: dict[Standing, tuple[Person, ...]] = {
    Standing.ADMIN: (ADAM,),
    Standing.MANAGER: (MIA,),
    Standing.OWNER: (ANNA,),
    Standing.TEAM: (BOB,),
    Standing.OTHER_TEAM: (NORA,),
    Standing.CONTACT: (JANE,),
    Standing.PARTICIPANT: (JOHN,),
    Standing.SITE_ADMIN: (replace(JANE, role="admin"),),
    Standing.OUTSIDE: (JILL, KIM),  # of the same site, and of another
}
# How a verb is written where its example does not fit the incident at hand, or needs words.
WRITTEN = {
    "public": "/public\nWe look at it.",
    "keep": "/keep\nWe look at it.",
    "later": "/later 2h\nWe look at it.",
    "cc": "/cc add jill@acme.example.net",
    "show": "/show 1",
    "kb": "/kb recent",
    "files": "/files 1",
    "attach": "/attach 1",
    "allow": "/allow jill@acme.example.net on acme-1",
    "remove": "/remove john@acme.example.net",
    "contact": "/contact jill@acme.example.net",
    "ask": "/ask version",
    "new": "/new for jill@acme.example.net via phone\nIt burns.",
    "temp": "/temp nora",
    "colleague": "/colleague adam",
    "split": "/split 1#2",
    "share": "/share 1#3",
    "watch": "/watch",
    "bug": "/bug Lamp burns red\nIt does.\nSteps: open the door.",
}
# What the examples of the codes name.
DICTIONARY = Dictionary(
    request_types=(RequestType("bug", "Bug"),),
    reasons=(Reason("network", "Network", ("dns",)),),
    severities=(Severity("outage", "Outage"),),
    products=(Product("router", "Router"),),
    fields=(Field("version", "Version"),),
)
ON_CLOSED = {"reopen"}
WRITTEN_BY_JANE = Written(1, 2, JANE, "And a lamp.", "", "", "", "token", Origin(NOW, None, "", "", None))
DEED = Deed(1, NOW, "/parent 12", ())
NOTE_OF_ADAM = Shareable(1, 3, LegKind.INTERNAL, "note", Direction.NONE, ADAM, "token", "It comes on Friday.")
PUBLISHED = Content("Lamps", Distribution.PUBLIC, sections=(Section(Part.SOLUTION, "Change the lamp."),))
ARTICLE = KnownArticle(Article(12, State.PUBLISHED, "adam", "adam", 1, NOW, NOW, PUBLISHED), PUBLISHED)
SPLITTABLE = Splittable({(1, 2): WRITTEN_BY_JANE})


def written(verb: Verb) -> str:
    return WRITTEN.get(verb.name, verb.example)


def the_case(verb: Verb, who: Standing) -> authority.Case:
    incident = replace(CLOSED if verb.name in ON_CLOSED else INCIDENT, request_type="bug")
    # what nobody of the other team owns; the owner is of another team himself, so that owning alone is tried
    incident = replace(incident, team="network") if who is Standing.OWNER else incident
    return case_of(incident)


OWN_CONTRACTS = (SiteContract("acme-1", False, ("john@acme.example.net",), None, "nobody", ""),)
PARTNERS = (
    Person(90, Kind.VENDOR, "acme", "Acme", ("help@acme.example.com",)),
    Person(91, Kind.TRACKER, "jira", "Jira", ("bugs@example.org",)),
)
DECLARED = tuple(Partner(one.kind, one.key, one.name, one.addresses) for one in PARTNERS)
TARGETS = {1: (Stands("resolution", "running", NOW + timedelta(days=1), None, (0.5,), pinned=False),)}
CONTRACTS, UNITS = (Contract("acme-1", "acme"),), (Unit("sn1001", "SN-1001", site="acme"),)


def facts_about(verb: Verb, who: Standing, person: Person, proof: Proof) -> Facts:
    """The mail answers a letter about the incident, or about a held mail."""
    case = the_case(verb, who)
    if who in authority.STAFF and verb.reach is Reach.HELD:
        held = HeldMail(5, 9, attach_only=False, decision="", decided_by="")
        found = facts_of(person, proof, route=Route("h", BOX, 5), held=held, cases={1: case}, number=0)
        return replace(found, answered_leg=LegKind.INTERNAL)
    if who in authority.STAFF and verb.name == "new":
        return facts_of(person, proof)  # a fresh mail
    if who is Standing.OUTSIDE:  # `gather` leads nobody to what he is no part of
        return replace(facts_of(person, proof), cases={1: case}, claimed=1)
    facts = facts_of(person, proof, case, LegKind.PUBLIC, contracts=CONTRACTS, unit_choices=UNITS, partners=PARTNERS)
    another = case_of(replace(case.incident, number=12))  # at the other end of links
    facts = replace(facts, cases={**facts.cases, 12: another}, targets=TARGETS, splittable=SPLITTABLE, deed=DEED)
    facts = replace(facts, shareable={(1, 3): NOTE_OF_ADAM})
    facts = replace(facts, articles=ArticleFacts(known={12: ARTICLE}))
    waits = Pending(9, facts.engineer.id if facts.engineer else 0, NOW, (1, 12), "We look at it.")
    facts = replace(facts, recallable=Recallable((waits,)))
    if verb.name == "back":
        away = Absence(1, person.key, NOW, NOW + timedelta(days=1))
        return replace(facts, presence=Presence(NOW, {person.key: away.until}, absences=(away,)))
    return facts


def cells(verbs: dict[str, Verb], who: Standing, words: tuple[str, ...]) -> Iterator[tuple[Verb, Person, Proof, str]]:
    return product([verb for verb in verbs.values() if not verb.later], WRITERS[who], Proof, words)


def decided(verb: Verb, who: Standing, person: Person, proof: Proof, trust: Trust) -> Decision:
    policy = replace(POLICY, trust=trust, dictionary=DICTIONARY, partners=DECLARED, answers=ANSWERS)
    return rules.decide(letter(written(verb), person), facts_about(verb, who, person, proof), policy, NOW)


def sentences(decision: Decision) -> list[str]:
    """Beside each line that was refused, what the letter to its author says."""
    told = [one for one in of(decision, Tell) if one.detail.get("refused")]
    return [says for one in told for _, good, says in one.detail["verdicts"] if not good]


def seen(decision: Decision) -> str:
    if decision.ending == "held":
        return Outcome.CONFIRM if of(decision, Ask) else Outcome.HELD
    if decision.ending == "refused":
        found = sentences(decision)
        others = authority.refusal(replace(INCIDENT, team="helpdesk"))
        return Outcome.TAKE_FIRST if set(found) == {others} else f"refused: {found}"
    return Outcome.NO_SUCH if decision.rule == "new-incident" else Outcome.ALLOWED


@pytest.mark.parametrize("who", [one for one in Standing if one in authority.STAFF])
def test_every_verb_of_staff(who: Standing) -> None:
    wrong, count = [], 0
    for verb, person, proof, commands in cells(STAFF, who, COMMAND_WORDS):
        trust = Trust(commands=commands)
        wanted = authority.outcome(verb.reach, verb.power, who, proof, trust)
        if who is Standing.OTHER_TEAM and verb.name == "attach":
            wanted = Outcome.TAKE_FIRST  # the mail may be decided about, that incident is not theirs to change
        found = seen(decided(verb, who, person, proof, trust))
        count += 1
        if found != wanted:
            wrong.append((verb.name, person.key, proof, commands, found, wanted))
    assert count == len(WRITERS[who]) * sum(not verb.later for verb in STAFF.values()) * len(Proof) * 3
    assert not wrong, f"{len(wrong)} of {count}; a verb whose example does not fit goes to WRITTEN: {wrong[:5]}"


@pytest.mark.parametrize("who", [*sorted(authority.CUSTOMERS), Standing.OUTSIDE])
def test_every_verb_of_customers(who: Standing) -> None:
    wrong, count = [], 0
    for verb, person, proof, customers in cells(CUSTOMER, who, CUSTOMER_WORDS):
        trust = Trust(customers=customers)
        wanted = authority.outcome(verb.reach, verb.power, who, proof, trust)
        found = seen(decided(verb, who, person, proof, trust))
        count += 1
        if found != wanted:
            wrong.append((verb.name, person.key, proof, customers, found, wanted))
    assert count == len(WRITERS[who]) * sum(not verb.later for verb in CUSTOMER.values()) * len(Proof) * 2
    assert not wrong, f"{len(wrong)} of {count}: {wrong[:5]}"


@pytest.mark.parametrize("who", [Standing.SITE_ADMIN, Standing.CONTACT, Standing.OUTSIDE])
def test_every_verb_of_an_admin_contact(who: Standing) -> None:
    """To the command address; `gather` reads a site for its admin contact alone."""
    wrong = []
    for verb, person, proof, customers in cells(SITE_ADMIN, who, CUSTOMER_WORDS):
        trust = Trust(customers=customers)
        own = OwnSite(ACME, (JANE, JOHN), contracts=OWN_CONTRACTS) if who is Standing.SITE_ADMIN else None
        facts = facts_of(person, proof, route=Route("cmd", BOX), own_site=own)
        wanted = authority.outcome(verb.reach, verb.power, who, proof, trust)
        decision = rules.decide(letter(written(verb), person, subject=""), facts, replace(POLICY, trust=trust), NOW)
        found = Outcome.NO_SUCH if decision.rule == "customer-help" else seen(decision)
        if not (found == wanted or (wanted is Outcome.NO_SUCH and found == Outcome.HELD)):
            wrong.append((verb.name, person.key, proof, customers, found, wanted))
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("verb", [verb for verb in STAFF.values() if not verb.later], ids=lambda verb: verb.name)
def test_customers_have_no_verb_of_staff(verb: Verb) -> None:
    """What is no verb of theirs is text: logged, told to staff, and nothing else."""
    if verb.name in CUSTOMER:
        return
    for proof in Proof:
        trust = Trust()
        decision = decided(verb, Standing.CONTACT, JANE, proof, trust)
        plain = rules.decide(letter("It burns.", JANE), facts_of(JANE, proof, case_of(), LegKind.PUBLIC), POLICY, NOW)
        assert (decision.rule, decision.ending) == (plain.rule, plain.ending)
        assert [type(effect) for effect in decision.effects] == [type(effect) for effect in plain.effects]


@pytest.mark.parametrize("person", [JILL, KIM])
def test_the_number_of_others_is_answered_as_one_that_does_not_exist(person: Person) -> None:
    for verb in CUSTOMER.values():
        for proof in Proof:
            theirs = rules.decide(
                letter(written(verb), person), replace(facts_of(person, proof), claimed=1), POLICY, NOW
            )
            nobodys = rules.decide(
                letter(written(verb), person), replace(facts_of(person, proof), claimed=99), POLICY, NOW
            )
            letters = [
                [(one.person, one.purpose) for one in of(decision, Tell) if not one.person.staff]
                for decision in (theirs, nobodys)
            ]
            assert theirs.rule == nobodys.rule and letters[0] == letters[1]


def test_a_standing_is_the_first_that_fits() -> None:
    engineers = POLICY.engineers
    theirs = replace(INCIDENT, team="network", owner="bob")
    assert authority.standing(engineers["bob"], theirs) is Standing.OWNER
    assert authority.standing(engineers["mia"], theirs) is Standing.OTHER_TEAM
    assert authority.standing(engineers["mia"], INCIDENT) is Standing.MANAGER
    assert authority.standing(engineers["mia"], replace(INCIDENT, team="")) is Standing.MANAGER
    assert authority.standing(engineers["adam"], theirs) is Standing.ADMIN
    assert authority.standing(engineers["nora"], replace(INCIDENT, temporary_owner="nora")) is Standing.OWNER
