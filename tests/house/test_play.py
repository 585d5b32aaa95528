"""The example desk (`make run`) and the configurations on pages have no mistakes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sitmail import config
from tests.peers.fresh_debian import pages as fresh_debian

TOP = Path(__file__).parents[2]
HOWTOS = sorted(str(path.relative_to(TOP)) for path in (TOP / "docs" / "howto").glob("*.md"))


def test_the_desk_to_play_with_has_no_mistakes(tmp_path: Path, checkout: Path) -> None:
    for path in (checkout / "docs" / "tutorial").glob("*.toml"):
        shutil.copy(path, tmp_path)
    settings = config.load(tmp_path / "config.toml", {})
    assert settings.warnings == ()
    assert settings.policy.reference(1) == "[EX-1]"
    assert [contact.name for contact in settings.directory.contacts] == ["Carol Carter", "Dave Dunn"]


@pytest.mark.parametrize("page", ["README.md", "systemd/README.md", *HOWTOS])
def test_every_configuration_in_a_page_can_be_read(tmp_path: Path, texts: dict[str, str], page: str) -> None:
    """A page shows tables; where it leaves out what every desk needs, that is added here."""
    for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```", texts[page], re.DOTALL | re.MULTILINE)):
        needed = '[desk]\naddress = "support@example.com"\n' if "[desk]" not in block else ""
        path = tmp_path / f"config{number}.toml"
        password = tmp_path / "password"
        password.write_text("secret\n")
        for name in re.findall(r'^tls_(?:cert|key) = "(.*)"', block, re.MULTILINE):
            (tmp_path / name).touch()
        path.write_text(needed + re.sub(r'password_file = ".*"', f'password_file = "{password}"', block))
        config.load(path, {})


def test_make_run_starts_with_those_files(checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text()
    named = re.findall(r"docs/tutorial/[\w.-]+", makefile)
    assert named
    assert [name for name in named if not (checkout / name).is_file()] == []


def test_what_is_typed_on_a_fresh_debian_stands_on_the_pages() -> None:
    """`make debian` takes long and needs root; here its script is only put together and read by the shell."""
    step, rest = fresh_debian.first_step(), fresh_debian.the_rest()
    assert step[0].startswith("apt-get install git python3-venv")
    assert any("git clone /" in line for line in step)
    typed = "\n".join(rest)
    for line in (
        "useradd --system",
        "sitmail init /etc/sitmail",
        "systemctl enable --now sitmail-lmtp.socket'\ntyped 'systemctl enable --now sitmail.service",
        "cat >>/etc/postfix/transport",
        "tar -czf /var/backups/",
        "git pull",
        "rm -r /opt/sitmail",
    ):
        assert line in typed
    subprocess.run(["bash", "-n"], input=f"{fresh_debian.SAYING}\n{typed}\n", text=True, check=True)
