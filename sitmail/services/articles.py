"""Carries out what is decided about articles, and notes which letters about them are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sitmail.domain import article_effects as e
from sitmail.domain import article_letters, article_text
from sitmail.domain.article import Content, Revision, State, reference
from sitmail.domain.customer_marks import MASK
from sitmail.domain.effects import Tell
from sitmail.services.attached_files import keep
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import articles
from sitmail.store.articles import Cited


def _public_changes(unit: UnitOfWork) -> None:
    unit.desk.memory.offers = None


def _draft(unit: UnitOfWork, entry: PendingDecision, effect: e.DraftArticle) -> None:
    at = effect.incident or entry.opened or None
    number = articles.add(unit.connection, unit.ids, effect.content, effect.by, at, unit.now)
    articles.subscribe(unit.connection, number, effect.by, unit.now)
    entry.drafted[effect.incident] = (number, effect.content)


def _revise(unit: UnitOfWork, _entry: PendingDecision, effect: e.ReviseArticle) -> None:
    articles.revise(unit.connection, Revision(effect.article, effect.revision, unit.now, effect.by, effect.content))
    _public_changes(unit)


def _set(unit: UnitOfWork, _entry: PendingDecision, effect: e.SetArticle) -> None:
    values: dict[str, Any] = {
        name: value for name in ("shown", "pending", "reviewer") if (value := getattr(effect, name)) is not None
    }
    if effect.state is not None:
        values["state"] = str(effect.state)
    values |= {name: unit.now for name in ("read", "reviewed") if getattr(effect, name)}
    articles.change(unit.connection, effect.article, values)
    _public_changes(unit)


def _cite(unit: UnitOfWork, _entry: PendingDecision, effect: e.CiteArticle) -> None:
    articles.cite(unit.connection, Cited(effect.article, effect.incident, unit.now, effect.by, effect.solved))


def _follow(unit: UnitOfWork, _entry: PendingDecision, effect: e.FollowArticle) -> None:
    if effect.ends:
        articles.unsubscribe(unit.connection, effect.article, effect.engineer)
    else:
        articles.subscribe(unit.connection, effect.article, effect.engineer, unit.now)


def _attach(unit: UnitOfWork, entry: PendingDecision, effect: e.AttachToArticle) -> None:
    kept = keep(unit, entry, effect.file)
    articles.add_file(unit.connection, unit.ids, effect.article, kept, effect.by, unit.now)


def _detach(unit: UnitOfWork, _entry: PendingDecision, effect: e.DetachFromArticle) -> None:
    articles.remove_file(unit.connection, effect.file, unit.now)


WRITE: dict[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {
    e.DraftArticle: _draft,
    e.ReviseArticle: _revise,
    e.SetArticle: _set,
    e.CiteArticle: _cite,
    e.FollowArticle: _follow,
    e.AttachToArticle: _attach,
    e.DetachFromArticle: _detach,
}


def completed(entry: PendingDecision, text: str, incident: int) -> str:
    """An entry of the log that names a draft, whose number is known by now."""
    drafted = entry.drafted.get(incident)
    return text.replace(reference(0), reference(drafted[0])) if drafted else text


def told(unit: UnitOfWork, entry: PendingDecision, tell: Tell) -> Tell:
    """The notice of a letter about an article: with what the draft became, and its number for the reply address."""
    if tell.purpose not in article_letters.ARTICLES:
        return tell
    detail = tell.detail
    if not detail["article"]:
        number, content = entry.drafted[int(detail["number"])]
        detail = {**_of_draft(unit, number, content, int(detail["number"])), **detail, "article": number}
    articles.note_letter(unit.connection, detail["article"], tell.person.id, detail["revision"], unit.now)
    return replace(tell, detail=detail, number=detail["article"])


def _of_draft(unit: UnitOfWork, number: int, content: Content, incident: int) -> dict[str, Any]:
    reference_ = unit.desk.policy.reference(incident) if incident else ""
    return {
        **article_letters.EMPTY,
        **article_letters.of_content(number, 1, content),
        "state": article_letters.STATES[State.DRAFT],
        "from": reference_,
        "masked": MASK in article_text.plain(content),
    }
