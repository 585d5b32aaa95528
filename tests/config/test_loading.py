"""How a valid file is read: defaults, overrides, secrets, paths and listeners."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sitmail import config
from sitmail.config import files
from sitmail.config.mistakes import ConfigError
from sitmail.config.patterns import Compiled, compiled
from sitmail.config.public_holidays import PublicHolidays
from sitmail.config.settings import without_effect
from sitmail.config.tables import Table, key
from sitmail.domain.engineers import Engineer, Shift, Team
from sitmail.domain.hours import Calendar, Span
from sitmail.domain.people import Kind
from sitmail.domain.policy import Limits, Mailbox, Monitor, Partner, Route, Trust
from sitmail.domain.priorities import Priority
from sitmail.domain.service_level import Closing
from sitmail.services import routing

DESK = '[desk]\naddress = "Support@Example.com"\n'
ALICE = '[[engineer]]\nid = "alice"\naddresses = ["Alice@example.com"]\n'
NOBODY = "config.toml: there is no [[engineer]], so nobody is told of new incidents"


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def load(folder: Path, text: str, **environ: str) -> config.Config:
    return config.load(write(folder, text), environ)


def lines(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        load(folder, text, **environ)
    return caught.value.lines


# --- an almost empty file


def test_an_address_is_enough(tmp_path: Path) -> None:
    loaded = load(tmp_path, DESK)
    policy = loaded.policy
    assert policy.mailboxes == (
        Mailbox("support@example.com", name="Support", reply="support+{}@example.com", cc="same-site", assign="auto"),
    )
    assert (policy.tag, policy.timezone, policy.language, policy.plus, policy.send_delay) == (
        "SIT",
        "UTC",
        "en",
        True,
        0,
    )
    assert policy.closing == Closing("solved", Span(days=1), Span(days=2), 1)
    assert policy.trust == Trust("", (0,), False, "proof", "from", "open")
    assert policy.limits == Limits(4, 40, 20, 60, 20, 10, 300)
    assert [p.id for p in policy.priorities] == ["low", "medium", "high", "critical"]
    assert policy.priority == "medium"
    hours = dict.fromkeys(range(5), ((9 * 3600, 17 * 3600),))
    assert policy.calendars == {"office": Calendar("office", "UTC", hours)}
    assert (policy.calendar, policy.service_level, policy.service_levels) == ("office", "", {})
    resolutions = [(one.id, one.name, one.closing_status) for one in policy.dictionary.resolutions]
    assert resolutions[:2] == [
        ("sent-information", "Sent information", "sent-information"),
        ("solved", "Solved", "solved"),
    ]
    assert policy.relay_max == 10_000_000
    assert loaded.warnings == (NOBODY,)


def test_machinery_of_an_almost_empty_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, DESK)
    assert loaded.data == tmp_path
    assert loaded.key_file.parent == tmp_path
    assert loaded.store == config.StoreSettings(f"sqlite:///{tmp_path}/sitmail.db", tmp_path / "blobs")
    assert [str(door) for door in loaded.smtp.listen] == ["127.0.0.1:8025"]
    assert [str(door) for door in loaded.lmtp.listen] == [f"unix:{tmp_path}/lmtp.sock", "127.0.0.1:8024"]
    assert loaded.smtp.max_message_size == 50_000_000
    assert loaded.smtp.hostname
    assert (loaded.smtp.tls_cert, loaded.smtp.tls_key, loaded.templates) == (None, None, ())
    assert loaded.relay == config.Relay("smtp://127.0.0.1:25", "smtp", "127.0.0.1", 25, None, "", "")


def test_doors_for_grown_ups(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("")
    loaded = load(
        tmp_path,
        DESK
        + """[smtp]
listen = ["tls:0.0.0.0:465", "tls:[::1]:465", "0.0.0.0:25"]
tls_cert = "cert.pem"
passwords = "passwd"
proxy_from = ["192.0.2.1", "2001:db8::/32"]
max_connections = 7
[lmtp]
listen = ["127.0.0.1:24", "unix:lmtp/here"]
""",
    )
    assert [(str(door), door.tls) for door in loaded.smtp.listen] == [
        ("tls:0.0.0.0:465", True),
        ("tls:[::1]:465", True),
        ("0.0.0.0:25", False),
    ]
    assert [str(network) for network in loaded.smtp.proxy_from] == ["192.0.2.1/32", "2001:db8::/32"]
    assert (loaded.smtp.max_connections, loaded.smtp.passwords) == (7, tmp_path / "passwd")
    assert loaded.lmtp.spool == tmp_path / "lmtp" / "deliver"
    assert load(tmp_path, DESK + '[lmtp]\nlisten = ["127.0.0.1:24"]').lmtp.spool == tmp_path / "deliver"
    assert load(tmp_path, DESK + '[lmtp]\nspool = "/var/pipe"').lmtp.spool == Path("/var/pipe")


def test_a_password_file_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "passwd"
    path.write_text("ann:$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43 + "\n")
    path.chmod(0o640)
    text = DESK + '[smtp]\npasswords = "passwd"\n'
    assert any("nobody can log in without tls_cert" in line for line in load(tmp_path, text).warnings)
    path.chmod(0o644)
    assert lines(tmp_path, text) == [
        "config.toml: smtp.passwords: passwd: others may read or change it; chmod 640 passwd"
    ]
    path.chmod(0o600)
    path.write_text("ann:secret\n")
    [line] = lines(tmp_path, text)
    assert "passwd: line 1: expected name:$scrypt$..." in line
    assert "secret" not in line


def test_defaults_need_no_file() -> None:
    loaded = config.defaults()
    assert loaded.path is None
    assert loaded.policy.limits == Limits()
    assert loaded.warnings == ()


# --- a fuller one

FULL = r"""
[desk]
address = "support@example.com"
name = "Acme Support"
tag = "acme"
timezone = "Europe/London"
former_tags = ['\(CASE:(\d+)\)']
former_offset = 1000
team = "front"
default_owner = "alice"
send_delay = "90s"
[trust]
authserv_id = "mx.example.com"
authserv_hops = [1, 2]
authserv_strips = true
[attachments]
relay_max = "64 KiB"
[[mailbox]]
address = "sales@example.org"
owner = "alice"
[[mailbox]]
address = "Support@example.com"
name = "Help"
cc = "any"
[[calendar]]
name = "always"
week = { mon = ["12:00-24:00", "00:00-12:00"], sun = ["10:00-12:30"] }
holidays = [2026-12-25, "2026-12-26"]
holidays_of = "gb-SCT"
exceptions = { 2026-12-24 = ["09:00-12:00"], "2026-11-30" = [] }
day = "7h 30m"
[[service_level]]
name = "basic"
[[service_level]]
name = "gold"
default = true
calendar = "always"
reopen_days = 5
[[service_level.target]]
priority = "p1"
first_response = "4h"
problem = "1d"
resolution = "1w 2d"
update_every = "2d"
warn_at = [0.9, 0.5, 0.9]
[[priority]]
id = "p2"
[[priority]]
id = "p1"
name = "Urgent"
default = true
[[team]]
id = "front"
on_duty = ["alice"]
[[engineer]]
id = "alice"
name = "Alice Archer"
addresses = ["Alice@example.com", "a@example.net"]
role = "admin"
teams = ["front"]
manager = "alice"
[[vendor]]
id = "acme"
addresses = ["help@example.net"]
[[route]]
mailbox = "SALES@example.org"
words = ["invoice"]
team = "front"
[[monitor]]
addresses = ["alerts@example.com"]
fingerprint = "X-Alert-Id"
[[monitor]]
addresses = ["cron@example.com"]
fingerprint = 'host (\S+)'
[[block]]
addresses = ["@Spam.example", "x@example.net"]
"""


def test_every_table_reaches_the_policy(tmp_path: Path) -> None:
    policy = load(tmp_path, FULL).policy
    assert policy.mailboxes == (
        Mailbox("support@example.com", "Help", "front", cc="any", reply="support+{}@example.com"),
        Mailbox("sales@example.org", "Acme Support", "front", "alice", reply="sales+{}@example.org"),
    )
    assert policy.former_tags[0].search("Re: (case:77)")[1] == "77"  # type: ignore[index]
    assert (policy.former_offset, policy.send_delay, policy.relay_max) == (1000, 90, 65_536)
    assert policy.trust.authserv_hops == (1, 2)
    always = policy.calendars[policy.calendar]
    assert (always.name, always.timezone, always.day) == ("always", "Europe/London", 27_000)
    assert always.week == {0: ((0, 43_200), (43_200, 86_400)), 6: ((36_000, 45_000),)}
    assert always.holidays == {date(2026, 12, 25), date(2026, 12, 26)}
    assert always.public == PublicHolidays("GB-SCT")
    assert always.exceptions == {date(2026, 12, 24): ((32_400, 43_200),), date(2026, 11, 30): ()}
    assert (policy.service_level, policy.service_levels["gold"].reopen_days) == ("gold", 5)
    target = policy.service_levels["gold"].targets["p1"]
    assert list(target.spans.items()) == [
        ("first_response", Span(4 * 3600)),
        ("problem", Span(days=1)),
        ("resolution", Span(days=2, weeks=1)),
        ("update", Span(days=2)),
    ]
    assert target.warn_at == (0.5, 0.9)
    assert (policy.priorities, policy.priority) == ((Priority("p2", "p2"), Priority("p1", "Urgent")), "p1")
    assert policy.teams == {"front": Team("front", "front", (Shift(("alice",)),))}
    addresses = ("alice@example.com", "a@example.net")
    alice = Engineer("alice", "Alice Archer", addresses, role="admin", teams=("front",), manager="alice")
    assert policy.engineers == {"alice": alice}
    assert policy.partners == (Partner(Kind.VENDOR, "acme", "acme", ("help@example.net",)),)
    assert policy.routes == (
        Route(mailbox="sales@example.org", words=(Compiled("invoice", case_blind=True),), team="front"),
    )
    assert policy.monitors == (
        Monitor(("alerts@example.com",), "X-Alert-Id"),
        Monitor(("cron@example.com",), "", compiled(r"host (\S+)")),
    )
    assert policy.blocks == ("@spam.example", "x@example.net")


def test_own_reply_pattern_serves_every_mailbox(tmp_path: Path) -> None:
    text = DESK + 'reply_address = "{}@tickets.example.com"\n[[mailbox]]\naddress = "sales@example.com"'
    assert {box.reply for box in load(tmp_path, text).policy.mailboxes} == {"{}@tickets.example.com"}


@pytest.mark.parametrize(
    ("text", "priority"),
    [('id = "low"\n[[priority]]\nid = "medium"', "medium"), ('id = "p1"\n[[priority]]\nid = "p2"', "p1")],
)
def test_new_incidents_get_medium_else_the_first(tmp_path: Path, text: str, priority: str) -> None:
    assert load(tmp_path, f"{DESK}[[priority]]\n{text}").policy.priority == priority


class Later(Table):
    """A table with a key that comes later."""

    now: str = key("", "has an effect")
    then: str = key("", "has none yet", later=True)


def test_what_has_no_effect_is_named_once() -> None:
    assert list(without_effect(Later(now="a", then="b"), ("table",))) == [("table", "then")]
    assert list(without_effect(Later(now="a"))) == []


def test_hops_that_nobody_vouches_for_are_named(tmp_path: Path) -> None:
    told = "config.toml: trust.authserv_hops: above 0 nothing is believed without authserv_strips = true"
    assert load(tmp_path, f'{DESK}{ALICE}[trust]\nauthserv_id = "mx"\nauthserv_hops = 1').warnings == (told,)


# --- relay and store


@pytest.mark.parametrize(
    ("written", "relay"),
    [
        ('url = "smtps://mail.example.com"', ("smtps://mail.example.com:465", "smtps", "mail.example.com", 465)),
        ('url = "smtp+starttls://[::1]"', ("smtp+starttls://[::1]:587", "smtp+starttls", "::1", 587)),
        ('url = "smtp://localhost:2525/"', ("smtp://localhost:2525", "smtp", "localhost", 2525)),
    ],
)
def test_relay_has_a_port_for_each_scheme(tmp_path: Path, written: str, relay: tuple[str, str, str, int]) -> None:
    found = load(tmp_path, f"{DESK}[relay]\n{written}").relay
    assert (found.url, found.scheme, found.host, found.port) == relay


def test_relay_may_be_a_folder(tmp_path: Path) -> None:
    found = load(tmp_path, f'{DESK}[relay]\nurl = "maildir:outgoing"').relay
    assert (found.scheme, found.folder) == ("maildir", tmp_path / "outgoing")
    found = load(tmp_path, f'{DESK}[relay]\nurl = "maildir://out%20going"').relay
    assert (found.url, found.folder) == (f"maildir:{tmp_path}/out%20going", tmp_path / "out going")


def test_login_in_the_url_never_shows(tmp_path: Path) -> None:
    found = load(tmp_path, f'{DESK}[relay]\nurl = "smtps://me%40x:s%2fcret@example.com"').relay
    assert (found.user, found.password, found.url) == ("me@x", "s/cret", "smtps://example.com:465")
    assert "s/cret" not in repr(found)


def test_data_stands_beside_the_database(tmp_path: Path) -> None:
    loaded = load(tmp_path, f'{DESK}[store]\nurl = "sqlite:///var/desk.db"\nblobs = "database"')
    assert (loaded.store.url, loaded.store.blobs) == (f"sqlite:///{tmp_path}/var/desk.db", None)
    assert loaded.data == tmp_path / "var" == config.data_folder(tmp_path / "config.toml", {})
    absolute = load(tmp_path, f'{DESK}[store]\nurl = "sqlite:////srv/desk.db"')
    assert (absolute.store.url, absolute.data) == ("sqlite:////srv/desk.db", Path("/srv"))
    elsewhere = load(tmp_path, f'{DESK}[store]\nurl = "postgresql+psycopg://desk@localhost/desk"')
    assert elsewhere.data == tmp_path == config.data_folder(tmp_path / "config.toml", {})


def test_own_letters_stand_beside_the_file_or_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir(0o555)
    (tmp_path / "wording").mkdir(0o555)
    assert load(tmp_path, DESK).templates == (tmp_path / "templates",)
    assert load(tmp_path, f'{DESK}[letters]\nfolder = "wording"\n').templates == (tmp_path / "wording",)
    with pytest.raises(ConfigError, match=r"letters\.folder: 'wordign': there is no such folder"):
        load(tmp_path, f'{DESK}[letters]\nfolder = "wordign"\n')


@pytest.mark.parametrize("place", ["templates", "templates/locale", "templates/answer.txt"])
def test_letters_that_everybody_may_write_are_refused(tmp_path: Path, place: str) -> None:
    folder = own_letters(tmp_path)
    load(tmp_path, DESK)
    with_more = tmp_path / place
    with_more.chmod(with_more.stat().st_mode | 0o002)
    with pytest.raises(ConfigError) as told:
        load(tmp_path, DESK)
    (line,) = told.value.lines
    assert line.startswith(f"config.toml: letters.folder: everybody may write to {with_more}, ")
    assert line.endswith(f"chmod -R o-w {folder}")


def test_letters_that_the_daemons_user_may_write_are_refused(tmp_path: Path) -> None:
    """The daemon's user is who owns its data; root may write everywhere, and is not asked."""
    folder = own_letters(tmp_path)
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
        os.chown(folder, 65534, 65534)
    load(tmp_path, DESK)
    folder.chmod(0o755)
    with pytest.raises(ConfigError, match=rf"the daemon's user, \w+, may write to {folder}, but .*chown -R root"):
        load(tmp_path, DESK)


def own_letters(folder: Path) -> Path:
    """A folder of letters that nobody may write to, root excepted."""
    (folder / "templates" / "locale").mkdir(parents=True)
    (folder / "templates" / "answer.txt").write_text("Subject: x\n\nx\n")
    for place, mode in (("templates/answer.txt", 0o444), ("templates/locale", 0o555), ("templates", 0o555)):
        (folder / place).chmod(mode)
    return folder / "templates"


# --- the environment


def test_variables_have_precedence(tmp_path: Path) -> None:
    environ = {
        "SITMAIL_RELAY__URL": "smtp://localhost:26",
        "SITMAIL_SMTP__LISTEN": "127.0.0.1:1, 127.0.0.1:2",
        "SITMAIL_LMTP__LISTEN": "[]",
        "SITMAIL_DESK__PLUS": "false",
        "SITMAIL_DESK__TAG": "NEW",
        "SITMAIL_LIMITS__FOLD_WITHIN": "1m",
        "SITMAIL_LIMITS__DIGEST_ABOVE": "3",
        "SITMAIL_ENGINEER__0__NAME": "123",
        "SITMAIL_TEAM": '[{ id = "front" }]',
        "SITMAIL_CONFIG": "elsewhere.toml",
        "SITMAIL_SOCKET": "lmtp.sock",
        "SITMAIL_DEBUG": "1",
        "HOME": "/",
    }
    loaded = load(tmp_path, f'{DESK}tag = "OLD"\n{ALICE}', **environ)
    policy = loaded.policy
    assert loaded.relay.url == "smtp://localhost:26"
    assert [door.port for door in loaded.smtp.listen] == [1, 2]
    assert loaded.lmtp.listen == ()
    assert (policy.plus, policy.tag, policy.limits.fold_within, policy.limits.digest_above) == (False, "NEW", 60, 3)
    assert policy.engineers["alice"].name == "123"
    assert list(policy.teams) == ["front"]
    assert loaded.warnings == ()


def test_unknown_variables_are_named(tmp_path: Path) -> None:
    environ = {"SITMAIL_RELAY__ULR": "x", "SITMAIL_RELAI__URL": "x", "SITMAIL_QUITE_ELSE": "x"}
    assert load(tmp_path, DESK + ALICE, **environ).warnings == (
        "SITMAIL_QUITE_ELSE: unknown variable",
        "SITMAIL_RELAI__URL: unknown variable (did you mean SITMAIL_RELAY__URL?)",
        "SITMAIL_RELAY__ULR: unknown variable (did you mean SITMAIL_RELAY__URL?)",
    )


def test_a_variable_s_mistake_is_told_under_its_name(tmp_path: Path) -> None:
    environ = {"SITMAIL_DESK__TAG": "7", "SITMAIL_ENGINEER__1__NAME": "Bob", "SITMAIL_LIMITS__DIGEST_ABOVE": "many"}
    assert lines(tmp_path, DESK + ALICE, **environ) == [
        "SITMAIL_ENGINEER__1__NAME: there is no engineer[1] to change",
        "SITMAIL_DESK__TAG: expected 2 to 10 letters such as \"SIT\", not '7'",
        "SITMAIL_LIMITS__DIGEST_ABOVE: expected a whole number, not 'many'",
    ]


GOLD = '[[service_level]]\nname = "gold"\n[[service_level.target]]\npriority = "low"\nfirst_response = "1h"\n'


def test_variables_reach_rows_by_their_number(tmp_path: Path) -> None:
    environ = {
        "SITMAIL_SERVICE_LEVEL__0__TARGET__0__FIRST_RESPONSE": "2h",
        "SITMAIL_ENGINEER__0__ADDRESSES__0": "other@example.com",
        "SITMAIL_ENGINEER__0__ROLE": "admin",
        "SITMAIL_SMTP__LISTEN__0": "127.0.0.1:3",
    }
    text = f'{DESK}{ALICE}[smtp]\nlisten = ["127.0.0.1:1", "127.0.0.1:2"]\n{GOLD}'
    loaded = load(tmp_path, text, **environ)
    assert loaded.policy.service_levels["gold"].targets["low"].spans == {"first_response": Span(7200)}
    alice = loaded.policy.engineers["alice"]
    assert (alice.addresses, alice.role) == (("other@example.com",), "admin")
    assert [door.port for door in loaded.smtp.listen] == [3, 2]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("ENGINEER__NAME", "x", "there is no engineer.name to change"),
        ("VENDOR__0__NAME", "x", "there is no vendor[0] to change"),
        ("DESK__0__NAME", "x", "there is no desk[0] to change"),
        ("DESK__PLUS", "{ a = 1 }", "expected true or false, not a table"),
        ("DESK__FORMER_OFFSET", "9" * 5000, "expected a whole number, not '" + "9" * 57 + "...'"),
        ("VENDOR", "[" * 5000, "expected a table [[vendor]], not '" + "[" * 57 + "...'"),
        ("RELAY", "x", "expected a table [relay], not 'x'"),
    ],
)
def test_what_a_variable_cannot_say_is_told(tmp_path: Path, name: str, text: str, told: str) -> None:
    assert [f"SITMAIL_{name}: {told}"] == lines(tmp_path, DESK + ALICE, **{f"SITMAIL_{name}": text})


def test_the_file_cannot_set_what_the_settings_are_read_by(tmp_path: Path) -> None:
    text = '_env_file = "x"\n_cli_parse_args = true\nlayers = []\n' + DESK
    told = [line.removesuffix(" (did you mean 'letters'?)") for line in lines(tmp_path, text)]
    assert told == [f"config.toml: {name}: unknown key" for name in ("_env_file", "_cli_parse_args", "layers")]


# --- secrets

LOGIN = DESK + '[relay]\nurl = "smtps://example.com"\nuser = "desk"\n'


def test_password_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\n")
    relay = load(tmp_path, LOGIN + 'password_file = "secret"').relay
    assert (relay.user, relay.password) == ("desk", "pass word")


def test_password_from_systemd(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "relay.password").write_text("from systemd\n")
    loaded = load(tmp_path, LOGIN, CREDENTIALS_DIRECTORY=str(tmp_path / "credentials"))
    assert loaded.relay.password == "from systemd"
    assert "from systemd" not in repr(loaded)
    later = load(tmp_path, LOGIN, CREDENTIALS_DIRECTORY=str(tmp_path), SITMAIL_RELAY__PASSWORD="12345")
    assert later.relay.password == "12345"


def test_credentials_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "relay.password").write_bytes(b"\xff")
    (folder / "relay.user").mkdir()
    (folder / "certificate").write_bytes(b"\xff")  # none of ours
    assert lines(tmp_path, DESK, CREDENTIALS_DIRECTORY=str(folder)) == [
        "credential relay.user: cannot be read: Is a directory",
        "credential relay.password: cannot be read: not UTF-8",
    ]
    told = lines(tmp_path, DESK, CREDENTIALS_DIRECTORY=str(folder / "certificate"))
    assert told == ["$CREDENTIALS_DIRECTORY: expected a folder"]


def test_the_store_may_be_a_credential(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "store.url").write_text("sqlite:///var/desk.db\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    loaded = load(tmp_path, DESK + '[store]\nurl = "sqlite:///no.db"', **environ)
    assert loaded.data == tmp_path / "var" == config.data_folder(tmp_path / "config.toml", environ)


@pytest.mark.parametrize(
    ("secret", "place"),
    [
        (LOGIN + 'password = "geheim"', "relay.password"),
        (DESK + '[relay]\nurl = "smtps://desk:geheim@example.com"', "relay.url"),
        (DESK + '[store]\nurl = "postgresql+psycopg://desk:geheim@localhost/desk"', "store.url"),
        (DESK + '[[imap]]\nhost = "imap.example.com"\nuser = "desk"\npassword = "geheim"', "imap[0].password"),
    ],
)
def test_a_secret_that_everybody_may_read_is_refused(tmp_path: Path, secret: str, place: str) -> None:
    config.load(write(tmp_path, secret, 0o640), {})
    with pytest.raises(config.ConfigError) as caught:
        config.load(write(tmp_path, secret, 0o644), {})
    assert caught.value.lines == [
        f"config.toml: {place}: everybody may read this secret; "
        "chmod 640 config.toml, or keep it in a file of its own (password_file)"
    ]


def test_without_a_secret_everybody_may_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    config.load(write(tmp_path, LOGIN + 'password_file = "secret"', 0o644), {})


def test_no_mistake_shows_a_secret(tmp_path: Path) -> None:
    text = LOGIN + 'password = ["geheim"]\n[store]\nurl = "mysql://desk:geheim@localhost/desk"'
    told = lines(tmp_path, text)
    assert told == ["config.toml: relay.password: expected a text in quotes, not what is there"]
    text = LOGIN + 'password = "geheim"\n[store]\nurl = "mysql://desk:geheim@localhost/desk"'
    assert lines(tmp_path, text) == [
        'config.toml: store.url: expected "sqlite:///file" or "postgresql+psycopg://user@host/name", '
        "not 'mysql://***@localhost/desk'"
    ]


# --- files


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def told(path: Path) -> list[str]:
        with pytest.raises(config.ConfigError) as caught:
            config.load(path, {})
        return caught.value.lines

    assert told(tmp_path / "absent.toml") == [f"{tmp_path}/absent.toml: there is no such file"]
    assert told(tmp_path) == [f"{tmp_path}: is a folder; expected a file"]
    assert told(Path("a\0b")) == ["a\\x00b: cannot be read: not a name of a file"]
    (tmp_path / "latin.toml").write_bytes(b'[desk]\nname = "B\xfcro"\n')
    assert told(tmp_path / "latin.toml") == ["latin.toml: line 2: not UTF-8; save the file in this encoding"]


def test_files_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, DESK, 0)
    config.defaults()  # imports what it needs
    before = os.geteuid()
    os.seteuid(before or 65534)  # root may read everything
    try:
        with pytest.raises(config.ConfigError) as caught:
            config.load(path, {})
    finally:
        os.seteuid(before)
    assert caught.value.lines == [f"{path}: may not be read by this user"]


def test_a_mark_of_byte_order_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DESK.replace("\n", "\r\n").encode())
    assert config.load(path, {}).policy.desk.address == "support@example.com"


def test_the_order_of_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.find("a.toml", {"SITMAIL_CONFIG": "b.toml"}) == Path("a.toml")
    assert config.find(None, {"SITMAIL_CONFIG": "b.toml"}) == Path("b.toml")
    before = config.find(None, {})
    write(tmp_path, DESK)
    assert before != config.find(None, {}) == Path("config.toml")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who may become somebody else")
def test_a_folder_that_is_closed_holds_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An admin who types `runuser -u sitmail -- sitmail status` stands in a folder of his own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "SYSTEM", Path("/absent/config.toml"))
    write(tmp_path, DESK)
    tmp_path.chmod(0o700)
    before = os.geteuid()
    os.seteuid(65534)
    try:
        assert config.find(None, {}) is None
    finally:
        os.seteuid(before)


# --- the digest, and the price


def test_the_digest_follows_the_meaning(tmp_path: Path) -> None:
    digest = load(tmp_path, DESK).policy.digest
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert load(tmp_path, "# a comment\n" + DESK).policy.digest == digest
    assert load(tmp_path, DESK + 'tag = "NEW"').policy.digest != digest
    assert load(tmp_path, DESK, SITMAIL_DESK__TAG="NEW").policy.digest != digest
    assert (
        load(tmp_path, LOGIN + 'password = "a"').policy.digest == load(tmp_path, LOGIN + 'password = "b"').policy.digest
    )


def test_the_room_is_cheap_to_enter() -> None:
    program = (
        "import sys; import sitmail.config; "
        "sys.exit(bool({'pydantic', 'sqlalchemy', 'sitmail.domain.policy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


WORLDWIDE = """
[desk]
address = "Hilfe@Müller.example"
reply_address = "hilfe-{}@MÜLLER.example"
[[mailbox]]
address = "jörg@müller.example"
[[engineer]]
id = "alice"
addresses = ["Ålice@bücher.example"]
[[route]]
mailbox = "JÖRG@müller.example"
owner = "alice"
[trust]
people = ["Müller.example", "@xn--bcher-kva.example", "Jörg@bücher.example"]
[[block]]
addresses = ["@spam-bücher.example"]
[[maildir]]
path = "mail"
address = "jörg@müller.example"
"""


def test_addresses_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(WORLDWIDE, "utf-8")
    settings = config.load(tmp_path / "config.toml")
    policy = settings.policy
    assert [box.address for box in policy.mailboxes] == ["hilfe@xn--mller-kva.example", "jörg@xn--mller-kva.example"]
    assert policy.mailboxes[0].reply == "hilfe-{}@xn--mller-kva.example"
    assert policy.engineers["alice"].addresses == ("ålice@xn--bcher-kva.example",)
    assert policy.routes[0].mailbox == "jörg@xn--mller-kva.example"
    assert policy.blocks == ("@xn--spam-bcher-feb.example",)
    assert policy.trust.people == ("@xn--mller-kva.example", "@xn--bcher-kva.example", "jörg@xn--bcher-kva.example")
    assert routing.is_ours(policy, "hilfe@müller.example")
    assert routing.is_ours(policy, "Jörg@MÜLLER.example")


@pytest.mark.parametrize("wrong", ["alice", "alice@", '"alice"@example.com', "alice@exam ple.com", "a(b)@example.com"])
def test_an_address_that_is_none_is_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "config.toml").write_text(f"[desk]\naddress = '{wrong}'\n", "utf-8")
    with pytest.raises(config.ConfigError, match="expected a mail address"):
        config.load(tmp_path / "config.toml")
