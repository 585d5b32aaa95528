"""What a line of `/search` means; what it finds is shown by letter cases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sitmail.domain.dictionary import Dictionary, Product, Reason
from sitmail.domain.engineers import Engineer
from sitmail.domain.incident_search import Search, parse
from sitmail.domain.policy import Mailbox, Policy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CODES = Dictionary(
    reasons=(Reason("network", "Network", ("dns", "cable")),), products=(Product("router", "Small Router"),)
)
POLICY = Policy(
    "Desk",
    (Mailbox("support@example.com"),),
    engineers={"anna": Engineer("anna", "Anna Smith", ("anna@example.com",))},
    dictionary=CODES,
)


@pytest.mark.parametrize(
    ("line", "filters", "words"),
    [
        ("reason=network/dns resolved", {"reason": "network/dns", "status": "resolved"}, ()),
        ('Product:"small router" printer', {"product": "router"}, ("printer",)),
        ("owner:me owner:none", {"owner": ""}, ()),
        ("owner:Ann", {"owner": "anna"}, ()),
        ('site:"Acme Ltd"', {"site": "acme ltd"}, ()),
        ("since:2026-03-01", {"since": "2026-03-01T00:00:00+01:00"}, ()),
        ("since:today", {"since": "2026-03-02T00:00:00+01:00"}, ()),
        ("since:2d", {"since": "2026-02-28T09:00:00+00:00"}, ()),
        ("status:awaiting-c", None, ()),
        ("status:on-hold closed", {"status": "on-hold"}, ("closed",)),
        ('"open" door', {}, ("open", "door")),
        ("12:30 http://example.com re: x", {}, ("12:30", "http://example.com", "re:", "x")),
    ],
)
def test_lines(line: str, filters: dict[str, str] | None, words: tuple[str, ...]) -> None:
    if filters is None:
        with pytest.raises(ValueError, match="may be"):
            parse(line, POLICY, NOW, "Europe/Berlin", "anna")
        return
    found = parse(line, POLICY, NOW, "Europe/Berlin", "anna")
    assert (found.filters, found.words) == (filters, words)
    assert Search.of(found.detail()) == found


@pytest.mark.parametrize("line", ["", "   ", "reason:nothing", "resolved since:soon", "ownr:anna", "owner:nobody"])
def test_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(line, POLICY, NOW, "UTC")
