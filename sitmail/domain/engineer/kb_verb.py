"""`/kb`: an article is drafted from an incident, cited by it, shown; `/resolve R KB12`: it is what solved it.

A small function as in `engineer/verbs`.  What a reply to an article's letter does is decided in `article_reply`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitmail.domain import article_letters, article_text, article_verbs, customer_marks
from sitmail.domain.article import (
    TITLE_LIMIT,
    Content,
    Distribution,
    Part,
    Section,
    named,
    named_last,
    ordered,
    readable,
    reference,
)
from sitmail.domain.article_effects import CiteArticle, DraftArticle, FollowArticle, SetArticle
from sitmail.domain.article_facts import KnownArticle
from sitmail.domain.article_verbs import NEW, ORPHANS, RECENT
from sitmail.domain.effects import Effect, Log
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Facts
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import Power
from sitmail.domain.written_language import language_of

HOW = Sentence("write /kb alone, /kb and a number such as KB12, /kb recent, /kb orphans, or /kb new and a title")
BEHIND = (article_verbs.HISTORY, article_verbs.PRINT, article_verbs.SUBSCRIBE, article_verbs.UNSUBSCRIBE)


def kb(request: Request, argument: str) -> str:
    word, _, rest = argument.strip().partition(" ")
    if not word:
        return _draft(request) if request.case.incident.number else _listed(request, RECENT)
    if word.lower() in (RECENT, ORPHANS) and not rest:
        return _listed(request, word.lower())
    if word.lower() == NEW:
        return _new(request, " ".join(rest.split()))
    meant, verb = named(argument), ""
    if meant is None:
        first, _, last = argument.strip().rpartition(" ")
        meant, found = named(first), article_verbs.read(last)
        verb = found[0] if found else ""
        if meant is None or verb not in BEHIND:
            raise ValueError(HOW)
    return _about(request, known_article(request.facts, meant[0]), meant[1], verb)


def known_article(facts: Facts, number: int) -> KnownArticle:
    """Raises ValueError with a sentence where there is none."""
    found = facts.articles.known.get(number)
    if found is None:
        raise ValueError(Sentence("there is no article %(name)s", name=reference(number)))
    return found


def _about(request: Request, known: KnownArticle, revision: int, verb: str) -> str:
    number, name, engineer = known.article.id, known.article.name, request.engineer.id
    if revision and known.revision(revision) is None:
        raise ValueError(Sentence("%(name)s has no revision %(count)s", name=name, count=revision))
    if verb in (article_verbs.SUBSCRIBE, article_verbs.UNSUBSCRIBE):
        request.powers.add(Power.NOTE)
        ends = verb == article_verbs.UNSUBSCRIBE
        request.effects.append(FollowArticle(number, engineer, ends=ends))
        return followed(name, ends=ends)
    detail = {**article_letters.shown(known, request.policy, revision), "what": verb or "show"}
    old = known.revision(revision) if revision else None
    content = old.content if old else known.article.content
    detail |= article_letters.asked_for(verb, known, request.policy, content)
    request.letters.append((NoticePurpose.ARTICLE, detail))
    request.effects.append(SetArticle(number, read=True))
    says = Sentence("%(name)s is in a letter of its own", name=name)
    if verb or revision or not request.case.incident.number:
        return says
    cited = _cited(request, number, name)
    detail["says"] = [cited]
    return beside(cited, says)


def followed(name: str, *, ends: bool) -> str:
    if ends:
        return Sentence("you are not told any more when %(name)s changes", name=name)
    return Sentence("you are told when %(name)s changes", name=name)


def _cited(request: Request, number: int, name: str) -> str:
    request.powers.add(Power.NOTE)
    at = request.case.incident.number
    if any(one.incident == at for one in request.facts.articles.known[number].citing):
        return Sentence("%(name)s was cited here before", name=name)
    request.cites.append(CiteArticle(number, at, request.engineer.id))
    return Sentence("%(name)s is cited here from now on", name=name)


def _listed(request: Request, what: str) -> str:
    facts = request.facts.articles
    rows = article_letters.listed(facts.recent if what == RECENT else facts.orphans, request.policy)
    days = request.policy.kb.stale_days
    request.letters.append((NoticePurpose.SHOW, {"what": "articles", "query": what, "articles": rows, "days": days}))
    return Sentence("the articles are in a letter of their own")


def _new(request: Request, title: str) -> str:
    if not title or len(title) > TITLE_LIMIT:
        raise ValueError(Sentence("behind /kb new stands a title of at most %(count)s characters", count=TITLE_LIMIT))
    request.powers.add(Power.NOTE)
    request.effects.append(DraftArticle(Content(title), request.engineer.id))
    request.letters.append((NoticePurpose.ARTICLE, _unnumbered(0)))
    return Sentence("the draft is in a letter of its own; reply to it to write the article")


def _draft(request: Request) -> str:
    """The article is drafted once all lines are read: the solution may stand in this very mail."""
    request.powers.add(Power.NOTE)
    at = request.case.incident.number
    earlier = request.facts.articles.known.get(request.facts.articles.drafted.get(at, 0))
    if earlier is not None:
        before = Sentence("%(name)s was drafted from it before", name=earlier.article.name)
        detail = {**article_letters.shown(earlier, request.policy), "what": "show", "says": [before]}
        request.letters.append((NoticePurpose.ARTICLE, detail))
        return beside(before, Sentence("%(name)s is in a letter of its own", name=earlier.article.name))
    request.drafts = True
    request.letters.append((NoticePurpose.ARTICLE, _unnumbered(at)))
    return Sentence("an article is drafted; it is in a letter of its own")


def _unnumbered(incident: int) -> dict[str, Any]:
    """The detail of the letter with a draft whose number is not known yet; `services/articles` completes it."""
    return {"what": "draft", "article": 0, "number": incident}


def alone(request: Request) -> bool:
    """Whether its lines ask for articles and nothing else, which letters of their own answer."""
    return (
        set(request.verbs) == {"kb"}
        and bool(request.letters)
        and not (request.words or request.note or request.attachments)
    )


def draft(request: Request) -> Content:
    """What the incident says, for staff alone, less what tells who its customer is."""
    incident, facts = request.case.incident, request.facts.articles
    source = facts.sources.get(incident.number)
    problem = source.problem if source else ""
    solution = request.words or (source.solution if source else "")
    marks, tag = customer_marks.of_case(request.case), request.policy.tag
    sections = {
        part: Section(part, customer_marks.masked(text.strip(), marks, tag))
        for part, text in ((Part.SYMPTOMS, problem), (Part.SOLUTION, solution))
    }
    return Content(
        customer_marks.masked(request.incident.title, marks, tag)[:TITLE_LIMIT],
        Distribution.PRIVATE,
        language_of(f"{problem}\n{solution}") or request.policy.language,
        tuple(one for one in incident.tags),
        ordered(sections),
    )


def effects(request: Request) -> list[Effect]:
    """Before the log is written, which names the number of a draft."""
    made: list[Effect] = []
    if request.drafts:
        made.append(DraftArticle(draft(request), request.engineer.id, request.case.incident.number))
    return [*made, *request.cites, *(SetArticle(one.article, read=True) for one in request.cites if one.solved)]


def entries(request: Request, linked: Log) -> list[Log]:
    """What the log of the incident says of it; KB0 is a draft's number until that is known."""
    made = [f"article drafted: {reference(0)}"] if request.drafts else []
    made += [f"{'solved by' if one.solved else 'article'} {reference(one.article)}" for one in request.cites]
    return [replace(linked, text=text) for text in made]


# --- the article that solved it


def solved_by(request: Request, number: int, *, asks: bool) -> str:
    """The article is sent along if customers may read it.  `asks`: by the letter that asks whether it works.

    Raises ValueError with a sentence where the customer would be told of something that he may not read.
    """
    known = known_article(request.facts, number)
    name, content = known.article.name, known.shown
    request.cites = [one for one in request.cites if one.article != number]
    request.cites.append(CiteArticle(number, request.case.incident.number, request.engineer.id, solved=True))
    if content is None or content.distribution is Distribution.PRIVATE:
        if asks and content is None:
            raise ValueError(Sentence("%(name)s is not published; publish it, or resolve without it", name=name))
        if asks:
            raise ValueError(Sentence("%(name)s is for staff alone; name another, or resolve without it", name=name))
        return Sentence("%(name)s is noted as what solved it; nothing of it is sent", name=name)
    public = readable(content, Distribution.PUBLIC)
    if public is None:
        return Sentence(
            "%(name)s is restricted: it is noted as what solved it, and not sent; tell the customer in your own words",
            name=name,
        )
    if why := request.unheard():
        return Sentence("%(name)s is noted as what solved it, and sent to nobody: %(why)s", name=name, why=why)
    request.standard.append(article_text.plain(public))
    request.enclosed += tuple(one.file for one in known.files)
    return Sentence("%(name)s is sent along", name=name)


def without_article(argument: str) -> tuple[str, int]:
    """The argument of `/resolve` or `/close`, and the article behind it."""
    return named_last(argument)
