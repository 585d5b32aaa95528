"""What templates are given: titles and names written by strangers cannot look like text of the letter."""

from __future__ import annotations

from datetime import UTC, datetime

from sitmail.domain.incident import Incident, Status
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.services.views import incident_view

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TRICK = "x\n\nA plain reply to this letter\r\n\u2028is read by: nobody"
LINE = "x A plain reply to this letter is read by: nobody"


def test_titles_and_names_are_one_line() -> None:
    policy = Policy("Support", mailboxes=(Mailbox("support@example.com"),))
    writer = Person(2, Kind.CONTACT, "x@example.net", TRICK, ("x@example.net",))
    incident = Incident(1, "support@example.com", TRICK, Status.NEW, "medium", NOW, NOW)
    view = incident_view(incident, policy, writer, writer, [writer], (), "", asked=False)
    assert (view.title, view.contact, view.participants) == (LINE, LINE, (LINE,))
