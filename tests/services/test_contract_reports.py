"""The reports about feedback and about contracts that end: their figures, and who reads which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.services.small_desk import ADAM, ANNA, JANE, KIM, MIA, SmallDesk

CMD = "support+cmd@example.com"
FEEDBACK = '[feedback]\nafter = "0"\nevery = "0s"\n'
CONTRACTS = """
[[site]]
id = "acme"
account_manager = "anna"
[[contract]]
id = "acme-soon"
site = "acme"
expires = 2026-04-01
[[contract]]
id = "acme-later"
site = "acme"
expires = 2026-12-31
[[contract]]
id = "acme-over"
site = "acme"
expires = 2026-02-01
[[contract]]
id = "globex-pool"
site = "globex"
incidents = 1
[[service]]
id = "acme-hours"
contract = "acme-later"
name = "Block of hours"
time = "20h"
expires = 2026-05-01
[[service]]
id = "acme-many"
contract = "acme-later"
name = "Block of calls"
incidents = 100
"""


def report(desk: SmallDesk, who: str, line: str) -> str:
    desk.say(who, f"/report {line}", to=CMD, proof="authenticated")
    desk.wait(timedelta(seconds=1))
    return desk.last(who, "report").text


def closed(desk: SmallDesk, who: str, subject: str, answer: str) -> None:
    desk.say(who, "It burns.", subject=subject)
    desk.say(ANNA, "/take\n/close", answers=[one for one in desk.letters if one.purpose == "assigned"][-1])
    desk.wait(timedelta(seconds=1))
    if answer:
        desk.say(who, answer, answers=desk.last(who, "feedback_asked"))


@pytest.fixture
def rated(small_desk: Callable[..., SmallDesk]) -> SmallDesk:
    desk = small_desk(more=FEEDBACK)
    for who, subject, answer in ((JANE, "Printer", "5"), (JANE, "Lamp", "2\nToo slow."), (KIM, "Door", "")):
        closed(desk, who, subject, answer)
    return desk


def line_of(text: str, begin: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(begin)).split()


def test_feedback_is_counted_by_customer(rated: SmallDesk) -> None:
    text = report(rated, ADAM, "feedback by site")
    # asked, answered, answered in percent, mean, low, satisfied: of 5 and 2 that is (100 % + 25 %) / 2
    assert line_of(text, "Acme")[1:7] == ["2", "2", "100%", "3.5", "1", "62%"]
    assert line_of(text, "Globex")[1:7] == ["1", "0", "0%", "-", "0", "-"]
    assert line_of(text, "together")[1:7] == ["3", "2", "67%", "3.5", "1", "62%"]


def test_the_later_answer_is_counted(rated: SmallDesk) -> None:
    rated.say(JANE, "4", answers=rated.last(JANE, "feedback_asked"))
    assert line_of(report(rated, ADAM, "feedback by site"), "Acme")[1:7] == ["2", "2", "100%", "4.5", "0", "88%"]


def test_an_engineer_reads_the_feedback_on_his_own_incidents(rated: SmallDesk) -> None:
    owned = [row["owner"] for row in rated.rows("feedback")]
    text = report(rated, ANNA, "feedback")
    assert line_of(text, "Anna Smith")[2] == str(owned.count("anna"))
    assert "The incidents are counted that you own." in text
    assert report(rated, MIA, "feedback by product").count("without") == 2  # the product, and in what is counted


def test_without_questions_it_says_why(small_desk: Callable[..., SmallDesk]) -> None:
    assert "[feedback] after is not set" in report(small_desk(), ADAM, "feedback")


def test_what_ends_and_what_runs_out(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(people=CONTRACTS)
    desk.say(KIM, "It is cold.", subject="Coffee")
    text = report(desk, ADAM, "expiring")
    assert line_of(text, "acme-soon")[-2:] == ["2026-04-01", "30"]
    assert "acme-later" not in text and "acme-over" not in text
    assert line_of(text, "globex-pool")[2:5] == ["0", "1", "0%"]
    assert line_of(text, "Block of hours")[-1] == "2026-05-01"
    assert "Block of calls" not in text
    assert "All contracts are counted." in text


def test_the_time_ahead_is_said(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(people=CONTRACTS)
    assert "acme-later" in report(desk, ADAM, "expiring within 52w")
    assert "acme-soon" not in report(desk, ADAM, "expiring 7d")
    desk.say(ADAM, "/report expiring lastmonth", to=CMD, proof="authenticated")
    assert "is no time ahead; write for example within 90d" in " ".join(desk.last(ADAM, "verdict").text.split())


def test_an_account_manager_reads_about_his_customers(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(people=CONTRACTS)
    desk.say(KIM, "It is cold.", subject="Coffee")
    text = report(desk, ANNA, "expiring")
    assert "acme-soon" in text and "globex-pool" not in text
    assert "The contracts are counted of the customers whom you look after." in text


SERVICE = """
[[report]]
id = "service"
report = "service"
period = "lastmonth"
to = ["admin-contacts"]
at = "1st 08:00"
"""
ADMINS = """
[[contact]]
addresses = ["jane@acme.example.net"]
role = "admin"
[[contact]]
addresses = ["kim@globex.example.org"]
role = "admin"
do_not_mail = true
"""


def test_admin_contacts_get_the_service_report_each_month_once(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(more=SERVICE, people=CONTRACTS + ADMINS)
    desk.say(JANE, "It burns.", subject="Printer")
    desk.wait(timedelta(days=29, hours=22))  # 1 April, seven in the morning
    assert [one.to for one in desk.letters if one.purpose == "site_report"] == []
    desk.wait(timedelta(hours=2))
    desk.reopen(more=SERVICE, people=CONTRACTS + ADMINS)
    desk.wait(timedelta(days=20))
    assert [one.to for one in desk.letters if one.purpose == "site_report"] == [JANE]
    text = " ".join(desk.last(JANE, "site_report").text.split())
    assert "Acme: opened 1, closed 0, open now 1." in text
    assert "from 1 Mar 2026 to 31 Mar 2026" in text
    assert "as an admin contact of your site" in text
    desk.wait(timedelta(days=20))
    assert [one.to for one in desk.letters if one.purpose == "site_report"] == [JANE, JANE]
