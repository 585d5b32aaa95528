"""`/send KB12` or `/send FILE`: an article, or a file that is at the incident, goes to the customer under the words.

A small function as in `engineer/verbs`.  What customers may not read is refused, with what to do instead.
"""

from __future__ import annotations

from sitmail.domain import article_text
from sitmail.domain.article import Distribution, named, readable
from sitmail.domain.article_effects import CiteArticle
from sitmail.domain.article_facts import SendableFile
from sitmail.domain.engineer.kb_verb import known_article
from sitmail.domain.engineer.request import Request
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind

WHAT = Sentence("what? write the number of an article such as KB12, or the name of a file that stands in the log")
NAMES = 10  # of files that a sentence names


def send(request: Request, argument: str) -> str:
    request.need_open()
    if not argument.strip():
        raise ValueError(WHAT)
    if why := request.unheard():
        raise ValueError(Sentence("there is nobody to answer: %(why)s", why=why))
    meant = named(argument)
    return _article(request, meant[0]) if meant else _file(request, argument.strip())


def _article(request: Request, number: int) -> str:
    known = known_article(request.facts, number)
    name, content = known.article.name, known.shown
    if content is None:
        raise ValueError(Sentence("%(name)s is not published; publish it first", name=name))
    public = readable(content, Distribution.PUBLIC)
    if public is None and content.distribution is Distribution.RESTRICTED:
        raise ValueError(
            Sentence("%(name)s is restricted, and is not sent; tell the customer in your own words", name=name)
        )
    if public is None:
        raise ValueError(Sentence("%(name)s is for staff alone", name=name))
    at = request.case.incident.number
    request.standard.append(article_text.plain(public))
    request.enclosed += tuple(one.file for one in known.files)
    if not any(one.incident == at for one in known.citing) and all(one.article != number for one in request.cites):
        request.cites.append(CiteArticle(number, at, request.engineer.id))
    return Sentence("%(name)s is sent along", name=name)


def _file(request: Request, argument: str) -> str:
    files = request.facts.articles.sendable.get(request.case.incident.number, ())
    found = _meant(files, argument)
    if found is None:
        names = ", ".join(dict.fromkeys(one.file.name for one in files[-NAMES:]))
        none = Sentence("there is no file '%(name)s' here, and no article of that name", name=argument[:80])
        there = Sentence("no file '%(name)s' here; there are: %(names)s", name=argument[:80], names=names)
        raise ValueError(there if names else none)
    if found.file not in request.enclosed:
        request.enclosed += (found.file,)
    if not request.words and not request.standard:
        request.standard.append("(see the attached file)")
    if found.leg != LegKind.PUBLIC:
        return Sentence("%(name)s, which the customer did not have yet, is sent along", name=found.file.name)
    return Sentence("%(name)s is sent along", name=found.file.name)


def _meant(files: tuple[SendableFile, ...], argument: str) -> SendableFile | None:
    """The latest of that name, in any case."""
    return next((one for one in reversed(files) if one.file.name.lower() == argument.lower()), None)
