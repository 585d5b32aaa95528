"""A customer's `/level all|important|replies`: how much he hears of his incidents (S3-12).

What each level hears stands in `domain/who_is_told`.  It lies over what the directory declares, and holds for all of
his incidents, so that a mail needs the proof by which words are relayed; the confirmation goes to his own address.
"""

from __future__ import annotations

from collections.abc import Mapping

from sitmail.domain.customer.participants import UNPROVEN
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.directory_effects import ChangeDirectory
from sitmail.domain.mismatch import about_another
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.who_is_told import LEVELS, Level

WORDS: Mapping[Level, frozenset[str]] = {
    Level.ALL: frozenset({"all", "everything", "alle", "alles", "tout", "tous"}),
    Level.IMPORTANT: frozenset({"important", "wichtig", "wichtiges", "importants"}),
    Level.REPLIES: frozenset({"replies", "reply", "antworten", "antwort", "réponses", "reponses"}),
}
SAYS: Mapping[Level, Sentence] = {
    Level.ALL: Sentence(
        "From now on we tell you of everything: what people write, who looks after it, and how it stands. "
        "/level replies brings fewer emails."
    ),
    Level.IMPORTANT: Sentence(
        "From now on you get what people write to you, our questions, and word of what is closed or opened again. "
        "/level all brings everything back."
    ),
    Level.REPLIES: Sentence(
        "From now on you get only what people write to you, and the question whether it works. "
        "/level all brings everything back."
    ),
}
HOW = Sentence("write /level all, /level important or /level replies")
NOW: Mapping[Level, Sentence] = {
    Level.ALL: Sentence("You hear of everything now. /level important or /level replies brings fewer emails."),
    Level.IMPORTANT: Sentence(
        "You get what people write to you, our questions, and word of what is closed or opened again. "
        "/level all brings more, /level replies brings fewer emails."
    ),
    Level.REPLIES: Sentence(
        "You get only what people write to you, and the question whether it works. "
        "/level all or /level important brings more."
    ),
}


def level(builder: DecisionBuilder, person: Person, argument: str) -> str:
    """Carries a line out, and returns the sentence about it.  Raises ValueError with one for the writer."""
    word = " ".join(argument.lower().split())
    if not word:
        return NOW[_of(person)]
    wanted = next((one for one in LEVELS if word in WORDS[one]), None)
    if wanted is None:
        raise ValueError(HOW)
    proof, trust = builder.facts.proof, builder.policy.trust
    if about_another(builder.facts) is not None or not customer_may(Power.RELAY, proof, trust):
        raise ValueError(UNPROVEN)
    if person.level != wanted and person.kind in (Kind.CONTACT, Kind.STRANGER):
        builder.do(ChangeDirectory("contact", person.key, "level", str(wanted), person.key))
    return SAYS[wanted]


def _of(person: Person) -> Level:
    return next((one for one in LEVELS if one == person.level), Level.ALL)
