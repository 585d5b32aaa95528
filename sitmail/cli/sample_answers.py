"""Samples of what customers ask to read: queues, one incident, its thread, what covers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sitmail.cli.sample_terms import OUTSIDE
from sitmail.domain.commands import unknown
from sitmail.domain.customer.reading import ELSEWHERE
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence
from sitmail.services.article_views import ArticleLine, ArticleView
from sitmail.services.sheet_views import ContractView, ServiceView
from sitmail.services.site_reports import SiteReportView
from sitmail.services.views import AnswerView, CoverView, FileView, IncidentView, QueueLine, UpdateView

_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ONE = IncidentView(
    number=12,
    reference="[SIT-12]",
    title="Printer burns",
    status="Active",
    priority="high",
    owner="Ana Lind",
    opened=_AT,
    contact="Carla Jones",
    contact_address="carla@example.com",
)
_WRITE = "support+i12.k@example.com"
_LINES = (
    QueueLine(_ONE, _WRITE, "first_response", _AT),
    QueueLine(_ONE._replace(asked=True), _WRITE),
    QueueLine(_ONE._replace(owner="", contact="Dan Doe", contact_address="dan@example.com"), "", "update", _AT),
    QueueLine(_ONE._replace(asked=True, to_confirm=True), _WRITE),
    QueueLine(_ONE._replace(status="Closed", closing_status="Solved"), _WRITE),
)
_PREPAID = ServiceView("Hours 2026", "3h", "10h", "2026-12-31", "", "")
_COVERS = (
    CoverView(
        ContractView("acme-1", "gold", "current", "2026-12-31", 10, 3, True, (_PREPAID,)), True, "Gold: day and night."
    ),
    CoverView(ContractView("acme-2", "", "used up", "", 5, 0, False), False),
    CoverView(
        ContractView("acme-3", "", "ended", "2025-12-31", None, 0, False, (_PREPAID._replace(expires=""),)), True
    ),
    CoverView(ContractView("acme-4", "", "not begun", "", None, 0, False), True),
)
_SAID = (
    UpdateView("12#1", 1, "Carla Jones", _AT, "wrote", True, "It burns.", files=(FileView(1, "photo.png", 20_480),)),
    UpdateView("12#2", 2, "Ana Lind", _AT, "answered", True, "Please pull the plug."),
    UpdateView("12#3", 3, "Dan Doe", _AT, "wrote", True, "", unverified=True),
)
_ARTICLE = ArticleView("KB7", "Paper jams in the tray", (("Solution", "Open the door on the left."),), _AT)
_ARTICLES = (ArticleLine("KB7", "Paper jams in the tray", "Open the door on the left."), ArticleLine("KB3", "Red lamp"))
_LISTS = ("", "closed", "site", "site closed")
_SHOWN: dict[str, tuple[tuple[dict[str, Any], AnswerView], ...]] = {
    "list": tuple(
        ({"what": "list", "query": query}, AnswerView(_LINES, True, site="ACME", shared=True, days=90))
        for query in _LISTS
    )
    + tuple(
        ({"what": "list", "query": query}, AnswerView(site="ACME", shared=shared))
        for query, shared in (("", False), ("closed", False), ("site", False), ("site", True))
    ),
    "one": (
        ({"what": "status", "number": 12}, AnswerView(_LINES[:1], updates=_SAID[1:2], left_out=1)),
        ({"what": "thread", "number": 12}, AnswerView(_LINES[:1], updates=_SAID, left_out=3)),
        (
            {"what": "thread", "number": 12, "mbox": True},
            AnswerView(_LINES[:1], updates=_SAID, files=(FileView(1, "12.mbox", 2_048),)),
        ),
        ({"what": "thread", "number": 9}, AnswerView()),
    ),
    "entitlement": (
        ({"what": "entitlement"}, AnswerView(covers=_COVERS, site="ACME")),
        ({"what": "entitlement"}, AnswerView(site="ACME")),
        ({"what": "entitlement"}, AnswerView()),
    ),
    "kb": (
        ({"what": "article", "number": 7}, AnswerView(article=_ARTICLE, files=(FileView(1, "photo.png", 20_480),))),
        ({"what": "article", "number": 9}, AnswerView()),
        ({"what": "kb", "query": "paper jam"}, AnswerView(articles=_ARTICLES, more=True)),
        ({"what": "kb", "query": "paper jam"}, AnswerView()),
        ({"what": "kb", "query": ""}, AnswerView(articles=_ARTICLES)),
        ({"what": "kb", "query": ""}, AnswerView()),
        ({"what": "faq"}, AnswerView(articles=_ARTICLES)),
        ({"what": "faq"}, AnswerView()),
    ),
}
_PROMISED = [
    Sentence("Promises"),
    [[Sentence("what we promised"), "text", False], [Sentence("in time"), "share", True]],
    [[Sentence("first response"), 0.9], [Sentence("resolution"), 1.0]],
    [],
    0,
    "attainment",
]
_MONTH = SiteReportView("2026-02-01", "2026-02-28", 12, 10, 4, 2, _PROMISED)
_SHOWN["report"] = (
    (
        {"what": "report", "query": "2026-02"},
        AnswerView(
            (*_LINES, QueueLine(_ONE._replace(hold_until=_AT), "")), True, covers=_COVERS, site="ACME", report=_MONTH
        ),
    ),
    (
        {"what": "report", "query": "2026-02"},
        AnswerView(site="ACME", report=_MONTH._replace(open=0, others=0, promises=[])),
    ),
    ({"what": "report", "query": "2026-02"}, AnswerView(site="ACME")),
)
_EACH = tuple(one for several in _SHOWN.values() for one in several)
ANSWERS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.SITE_REPORT: tuple(
        {**detail, "sample": place} for place, (detail, _) in enumerate(_EACH) if detail["what"] == "report"
    ),
    NoticePurpose.CUSTOMER_SHOW: tuple({**detail, "sample": place} for place, (detail, _) in enumerate(_EACH)),
    NoticePurpose.CUSTOMER_HELP: (
        {"refused": [["/close it works", ELSEWHERE], ["/lits", unknown("lits", CUSTOMER)], ["the red lamp", ""]]},
        {},
        {"terms": OUTSIDE},
    ),
}


def answer_of(detail: Mapping[str, Any]) -> AnswerView:
    """What is shown on that occasion."""
    return _EACH[int(detail["sample"])][1]
