"""A letter scores no point for its form with SpamAssassin, offline: what stands in a letter is judged, no address."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sitmail.cli.letters_gallery import files_of, shown
from sitmail.cli.messages import LANGUAGES
from sitmail.cli.samples import samples
from sitmail.sending.letters.templates import Letters, packaged

SPAMASSASSIN = shutil.which("spamassassin")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SPAMASSASSIN, reason="no spamassassin: make peers")]
ADVERT = (
    "From: winner@example.net\nTo: a@example.com\nSubject: YOU HAVE WON!!!\nMIME-Version: 1.0\n"
    "Content-Type: text/html\n\n<html><body><font size=7>CLICK HERE</font><img src=http://example.net/a.gif></body></html>\n"
)


def scores(mails: dict[str, bytes], folder: Path) -> dict[str, tuple[float, str]]:
    """By name: points, and the rules that gave them.  One run reads all, as a mailbox (RFC 4155)."""
    box = b"".join(
        b"From desk@example.com Mon Mar  2 09:00:00 2026\n"
        + f"X-Name: {name}\n".encode()
        + re.sub(rb"(?m)^From ", b">From ", mail.replace(b"\r\n", b"\n"))
        + b"\n"
        for name, mail in mails.items()
    )
    (folder / "mails.mbox").write_bytes(box)
    command = [
        str(SPAMASSASSIN),
        "--local",
        "--mbox",
        "--nocreate-prefs",
        "--prefspath=/dev/null",
        "--cf=report_safe 0",
    ]
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        [*command, "mails.mbox"], cwd=folder, env=home, capture_output=True, text=True, errors="replace", check=True
    )
    found = {}
    judged = re.split(r"(?m)^From desk@example\.com .*\n", run.stdout)[1:]
    for mail in judged:  # in an order of its own
        head = re.sub(r"\n[ \t]+", " ", mail.partition("\n\n")[0])
        status = re.search(r"^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?) autolearn=", head, re.MULTILINE)
        name = re.search(r"^X-Name: (.*)$", head, re.MULTILINE)
        assert status and name, head
        found[name[1]] = (float(status[1]), status[2])
    return found


def test_no_letter_scores_a_point(tmp_path: Path) -> None:
    book = Letters([packaged()])
    first = {purpose: several[:1] for purpose, several in samples().items()}
    mails = {
        f"{one.name}.{language}": files_of(one, number)["eml"]
        for language in ("en", *LANGUAGES)
        for number, one in enumerate(shown(book, language, first), 1)
    }
    found = scores({**mails, "advert": ADVERT.encode()}, tmp_path)
    assert found.pop("advert")[0] > 1
    assert found.keys() == mails.keys()
    assert {name: one for name, one in found.items() if one[0] > 0.05} == {}
