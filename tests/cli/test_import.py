"""Old incidents by command: what files say becomes rows, nobody is told, nothing is proved, and nothing comes twice."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from sitmail import config
from sitmail.cli import mbox_files
from sitmail.cli.incident_rows import COLUMNS
from sitmail.cli.main import run
from sitmail.domain import trust
from sitmail.services import keys
from sitmail.store import schema
from sitmail.store.database import open_reader

CONFIG = """\
[desk]
address = "support@example.com"
tag = "SIT"
timezone = "Europe/Berlin"
former_tags = ['\\[OLD-([0-9]+)\\]']
former_offset = 1000
[directory]
files = ["people.toml"]
[[engineer]]
id = "ana"
name = "Ana Bell"
addresses = ["ana@example.com"]
[[vendor]]
id = "maker"
name = "Maker"
addresses = ["help@maker.example.net"]
[[product]]
id = "printer"
name = "Printer"
"""
PEOPLE = (
    '[[site]]\nid = "acme"\nname = "Acme Ltd"\n'
    '[[contact]]\naddresses = ["jane@acme.example.org"]\nname = "Jane Doe"\nsite = "acme"\n'
)
OLD = (
    "number,title,status,opened,closed,contact,owner,priority,product,site,tags,at,author,audience,text\n"
    "17,Printer smokes,closed,2024-01-05 10:00,2024-01-07,jane@acme.example.org,Ana Bell,high,printer,Acme Ltd,"
    "red blue,2024-01-05 10:00,,,It smokes.\n"
    "17,,,,,,,,,,,2024-01-06 09:10,ana@example.com,public,Please unplug it.\n"
    "17,,,,,,,,,,,2024-01-06 09:00,ana,,They always unplug the wrong one\n"
    "18,Coffee,open,2024-02-01,,Bob <bob@globex.example.org>,,,,,,,,,It is cold.\n"
    ",No number,open,2024-02-02,,bob@globex.example.org,,,,,,,,,Tea too.\n"
)
MBOX = """\
From jane@acme.example.org Mon Mar  4 10:00:00 2024
From: Jane Doe <jane@acme.example.org>
To: help@old.example.org
Subject: Coffee is cold
Message-ID: <c1@acme.example.org>
Date: Mon, 4 Mar 2024 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The machine is cold.

From here on it is odd, and
From here Mon Mar  4 10:00:00 2024
>From quoted
/close solved
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="../../etc/passwd.txt"

hello
--b--

From help@old.example.org Mon Mar  4 11:00:00 2024
From: Help <help@old.example.org>
To: jane@acme.example.org
Subject: Re: Coffee is cold [OLD-77]
In-Reply-To: <c1@acme.example.org>
Message-ID: <c2@old.example.org>
Date: Mon, 4 Mar 2024 11:00:00 +0100

Which one?

From x@example.com Mon Mar  4 12:00:00 2024
From: Ana <ana@example.com>
To: max@old.example.org
Subject: Fwd: thing
Message-ID: <c3@old.example.org>
References: <c2@old.example.org>
Date: Mon, 4 Mar 2024 12:00:00 +0100

canary

From x@example.com Mon Mar  4 13:00:00 2024
From: Maker <help@maker.example.net>
To: help@old.example.org
Subject: [OLD-77] your order
Message-ID: <c4@maker.example.net>
Date: Mon, 4 Mar 2024 13:00:00 +0100

canary of the vendor
"""


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "people.toml").write_text(PEOPLE)
    (tmp_path / "sitmail.db").write_bytes(sqlite_template.read_bytes())
    return tmp_path


def brought(folder: Path, text: str | bytes, *options: str, name: str = "old.csv") -> int:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return run(["import", str(folder / name), *options, "--config", str(folder / "config.toml")])


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    table = schema.metadata.tables[name]
    with closing(open_reader(f"sqlite:///{folder}/sitmail.db")) as reader, reader.read() as connection:
        order = table.c.number if "number" in table.c else next(iter(table.primary_key))
        return [dict(row) for row in connection.execute(select(table).order_by(order)).mappings()]


def log(folder: Path, number: int) -> list[tuple[str, str, str, str]]:
    """(event, leg, author, text) of each entry."""
    entry, text, person = schema.update, schema.update_text, schema.person
    query = select(entry.c.event, entry.c.leg, func.coalesce(person.c.name, entry.c.actor), text.c.text)
    query = query.join_from(entry, text, entry.c.id == text.c.update).outerjoin(person, person.c.id == entry.c.author)
    with closing(open_reader(f"sqlite:///{folder}/sitmail.db")) as reader, reader.read() as connection:
        found = connection.execute(query.where(entry.c.incident == number).order_by(entry.c.number))
        return [(event, leg, who, words) for event, leg, who, words in found]


def shown(folder: Path, capsys: pytest.CaptureFixture[str], number: int) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["incident", str(number), "--json", "--config", str(folder / "config.toml")]) == os.EX_OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_rows_become_incidents_with_their_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, OLD, "--json") == os.EX_OK
    told = {"incidents": 3, "new": 3, "same": 0, "changed": 0, "next_number": 1020, "written": True}
    assert json.loads(capsys.readouterr().out) == told
    one, two, three = rows(folder, "incident")
    assert [one["number"], two["number"], three["number"]] == [1017, 1018, 1019]
    assert (one["title"], one["status"], one["closing_status"], one["owner"]) == (
        *("Printer smokes", "closed", "solved", "ana"),
    )
    assert (one["priority"], one["product"], one["site"], one["tags"]) == ("high", "printer", "acme", ["red", "blue"])
    assert one["opened"] == datetime(2024, 1, 5, 9, 0, tzinfo=UTC), "in the desk's time zone"
    assert (two["status"], two["owner"], two["next_deadline"]) == ("active", "", None)
    assert log(folder, 1017) == [
        ("opened", "public", "Jane Doe", "It smokes."),
        ("note", "internal", "Ana Bell", "They always unplug the wrong one"),
        ("email-out", "public", "Ana Bell", "Please unplug it."),
        ("closed", "public", "import", ""),
    ]


def test_nobody_is_told_and_nothing_is_promised(folder: Path) -> None:
    assert brought(folder, OLD) == os.EX_OK
    assert brought(folder, MBOX, name="old.mbox") == os.EX_OK
    for table in ("notice", "outbox", "term", "warning", "held", "bill", "confirmation"):
        assert rows(folder, table) == [], table
    assert {one["proof"] for one in rows(folder, "update")} == {"none"}
    assert not any(one["known"] for one in rows(folder, "person") if one["kind"] == "stranger")


def test_the_same_file_twice_adds_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = ("incident", "update", "person", "inbox", "known_id", "blob", "imported")
    for text, name, count in ((OLD, "old.csv", 3), (MBOX, "old.mbox", 1)):
        brought(folder, text, name=name)
        before = [rows(folder, table) for table in tables]
        capsys.readouterr()
        assert brought(folder, text, "--json", name=name) == os.EX_OK
        told = json.loads(capsys.readouterr().out)
        assert (told["new"], told["same"], told["changed"]) == (0, count, 0)
        assert [rows(folder, table) for table in tables] == before


def test_an_interrupted_one_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brought(folder, "".join(OLD.splitlines(keepends=True)[:4]))
    capsys.readouterr()
    assert brought(folder, OLD, "--json") == os.EX_OK
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["same"]) == (2, 1)
    assert len(rows(folder, "incident")) == 3


def test_a_changed_row_says_so_and_what_was_imported_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brought(folder, OLD)
    capsys.readouterr()
    assert brought(folder, OLD.replace("It is cold.", "It is hot."), "--json") == os.EX_OK
    out, err = capsys.readouterr()
    assert json.loads(out)["changed"] == 1
    assert "old.csv: row 5: differs from what was imported as incident 1018, which stays as it is" in err
    assert log(folder, 1018)[0][3] == "It is cold."


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, OLD, "--dry-run", "--json") == os.EX_OK
    assert json.loads(capsys.readouterr().out)["written"] is False
    assert (rows(folder, "incident"), rows(folder, "blob")) == ([], [])
    assert not [one for one in rows(folder, "counter") if one["name"] == "incident"]


def test_new_incidents_count_from_the_number_that_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, OLD, "--first-number", "1018") == os.EX_DATAERR
    assert "new incidents cannot count from 1018: expected 1019 to 899999999" in capsys.readouterr().err
    assert rows(folder, "incident") == []
    assert brought(folder, OLD, "--first-number", "20000") == os.EX_OK
    assert [one["number"] for one in rows(folder, "incident")] == [1017, 1018, 20000], "that without a number"


def test_a_number_that_is_taken_is_named_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brought(folder, "title,opened,contact\nMine,2024-01-01,a@example.org\n", "--first-number", "1018")
    before = rows(folder, "incident")
    assert brought(folder, OLD) == os.EX_DATAERR
    err = capsys.readouterr().err
    assert (
        "old.csv: row 5: number 1018 is taken by 'Mine'; expected a free number" in err and "Nothing was written" in err
    )
    assert rows(folder, "incident") == before


HEAD = "number,title,opened,contact,status,owner,site,priority,at,author,audience,text,closed\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("number,titel\n1,x\n", "row 1: unknown column 'titel'; did you mean 'title'?"),
        ("number,colour,title\n1,x,y\n", "row 1: unknown column 'colour'; expected number, title,"),
        (HEAD + "x,T,2024-01-01,a@example.org\n", "row 2: number: expected a number such as 1234"),
        (HEAD + "999999999,T,2024-01-01,a@example.org\n", "row 2: number: expected a number such as 1234"),
        (HEAD + "1,T,05.01.2024,a@example.org\n", "row 2: opened: expected a moment such as 2024-01-31"),
        (HEAD + "1,T,2999-01-01,a@example.org\n", "row 2: opened: expected a moment in the past, not '2999-01-01'"),
        (HEAD + "1,T,,a@example.org\n", "row 2: opened: expected a moment such as"),
        (HEAD + "1,T,2024-01-01,jane\n", "row 2: contact: expected a mail address, not 'jane'"),
        (HEAD + "1,T,2024-01-01,\n", "row 2: contact: expected a mail address"),
        (HEAD + "1,T,2024-01-01,support@example.com\n", "row 2: contact: expected the address of a customer"),
        (HEAD + "1,T,2024-01-01,help@maker.example.net\n", "row 2: contact: expected the address of a customer"),
        (HEAD + "1,T,2024-01-01,a@example.org,opn\n", "row 2: status: no status 'opn'"),
        (HEAD + "1,T,2024-01-01,a@example.org,open,anna\n", "row 2: owner: no engineer 'anna'; did you mean 'ana'?"),
        (HEAD + "1,T,2024-01-01,a@example.org,open,,acmee\n", "row 2: site: no site 'acmee' in the directory"),
        (HEAD + "1,T,2024-01-01,a@example.org,open,,,hgh\n", "row 2: priority: no priority 'hgh'"),
        (HEAD + "1,T,2024-01-01,a@example.org,open,,,,soon,,,x\n", "row 2: at: expected a moment"),
        (
            HEAD + "1,T,2024-01-01,a@example.org,open,,,,,,all,x\n",
            "row 2: audience: expected public or internal, not 'all'",
        ),
        (
            HEAD + "1,T,2024-01-01,a@example.org\n1,U,,,,,,,,,,x\n",
            "row 3: title: expected 'T' as in old.csv: row 2, not 'U'",
        ),
        (
            HEAD + "1,T,2024-01-05,a@example.org,closed,,,,,,,x,2024-01-01\n",
            "row 2: closed: expected a moment after 2024-01-04 23:00 UTC, when it began",
        ),
        (HEAD + "1,T,2024-01-01,a@example.org,,,,,,,,,,surplus\n", "row 2: has more cells than the first row"),
        (
            HEAD + f"1,{'x' * 1_000_001},2024-01-01,a@example.org\n",
            "row 2: title: 1,000,001 characters; expected at most",
        ),
        (b"title,text\nM\xfcller,x\n", "row 2: title: has bytes that are not utf-8; --encoding names another"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_nothing_is_written(
    text: str | bytes, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought(folder, text) == os.EX_DATAERR
    told = capsys.readouterr().err
    assert f"old.csv: {sentence}" in told and "Nothing was written." in told
    assert rows(folder, "incident") == []


def test_a_column_is_left_out(folder: Path) -> None:
    text = HEAD.strip() + ",colour\n1,T,2024-01-01,a@example.org,,,,,,,,,,red\n"
    assert brought(folder, text, "--ignore", "Colour") == os.EX_OK


def test_a_cell_of_ten_megabytes_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, f'title,text\nT,"{"x" * 10_000_000}"\n') == os.EX_DATAERR
    assert "old.csv: row 2: text: 10,000,000 characters; expected at most 1,000,000" in capsys.readouterr().err


def test_texts_are_kept_as_they_are(folder: Path) -> None:
    cells = ['=HYPERLINK("http://example.net")', "/close solved\n/assign ana", "NUL \0 here", "two\r\nlines"]
    quoted = ['"' + one.replace('"', '""') + '"' for one in cells]
    text = "number,opened,contact,title,text\n" + "".join(
        f"{number},2024-01-01,a@example.org,{one},{one}\n" for number, one in enumerate(quoted, 1)
    )
    assert brought(folder, text) == os.EX_OK
    assert [log(folder, 1000 + number)[0][3] for number in range(1, 5)] == [
        *cells[:2], "NUL \\x00 here", cells[3],
    ]  # fmt: skip
    assert {one["status"] for one in rows(folder, "incident")} == {"active"}


@pytest.mark.parametrize(
    ("options", "encoding"), [((), "utf-8"), ((), "utf-8-sig"), (("--encoding", "cp1252"), "cp1252"),
                              (("--encoding", "utf-16"), "utf-16")]
)  # fmt: skip
def test_encodings_and_separators(options: tuple[str, ...], encoding: str, folder: Path) -> None:
    text = "Number;Subject;Created;E-Mail\n[OLD-5];Müller druckt nicht;2024-01-01T08:00:00+01:00;a@example.org\n"
    assert brought(folder, text.encode(encoding), *options) == os.EX_OK
    [one] = rows(folder, "incident")
    assert (one["number"], one["title"], one["opened"]) == (
        *(1005, "Müller druckt nicht"),
        datetime(2024, 1, 1, 7, 0, tzinfo=UTC),
    )


def test_mails_are_one_incident_by_number_and_references(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, MBOX, "--staff", "@old.example.org", name="old.mbox") == os.EX_OK
    told = shown(folder, capsys, 1077)
    assert (told["title"], told["status"], told["contact"]["name"], told["site"]) == (
        *("Coffee is cold", "closed", "Jane Doe", "acme"),
    )
    assert log(folder, 1077) == [
        (
            *("opened", "public", "Jane Doe"),
            "The machine is cold.\n\nFrom here on it is odd, and\nFrom here Mon Mar  4 10:00:00 2024\nFrom quoted\n"
            "/close solved",
        ),
        ("email-out", "public", "Help", "Which one?"),
        ("note", "internal", "Ana Bell", "canary"),
        ("note", "internal", "Maker", "canary of the vendor"),
        ("closed", "public", "import", ""),
    ]
    [file] = told["updates"][0]["attachments"]
    assert file["name"] == "passwd.txt"
    assert run(["incident", "1077", "--raw", "1", "--config", str(folder / "config.toml")]) == os.EX_OK
    assert "From quoted" in capsys.readouterr().out
    assert not list(folder.rglob("passwd*"))


def test_rows_and_mails_are_brought_together(folder: Path) -> None:
    (folder / "old.mbox").write_text(MBOX)
    text = "number,title,status,opened,contact,priority\n77,Cold coffee,open,2024-03-01,jane@acme.example.org,high\n"
    assert brought(folder, text, str(folder / "old.mbox")) == os.EX_OK
    [one] = rows(folder, "incident")
    assert (one["title"], one["status"], one["priority"], one["updates"]) == ("Cold coffee", "active", "high", 4)


def test_a_valid_token_in_an_imported_mail_is_void(folder: Path) -> None:
    brought(folder, OLD)  # jane is there
    jane = next(one["id"] for one in rows(folder, "person") if one["name"] == "Jane Doe")
    secrets = keys.load_or_make(folder / "sitmail.key", used=False)
    assert config.load(folder / "config.toml").key_file == folder / "sitmail.key"
    part = trust.signed_part(secrets, "i", 1017, jane)
    own = trust.message_id(secrets, "a fact", "i", 1017, jane, "example.com")
    mail = MBOX.replace("<c2@old.example.org>", own).replace("Which one?", f"Write to support+{part}@example.com")
    assert brought(folder, mail.replace("hello", f"support+{part}@example.com"), name="old.mbox") == os.EX_OK
    assert f"support+{part[:-17]}-@example.com" in log(folder, 1077)[1][3]
    kept = [one for one in rows(folder, "known_id") if trust.is_ours_by_form(one["message_id"])]
    assert kept == [], "what looks like an id of ours leads nowhere but where it always did"
    ids = {one["message_id"] for one in rows(folder, "update")}
    assert own not in ids and not any(trust.is_ours_by_form(one) for one in ids)
    sums = {one["sha256"] for one in rows(folder, "attachment")}
    [content] = [one["content"] for one in rows(folder, "blob") if one["sha256"] in sums]
    assert part.encode() not in content


@pytest.mark.parametrize(
    ("files", "options", "code", "sentence"),
    [
        ([], [], os.EX_USAGE, "which files?"),
        (["none.csv"], [], os.EX_NOINPUT, "none.csv cannot be read: No such file or directory"),
        (["old.csv"], ["--encoding", "klingon"], os.EX_USAGE, "unknown encoding: klingon"),
        (["old.csv"], ["--status", "opn"], os.EX_USAGE, "no status 'opn'"),
        (["empty.csv"], [], os.EX_DATAERR, "empty.csv: row 1: expected a column 'title' or 'text', not nothing"),
    ],
)
def test_exit_codes(
    files: list[str], options: list[str], code: int, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "old.csv").write_text(OLD)
    (folder / "empty.csv").write_text("")
    given = [str(folder / one) for one in files]
    assert run(["import", *given, *options, "--config", str(folder / "config.toml")]) == code
    assert sentence in capsys.readouterr().err


def test_too_much_for_one_incident_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sitmail.cli.import_staging.PARTS_MAX", 2)
    assert brought(folder, OLD) == os.EX_DATAERR
    assert "old.csv: row 2: 3 rows and mails" in capsys.readouterr().err


def test_where_a_mail_begins(tmp_path: Path) -> None:
    place = tmp_path / "x.mbox"
    place.write_bytes(
        b"From - Mon Jan  1 00:00:00 2024\r\nSubject: one\r\n\r\nbody\r\n"
        b"From a Mon Jan  1 00:00:00 2024\r\nNote: no empty line before it\r\n\r\n"
        b"From a Mon Jan  1 00:00:00 2024\r\nno field\r\n\r\n"
        b"From MAILER-DAEMON Fri Feb  2 03:04:05 2024\r\nSubject: two\r\n\r\n>From x\r\n>>From y\r\n"
    )
    assert mbox_files.begins(place)
    one, two = mbox_files.mails(place)
    assert mbox_files.read(place, one.offset, one.length).endswith(b"no field\r\n\r\n")
    assert two.said == datetime(2024, 2, 2, 3, 4, tzinfo=UTC)
    assert mbox_files.read(place, two.offset, two.length).endswith(b"From x\r\n>From y\r\n")


def test_the_page_has_every_column_and_its_examples_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs/howto/moving-in.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == dict(COLUMNS)
    examples = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    assert examples
    for number, text in enumerate(examples):
        assert brought(folder, text, "--dry-run", name=f"{number}.csv") == os.EX_OK, capsys.readouterr().err
