"""`sitmail letters`: every letter in files, with the admin's templates and the names of the configuration."""

from __future__ import annotations

import json
import os
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from sitmail.cli.main import run
from sitmail.domain.notice_purposes import PURPOSES

CONFIG = """
[desk]
name = "Pump Desk"
address = "help@pumps.example"
tag = "PUMP"
[relay]
url = "maildir:outgoing"
[letters]
folder = "ours"
[[engineer]]
id = "greta"
name = "Greta Grün"
addresses = ["greta@pumps.example"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SITMAIL_CONFIG", raising=False)
    return tmp_path


def test_every_letter_is_there_as_mail_text_and_page(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["letters", "out", "--language", "de", "--json"]) == os.EX_OK
    told = json.loads(capsys.readouterr().out)
    assert (told["folder"], told["language"]) == ("out", "de")
    assert {row["letter"] for row in told["letters"]} == {str(purpose) for purpose in PURPOSES}
    index = (here / "out" / "index.html").read_text()
    for row in told["letters"]:
        text, page = ((here / "out" / f"{row['name']}.{ending}").read_text() for ending in ("txt", "html"))
        mail = BytesParser(policy=policy.default).parsebytes((here / "out" / f"{row['name']}.eml").read_bytes())
        parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
        assert mail["Subject"] == row["subject"]
        assert [str(part.get_content()).replace("\r\n", "\n").strip() for part in parts.values() if part] == [
            text.strip(),
            page.strip(),
        ]
        assert all(f'href="{row["name"]}.{ending}"' in index for ending in ("eml", "txt", "html"))


def test_templates_and_names_are_those_of_the_configuration(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.toml").write_text(CONFIG)
    (here / "ours").mkdir()
    (here / "ours" / "answer.txt").write_text(
        '{% extends "packaged/answer.txt" %}{% block close %}Your pump people{% endblock %}'
    )
    (here / "ours" / "note.txt").write_text("Subject: x\n\n{{ nothing.here }}")
    assert run(["letters", "out"]) == os.EX_OK
    assert "note.txt" in capsys.readouterr().err
    answer, assigned = ((here / "out" / f"{name}-1.txt").read_text() for name in ("answer", "assigned"))
    assert "Your pump people" in answer
    assert "Pump Desk" in answer
    assert "[PUMP-12]" in assigned
    assert "Greta Grün" in assigned
    assert "help+n12.k@pumps.example" in assigned
    assert "example.com" not in (here / "out" / "assigned-1.eml").read_text().partition("To:")[0]


def test_a_folder_is_written_again_but_not_one_of_others(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["letters", "out"]) == run(["letters", "out"]) == os.EX_OK
    (here / "mine").mkdir()
    (here / "mine" / "index.html").write_text("<p>mine")
    assert run(["letters", "mine"]) == os.EX_CANTCREAT
    assert [path.name for path in (here / "mine").iterdir()] == ["index.html"]
    assert run(["letters", "out", "--language", "nl"]) == os.EX_USAGE
    assert "en, de and fr" in capsys.readouterr().err
