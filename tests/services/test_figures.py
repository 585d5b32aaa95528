"""Reports: what letters show, who may read what, and that each comes once."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.domain.figures.catalogue import REPORTS
from sitmail.services import process_tick
from sitmail.services.figures import pictures as pictures_of_reports
from sitmail.services.figures import runs
from sitmail.services.process_tick import Tick
from tests.services.small_desk import ADAM, ANNA, BOB, JANE, KIM, MIA, NORA, Letter, SmallDesk

CMD = "support+cmd@example.com"


@pytest.fixture
def story(small_desk: Callable[..., SmallDesk]) -> SmallDesk:
    """Two incidents: one went through several statuses and is closed, one is open."""
    desk = small_desk()
    desk.say(JANE, "It burns.", subject="Printer burns")
    brief = desk.last(ANNA, "assigned")
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/time 30m rang her\nIs there a red light?", answers=brief)
    desk.wait(timedelta(hours=2))
    desk.say(JANE, "Yes, there is.", answers=desk.last(JANE, "answer"))
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/close solved", answers=brief)
    desk.say(KIM, "Cold.", subject="Coffee is cold")
    desk.wait(timedelta(days=1))
    return desk


def ask(desk: SmallDesk, who: str, line: str) -> Letter:
    before = len(desk.letters)
    desk.say(who, line, to=CMD, proof="authenticated")
    desk.wait(timedelta(seconds=1))
    assert desk.since(before) == [(who, "report")], [one.text for one in desk.letters[before:]]
    return desk.last(who, "report")


def due(desk: SmallDesk, since: int = 0) -> list[Letter]:
    return [one for one in desk.letters[since:] if one.purpose == "report_due"]


REPORT = """
[[report]]
id = "monday"
name = "Monday figures"
report = "site"
period = "yesterday"
to = ["mia", "adam@example.com"]
at = "08:00"
timezone = "Europe/Berlin"
"""


def test_a_report_is_sent_when_it_is_due_once_to_each_reader(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(more=REPORT)
    desk.say(JANE, "It burns.", subject="Printer burns")
    desk.wait(timedelta(hours=1))
    assert due(desk) == []  # 08:00 in Berlin is over, and it was not asked for then
    desk.wait(timedelta(hours=23))
    assert [(one.to, str(one.parsed["Subject"])) for one in due(desk)] == [
        (MIA, "Incidents by customer, 2 Mar 2026"),
        (ADAM, "Incidents by customer, 2 Mar 2026"),
    ]
    assert "Monday" in due(desk)[0].text and "Acme" in due(desk)[0].text
    assert due(desk)[0].parsed["Auto-Submitted"] == "auto-generated"
    desk.reopen(more=REPORT)
    desk.wait(timedelta(hours=1))
    assert len(due(desk)) == 2


def test_what_was_due_while_the_desk_was_down_is_sent_once_about_its_own_period(
    small_desk: Callable[..., SmallDesk],
) -> None:
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.now += timedelta(days=3, hours=2)  # Thursday 5 March, 12:00
    desk.reopen(more=REPORT)
    desk.wait(timedelta(minutes=1))
    assert [(one.to, str(one.parsed["Subject"])) for one in due(desk)] == [
        (MIA, "Incidents by customer, 4 Mar 2026"),
        (ADAM, "Incidents by customer, 4 Mar 2026"),
    ]
    desk.wait(timedelta(hours=12))
    assert len(due(desk)) == 2


def test_another_hour_begins_anew_and_sends_nothing_of_the_past(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.reopen(more=REPORT.replace('"08:00"', '"09:30"'))
    desk.wait(timedelta(hours=6))
    assert due(desk) == []
    desk.wait(timedelta(days=1))
    assert len(due(desk)) == 2


def test_two_daemons_that_find_it_due_send_it_once(small_desk: Callable[..., SmallDesk]) -> None:
    """Each has a memory of its own; the key of the run decides."""
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.now += timedelta(days=1)
    for _ in range(2):
        desk.runtime.desk.memory.forget()
        desk.runtime.database.write(process_tick.tick, Tick(desk.runtime.desk, desk.now)).result()
    assert len([row for row in desk.rows("report_run") if row["done"] is None]) == 2


def test_the_backlog_shows_its_trend_as_a_picture_whose_numbers_stand_in_the_text(story: SmallDesk) -> None:
    pytest.importorskip("matplotlib")
    letter = ask(story, ADAM, "/report backlog 2026-03")
    pictures = [part for part in letter.parsed.walk() if part.get_content_type() == "image/png"]
    assert [(str(one["Content-Disposition"]).partition(";")[0]) for one in pictures] == ["inline"]
    page = next(part for part in letter.parsed.walk() if part.get_content_type() == "text/html").get_content()
    cid = str(pictures[0]["Content-ID"]).strip("<>")
    assert f'<img src="cid:{cid}" alt="Opened, closed and open"' in page
    assert "2026-03-02       2       1" in letter.text
    assert ".png" not in letter.text
    assert 1_000 < len(pictures[0].get_payload(decode=True)) < pictures_of_reports.MOST


def test_without_matplotlib_a_report_leaves_without_a_picture(
    story: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures_of_reports, "find_spec", lambda _: None)  # as where it is not installed
    letter = ask(story, ADAM, "/report backlog 2026-03")
    assert all(part.get_content_type() != "image/png" for part in letter.parsed.walk())
    assert "2026-03-02       2       1" in letter.text


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_comes(story: SmallDesk, name: str) -> None:
    letter = ask(story, ADAM, f"/report {name}")
    assert max(map(len, letter.text.splitlines())) <= 78


DORA = """
[[engineer]]
id = "dora"
addresses = ["dora@example.com"]
role = "admin"
language = "{}"
"""
ENGLISH = {"opened", "working", "together", "nothing", "counted", "owner", "closed", "waiting"}


@pytest.mark.parametrize(
    ("language", "says"), [("de", "Gezählt sind alle Vorgänge"), ("fr", "On compte tous les incidents")]
)
def test_every_report_speaks_its_readers_language(
    small_desk: Callable[..., SmallDesk], language: str, says: str
) -> None:
    desk = small_desk(
        more=f'[[engineer]]\nid = "dora"\naddresses = ["dora@example.com"]\nrole = "admin"\nlanguage = "{language}"'
    )
    desk.say(JANE, "It burns.", subject="Printer burns")
    desk.say(ANNA, "/close solved", answers=desk.last(ANNA, "assigned"))
    desk.say(KIM, "Cold.", subject="Coffee is cold")
    for name in REPORTS:
        letter = ask(desk, "dora@example.com", f"/report {name}")
        assert says in letter.text or name == "expiring"  # that is about contracts
        assert not ENGLISH & set(letter.text.lower().split()), letter.text
        assert max(map(len, letter.text.splitlines())) <= 78
    listed = ask(desk, "dora@example.com", "/report")
    assert not ENGLISH & set(listed.text.lower().split())
    files = [part for part in ask(desk, "dora@example.com", "/report site").parsed.walk() if part.get_filename()]
    assert ";" in files[0].get_content().splitlines()[0]  # as spreadsheets of that language expect it


def test_a_file_holds_all_rows_and_no_formula(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    for place, title in enumerate(('=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "fine; really")):
        desk.say(JANE, f"It burns {place}.", subject=title)
    letter = ask(desk, ADAM, "/report incident")
    file = next(part for part in letter.parsed.walk() if str(part.get_filename()).startswith("incidents"))
    raw = file.get_payload(decode=True)
    assert raw.startswith(b"\xef\xbb\xbf")  # spreadsheets know by it that it is UTF-8
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0][:2] == ["incident", "title"]
    assert [row[1] for row in rows[1:]] == [
        "fine; really",
        "'@SUM(A1)",
        "'-1",
        "'+1",
        '\'=HYPERLINK("http://example.org")',
    ]
    assert file.get_content_type() == "text/csv"


def test_who_asks_reads_what_he_may(story: SmallDesk) -> None:
    """Anna owns both; Bob is of her team; Nora of another; Mia is Anna's manager."""
    assert "Acme" in ask(story, ANNA, "/report site").text
    assert "Acme" not in ask(story, BOB, "/report site").text
    assert "Coffee is cold" in ask(story, BOB, "/report backlog").text
    assert "Coffee is cold" not in ask(story, NORA, "/report backlog").text
    assert "Acme" in ask(story, MIA, "/report site").text


def test_a_report_is_a_letter_to_the_registered_address_alone(story: SmallDesk) -> None:
    before = len(story.letters)
    story.say(ADAM, "/report site", to=CMD, proof="authenticated", headers=["Reply-To: thief@example.net"], cc=JANE)
    story.wait(timedelta(minutes=5))
    assert story.since(before) == [(ADAM, "report")]


def test_the_same_line_twice_is_one_report_and_two_are_two(story: SmallDesk) -> None:
    before = len(story.letters)
    story.say(ADAM, "/report site\n/report site\n/report site 2026-03", to=CMD, proof="authenticated")
    story.wait(timedelta(minutes=5))
    assert story.since(before) == [(ADAM, "report"), (ADAM, "report")]


def test_a_report_that_fails_is_tried_again_and_then_said_to_have_failed(story: SmallDesk) -> None:
    desk = story.runtime.desk
    story.say(ADAM, "/report site", to=CMD, proof="authenticated")
    for place in range(runs.TRIES):
        run = story.runtime.database.write(runs.claim, story.now).result()
        assert run is not None
        assert story.runtime.database.write(runs.claim, story.now).result() is None  # nobody else makes it meanwhile
        told = runs.given_up(desk, run, story.now)
        assert (told is None) == (place < runs.TRIES - 1)
        story.now += runs.LEASE + timedelta(seconds=1)
    assert told is not None
    letters = story.runtime.database.write(runs.deliver, told).result()
    assert [one.purpose for one in letters] == ["report"] if hasattr(letters[0], "purpose") else letters
    assert story.runtime.database.write(runs.deliver, told).result() == []  # whoever comes later finds it done
    assert story.runtime.database.write(runs.claim, story.now + timedelta(days=1)).result() is None


def test_reports_are_bounded_a_mail_and_an_hour(story: SmallDesk) -> None:
    """Whoever writes in an engineer's name has that engineer get some letters, and no more."""
    before = len(story.letters)
    lines = "\n".join(f"/report site {days}d" for days in range(1, 7))
    story.say(ADAM, lines, to=CMD, proof="none")
    assert "5 reports at most" in story.last(ADAM, "verdict").text
    for place in range(30):
        story.say(ADAM, f"/report site {place + 1}d", to=CMD, proof="none")  # nothing is made meanwhile
    story.wait(timedelta(minutes=5))
    assert len([one for one in story.since(before) if one == (ADAM, "report")]) == 20


def test_a_machine_gets_no_report(story: SmallDesk) -> None:
    before = len(story.letters)
    for field in ("Auto-Submitted: auto-replied", "Precedence: bulk"):
        story.say(ADAM, "/report site", to=CMD, proof="authenticated", headers=[field])
        story.wait(timedelta(minutes=5))
    assert [one for one in story.since(before) if one[1] == "report"] == []
