"""An article is published or withdrawn; by a second person where the configuration wants one.

What may tell who a customer is, and words that only staff were told, stop it once: `publish anyway` publishes it.
"""

from __future__ import annotations

from sitmail.domain import article_letters, article_verbs, customer_marks
from sitmail.domain.article import State
from sitmail.domain.article_review import reviewers
from sitmail.domain.engineer.article_work import Work
from sitmail.domain.leak_guard import leaks
from sitmail.domain.sentence import Sentence

NOBODY_ELSE = Sentence("somebody else has to say yes to it, and there is nobody else")
SHOWN = 10  # marks that are named


def publish(work: Work, argument: str) -> None:
    """`publish`, `publish anyway`, or a reviewer's yes.  Raises ValueError with a sentence."""
    article, policy, me = work.article, work.builder.policy, work.engineer.id
    name = work.name
    if article.state is State.PUBLISHED and article.shown == work.revision and not work.edited:
        raise ValueError(Sentence("%(name)s is published already", name=name))
    if argument != article_verbs.ANYWAY and (found := _tells(work)):
        work.marks = found[:SHOWN]
        return
    editor = me if work.edited else article.editor
    if policy.kb.review:
        others = reviewers(article, editor, policy.kb, policy.engineers)
        if not others:
            raise ValueError(NOBODY_ELSE)
        if me not in others:
            _propose(work, others, name)
            return
    work.did = "published"
    work.becomes |= {
        "state": State.PUBLISHED,
        "shown": work.revision,
        "pending": 0,
        "reviewer": me if me != editor else "",
        "reviewed": True,
    }
    work.says.append(_published(work, name))


def _published(work: Work, name: str) -> str:
    says = {
        "public": Sentence("%(name)s is published: every customer may read it", name=name),
        "restricted": Sentence("%(name)s is published for staff, who may tell customers what it says", name=name),
        "private": Sentence("%(name)s is published for staff alone", name=name),
    }
    return says[str(work.content.distribution)]


def _propose(work: Work, others: list[str], name: str) -> None:
    article, people = work.article, work.builder.policy.engineers
    state = article.state if article.state is State.PUBLISHED else State.PROPOSED
    work.becomes |= {"state": state, "pending": work.revision}
    work.asked = others
    names = ", ".join(people[one].name for one in others)
    work.says.append(Sentence("%(name)s is published once one of these says yes: %(people)s", name=name, people=names))


def withdraw(work: Work, _argument: str) -> None:
    article = work.article
    if article.state is State.WITHDRAWN:
        raise ValueError(Sentence("%(name)s is withdrawn already", name=article.name))
    work.did = "withdrawn"
    work.becomes |= {"state": State.WITHDRAWN, "pending": 0}
    work.says.append(Sentence("%(name)s is withdrawn: customers do not read it any more", name=article.name))


def _tells(work: Work) -> list[str]:
    """What customers would read of another customer, or of what was said inside."""
    text, facts = article_letters.for_customers(work.content), work.builder.facts
    if not text:
        return []
    text = "\n".join((text, *work.content.tags))
    found = customer_marks.find(text, facts.articles.marks, work.builder.policy.tag)
    return [*found, *(leak.words for leak in leaks(text.split("\n"), facts.said))]
