"""Mail programs that people use write to the desk: swaks, mutt, s-nail, and what `make run` says to type."""

from __future__ import annotations

import re
import shutil
import subprocess
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.peers.real_desk import Desk


def peer(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name} (make peers)")
    return found


def swaks(desk: Desk, *arguments: str, protocol: str = "SMTP") -> subprocess.CompletedProcess[str]:
    door = desk.lmtp if protocol == "LMTP" else desk.smtp
    command = [peer("swaks"), "--server", f"127.0.0.1:{door}", "--protocol", protocol, "--from", "carol@example.org"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("protocol", ["SMTP", "ESMTP", "LMTP"])
def test_swaks_opens_an_incident(desk: Desk, protocol: str) -> None:
    done = swaks(
        desk,
        *("--to", "support@example.com", "--header", "Subject: Crane stuck", "--body", "It stopped."),
        protocol=protocol,
    )
    assert done.returncode == 0, done.stdout
    assert [row["ending"] for row in desk.ended(1)] == ["new"]
    assert [row["title"] for row in desk.ask("incidents")] == ["Crane stuck"]


def test_swaks_is_refused_for_addresses_that_are_not_ours(desk: Desk) -> None:
    done = swaks(desk, "--to", "somebody@example.net")
    assert "550" in done.stdout
    assert done.returncode != 0
    assert desk.ask("inbox") == []


def test_lmtp_answers_swaks_for_each_recipient(desk: Desk) -> None:
    """RFC 2033 section 4.2: one reply for each recipient that was accepted."""
    done = swaks(desk, "--to", "support@example.com,support+cmd@example.com", protocol="LMTP")
    after_the_dot = done.stdout.rsplit(" -> .\n", 1)[1]
    assert after_the_dot.count("<-  250") >= 2, done.stdout


def test_a_mail_of_mutt_with_an_attachment(desk: Desk, tmp_path: Path) -> None:
    settings = {
        "smtp_url": f"smtp://127.0.0.1:{desk.smtp}/",
        "from": "carol@example.org",
        "realname": "Carol Carter",
        "folder": str(tmp_path),
        "send_charset": "us-ascii:utf-8",
        **dict.fromkeys(("copy", "ssl_force_tls", "ssl_starttls", "use_domain"), "no"),
    }
    (tmp_path / "muttrc").write_text("".join(f'set {key}="{value}"\n' for key, value in settings.items()))
    (tmp_path / "Bericht März.txt").write_text("Höhe 12 m\n")
    command = [peer("mutt"), "-n", "-F", str(tmp_path / "muttrc"), "-s", "Kran hängt", "-a"]
    subprocess.run(
        [*command, str(tmp_path / "Bericht März.txt"), "--", "support@example.com"],
        input="Er steht auf halber Höhe.\n",
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        text=True,
        timeout=60,
    )
    desk.ended(1)
    incident = desk.ask("incident", "1")
    assert incident["title"] == "Kran hängt"
    opened = incident["updates"][0]
    assert opened["text"].strip() == "Er steht auf halber Höhe."
    assert [file["name"] for file in opened["attachments"]] == ["Bericht März.txt"]


def test_a_mail_of_s_nail(desk: Desk, tmp_path: Path) -> None:
    settings = {
        "v15-compat": "yes",
        "mta": f"smtp://127.0.0.1:{desk.smtp}",
        "smtp-auth": "none",
        "from": "carol@example.org",
        "sendcharsets": "utf-8",
    }
    options = [option for key, value in settings.items() for option in ("-S", f"{key}={value}")]
    subprocess.run(
        [peer("s-nail"), "-:/", "-Sttycharset=utf-8", *options, "-s", "Crane stuck", "support@example.com"],
        input="It stopped at half height.\n",
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        text=True,
        timeout=60,
    )
    desk.ended(1)
    assert desk.ask("incident", "1")["updates"][0]["text"].strip() == "It stopped at half height."


def test_a_conversation_by_swaks_stays_one_incident(desk: Desk) -> None:
    """Customer, engineer, customer: each answers the letter they got, at the address it asks for."""
    swaks(desk, "--to", "support@example.com", "--header", "Subject: Crane stuck", "--body", "It stopped.")
    desk.ended(1)
    brief = desk.letters("ann@example.com")[-1]
    answer = ["--from", "ann@example.com", "--to", parseaddr(brief["Reply-To"])[1], "--body", "Press the red button."]
    assert swaks(desk, *answer, "--header", f"Subject: Re: {brief['Subject']}").returncode == 0
    desk.ended(2)
    told = desk.letters("carol@example.org")[-1]
    assert "Press the red button." in str(told)
    assert swaks(desk, "--to", parseaddr(told["Reply-To"])[1], "--body", "It moves, thank you.").returncode == 0
    assert [row["ending"] for row in desk.ended(3)].count("new") == 1
    assert len(desk.ask("incidents")) == 1
    said = [update["text"].strip() for update in desk.ask("incident", "1")["updates"] if update["direction"] != "none"]
    assert said == ["It stopped.", "Press the red button.", "It moves, thank you."]


def test_what_make_run_says_to_type_opens_incidents(desk: Desk) -> None:
    """The three ways to write as Carol, copied from the page."""
    page = (Path(__file__).parents[2] / "docs" / "tutorial" / "what-to-type.txt").read_text()
    commands = re.findall(r"^    ((?:swaks|printf|python3) (?:.*\\\n)*.*)$", page, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["swaks", "printf", "python3"]
    for needed in ("swaks", "curl"):
        peer(needed)
    for command in commands:
        here = command.replace("127.0.0.1:8025", f"127.0.0.1:{desk.smtp}").replace("8025", str(desk.smtp))
        done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"
    assert [row["ending"] for row in desk.ended(3)] == ["new"] * 3
