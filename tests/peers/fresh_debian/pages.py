"""What is typed and written on the fresh system: taken from the pages, with what a page leaves to the admin."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
# The machine as it was before: Postfix takes mail for example.com, where Alice and Carol have mailboxes.
MACHINE = {
    "etc/hosts": "127.0.0.1 localhost mx.example.com mx\n",
    "etc/postfix/main.cf": """\
compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com, localhost
alias_maps =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
""",
}
# `git clone URL`: from where.
URL = "/srv/sitmail.git"
WHEELS = "/srv/wheels"
# "Now edit /etc/sitmail/config.toml": nothing that the desk of this proof needs, but an edit all the same.
EDIT = """sed -i 's/^#name = "Support" .*/name = "Example Support"/' /etc/sitmail/config.toml"""
# Each line is shown before it is carried out, and the one that failed is named.
SAYING = """\
trap 'echo "FAILED with $?: $BASH_COMMAND"' ERR
typed() { echo "# $1"; eval "$1"; }
until_true() {
    for _ in $(seq 300); do
        if eval "$1" >/dev/null 2>&1; then echo "  yes: $1"; return 0; fi
        sleep 0.3
    done
    echo "  NEVER: $1"
    return 1
}
mail() {
    printf '%s\\n' 'From: Carol <carol@example.com>' 'To: support@example.com' 'Subject: Crane stuck' \\
        "Message-ID: <$1@example.com>" '' 'It stopped at half height.' |
        sendmail -f carol@example.com support@example.com
}
"""


def first_step() -> list[str]:
    """README, Install, step 1."""
    step = page("README.md", "Install").partition("\n2. ")[0]
    fetched = f"/opt/sitmail/bin/pip download -q -d {WHEELS} hatchling"
    return [*(line.replace(" URL ", f" {URL} ") for line in commands(step)), fetched]


def the_rest() -> list[str]:
    """A shell script, line by line: the pages' lines as `typed '...'`, and between them what shows that they work."""
    return [
        "useradd --create-home alice; useradd --create-home carol",
        *said(commands(page("systemd/README.md")), instead={"enable --now sitmail.service": with_postfix()}),
        "typed 'systemctl is-active sitmail.service sitmail-lmtp.socket postfix'",
        *written("postfix.md", "/etc/postfix"),
        "typed 'systemctl reload postfix'",
        "mail one",
        "until_true 'grep -q \"^Subject: .SIT-1. We have your message\" /var/mail/carol'",
        "until_true 'grep -q \"^Subject: .SIT-1. Crane stuck\" /var/mail/alice'",
        *said(commands(page("docs/howto/operate.md", "Watch"))[:1]),
        "typed 'runuser -u sitmail -- sitmail incidents'",
        "typed 'systemctl reload sitmail'",
        "typed 'man -P cat sitmail | head -5'",
        *said(commands(page("docs/howto/operate.md", "Back up"))),
        *upgrade(),
        "mail two",
        "until_true 'grep -q \"SIT-2\" /var/mail/carol'",
        "typed 'journalctl -u sitmail --no-pager -p warning'",
        "typed 'systemd-analyze security --no-pager sitmail.service | tail -1'",
        *exit_codes(),
        *said(commands(page("docs/howto/operate.md", "Remove"))),
    ]


def with_postfix() -> list[str]:
    """The units' page has one more line for a machine with Postfix, inside a sentence."""
    sentence = re.search(r"also `(systemctl enable[^`]*)`, before the service", page("systemd/README.md"))
    assert sentence
    return [sentence[1]]


def upgrade() -> list[str]:
    """There is no network any more: what builds the program was fetched in the first step."""
    return [f"export PIP_NO_INDEX=1 PIP_FIND_LINKS={WHEELS}", *said(commands(page("docs/howto/operate.md", "Upgrade")))]


def exit_codes() -> list[str]:
    """After a mistake in the configuration, or with a key file it may not read, the service is not started again."""
    lines = []
    for code, break_it, mend_it in (
        ("78", "echo nonsense = 1 >>/etc/sitmail/config.toml", "sed -i '/^nonsense/d' /etc/sitmail/config.toml"),
        ("7[78]", "chown root /var/lib/sitmail/sitmail.key", "chown sitmail /var/lib/sitmail/sitmail.key"),
    ):
        lines += [
            break_it,
            "systemctl stop sitmail-lmtp.socket sitmail; systemctl start sitmail || true",
            f"until_true 'systemctl show -P ExecMainStatus sitmail | grep -x {code} && systemctl is-failed sitmail'",
            "sleep 7",
            "typed 'systemctl show -P NRestarts sitmail'",
            "[ $(systemctl show -P NRestarts sitmail) = 0 ]",
            "typed 'journalctl -u sitmail --no-pager -n 3 -o cat'",
            f"{mend_it}; systemctl reset-failed sitmail; systemctl start sitmail-lmtp.socket sitmail",
        ]
    return lines


def said(lines: list[str], instead: dict[str, list[str]] | None = None) -> list[str]:
    """Lines of a page as they are typed; before a line that ends so, others; the edit after `sitmail init`."""
    script = []
    for line in lines:
        before = next((more for end, more in (instead or {}).items() if line.endswith(end)), [])
        script += [f"typed {quoted(one)}" for one in (*before, line)]
        if " init " in line:
            script.append(f"typed {quoted(EDIT)}")
    return script


def written(name: str, folder: str) -> list[str]:
    """The files of a page's blocks that are named by their file alone: main.cf is lengthened, the others are new."""
    text = page(f"docs/howto/{name}")
    script = []
    for file, content in re.findall(r"^```([a-z_.]+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if file in ("main.cf", "transport", "sitmail_recipients"):
            script += [f"echo '# write {folder}/{file}'", f"cat >>{folder}/{file} <<'END'\n{content}END"]
    return script


def commands(text: str) -> list[str]:
    """The lines that a page shows by indenting them, those of cron and of other files left out."""
    block = re.findall(r"^(?:    |       )([a-z/].*)$", text, re.MULTILINE)
    return [line.partition("            # ")[0].rstrip() for line in block]


def page(name: str, section: str = "") -> str:
    text = (CHECKOUT / name).read_text()
    if not section:
        return text
    found = re.search(rf"^## {section}[^\n]*\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"{name} has no section {section}"
    return found[1]


def quoted(line: str) -> str:
    return "'" + line.replace("'", "'\\''") + "'"
