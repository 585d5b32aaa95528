"""An article as a letter to a customer shows it; to staff `domain/article_letters` shows all of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ArticleLine(NamedTuple):
    """An article in a list; `about` are its first words."""

    name: str
    title: str
    about: str = ""


class ArticleView(NamedTuple):
    """`sections` are headings and texts, in the language of the article."""

    name: str
    title: str
    sections: tuple[tuple[str, str], ...]
    updated: datetime
