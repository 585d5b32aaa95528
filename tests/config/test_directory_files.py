"""Directory files: how they are read, and the sentences for mistakes in them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail import config
from sitmail.config import files
from sitmail.config.directory_keys import TABLES
from sitmail.config.example import directory_example
from sitmail.domain.directory import (
    DeclaredContact,
    DeclaredContract,
    DeclaredService,
    DeclaredSite,
    DeclaredUnit,
    Directory,
)

CONFIG = """
[desk]
address = "support@example.com"
[[engineer]]
id = "alice"
addresses = ["alice@example.com"]
[[service_level]]
name = "gold"
[[product]]
id = "widget"
"""
WORLDWIDE = """
[[site]]
id = "m"
domains = ["Müller.example"]
[[contact]]
addresses = ["Jörg@müller.example"]
site = "m"
"""
RIGHT = """
[[site]]
id = "acme"
name = "Acme Ltd"
domains = ["Acme.example"]
account_manager = "alice"
calendar = "office"
timezone = "Europe/London"
notes = "two\\nlines"
[[site]]
id = "house"
internal = true
[[contact]]
addresses = ["Jane@acme.example", "jane@example.net"]
name = "Jane"
site = "acme"
level = "replies"
role = "admin"
[[contact]]
addresses = ["bob@example.org"]
[[contract]]
id = "c1"
site = "acme"
product = "widget"
service_level = "gold"
starts = 2026-01-01
expires = "2026-12-31"
incidents = 10
contacts = ["Jane@acme.example"]
visibility = "named"
[[contract]]
id = "c2"
site = "acme"
[[service]]
id = "c1-hours"
contract = "c1"
time = "20h 30m"
expires = 2026-12-31
order = "PO-1"
[[service]]
id = "c1-calls"
contract = "c1"
name = "Ten calls"
incidents = 10
[[unit]]
serial = "SN-1"
item = "router"
site = "acme"
contract = "c1"
warranty_until = 2027-01-31
"""


FROM = {"origin": "file directory.toml"}


def load(folder: Path, **files: str) -> config.Config:
    (folder / "config.toml").write_text(CONFIG)
    (folder / "directory").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "directory" / f"{name}.toml").write_text(text, "utf-8")
    return config.load(folder / "config.toml", {})


def lines(folder: Path, **files: str) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        load(folder, **files)
    return caught.value.lines


def test_every_table_becomes_a_value(tmp_path: Path) -> None:
    assert load(tmp_path, directory=RIGHT).directory == Directory(
        sites=(
            DeclaredSite(
                "acme",
                "Acme Ltd",
                ("acme.example",),
                "alice",
                calendar="office",
                timezone="Europe/London",
                notes="two\nlines",
                **FROM,
            ),
            DeclaredSite("house", "house", internal=True, **FROM),
        ),
        contacts=(
            DeclaredContact(
                ("jane@acme.example", "jane@example.net"), "Jane", "acme", level="replies", role="admin", **FROM
            ),
            DeclaredContact(("bob@example.org",), "", **FROM),
        ),
        contracts=(
            DeclaredContract(
                *("c1", "acme", "widget", "gold", ""),
                starts=date(2026, 1, 1),
                expires=date(2026, 12, 31),
                incidents=10,
                contacts=("jane@acme.example",),
                visibility="named",
                **FROM,
            ),
            DeclaredContract("c2", "acme", **FROM),
        ),
        services=(
            DeclaredService("c1-hours", "c1", "c1-hours", 1230, expires=date(2026, 12, 31), order="PO-1", **FROM),
            DeclaredService("c1-calls", "c1", "Ten calls", incidents=10, **FROM),
        ),
        units=(DeclaredUnit("SN-1", "router", "acme", "c1", date(2027, 1, 31), **FROM),),
    )


def test_no_directory_is_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path).directory == Directory()
    assert load(tmp_path, directory="").directory == Directory()
    assert load(tmp_path, directory=directory_example()).directory == Directory()


def test_the_example_serves_when_its_marks_are_taken_away(tmp_path: Path) -> None:
    text = "\n".join(line[1:] if line[:2] != "# " else line for line in directory_example().split("\n"))
    directory = load(tmp_path, directory=text).directory
    assert (len(directory.sites), len(directory.contacts), len(directory.contracts), len(directory.units)) == (1,) * 4


def test_every_key_has_an_effect(tmp_path: Path) -> None:
    row = '[[contact]]\naddresses = ["{}@example.org"]\nlevel = "all"\n'
    assert load(tmp_path, one=row.format("a") + row.format("b"), two=row.format("c")).warnings == ()
    assert not [name for keys in TABLES.values() for name, key in keys.items() if key.later]


def test_files_know_each_other(tmp_path: Path) -> None:
    found = load(tmp_path, a='[[contact]]\naddresses = ["a@example.org"]\nsite = "x"', b='[[site]]\nid = "x"')
    assert found.directory.contacts[0].site == "x"


def test_domains_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    found = load(tmp_path, people=WORLDWIDE).directory
    assert found.sites[0].domains == ("xn--mller-kva.example",)
    assert found.contacts[0].addresses == ("jörg@xn--mller-kva.example",)


def test_a_site_s_calendar_may_make_a_promise_endless(tmp_path: Path) -> None:
    seldom = '[[calendar]]\nname = "seldom"\nweek = { mon = ["09:00-09:01"] }\nday = "24h"\n'
    target = '[[service_level.target]]\npriority = "low"\nresolution = "5d"\n'
    (tmp_path / "config.toml").write_text(
        CONFIG.replace("[[product]]", f'{target}[[calendar]]\nname = "office"\n{seldom}[[product]]')
    )
    assert config.load(tmp_path / "config.toml", {}).directory == Directory()
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "sites.toml").write_text('[[site]]\nid = "x"\ncalendar = "seldom"')
    with pytest.raises(config.ConfigError, match=r"service_level\[0\].target\[0\].resolution: .* 'seldom'"):
        config.load(tmp_path / "config.toml", {})


CASES: dict[str, tuple[str, list[str]]] = {
    "key": (
        '[[contact]]\naddresses = ["a@example.org"]\nadresses = []',
        ["contact[0].adresses: unknown key (did you mean 'addresses'?)"],
    ),
    "table": ("[[contcat]]", ["contcat: unknown table (did you mean 'contact'?)"]),
    "one bracket": ("[site]", ["site: expected tables [[site]] in double brackets"]),
    "needed": (
        "[[contact]]\n[[unit]]",
        [
            "contact[0].addresses: missing, but needed",
            "unit[0].serial: missing, but needed",
            "unit[0].item: missing, but needed",
        ],
    ),
    "service": (
        '[[site]]\nid = "s"\n[[contract]]\nid = "acme-1"\nsite = "s"\n'
        '[[service]]\nid = "a"\ncontract = "acme-2"\ntime = "2d"\n[[service]]\nid = "A"\ncontract = "acme-1"',
        [
            'service[0].time: expected hours and minutes, such as "20h" or "15m", not \'2d\'',
            "service[1]: needs one of time and incidents, and not both",
            "service[1].id: 'a' is already in service[0]",
            "service[0].contract: no contract 'acme-2' (did you mean 'acme-1'?)",
        ],
    ),
    "no address": ("[[contact]]\naddresses = []", ["contact[0].addresses: expected at least one, not []"]),
    "wrong address": (
        '[[contact]]\naddresses = ["jane"]',
        ["contact[0].addresses: expected a mail address such as \"alice@example.com\", not ['jane']"],
    ),
    "no list": (
        '[[contact]]\naddresses = "jane@example.org"',
        ["contact[0].addresses: expected a list in square brackets, not 'jane@example.org'"],
    ),
    "level": (
        '[[contact]]\naddresses = ["a@example.org"]\nlevel = "reply"',
        ["contact[0].level: expected all, important or replies (did you mean 'replies'?), not 'reply'"],
    ),
    "address twice": (
        '[[contact]]\naddresses = ["a@example.org"]\n[[contact]]\naddresses = ["A@example.org"]',
        ["contact[1].addresses: 'a@example.org' is already in contact[0]"],
    ),
    "ours": (
        '[[contact]]\naddresses = ["Support@example.com"]',
        ["contact[0].addresses: 'support@example.com' is already in desk.address"],
    ),
    "domain twice": (
        '[[site]]\nid = "a"\ndomains = ["x.example"]\n[[site]]\nid = "A"\ndomains = ["x.example"]',
        ["site[1].id: 'a' is already in site[0]", "site[1].domains: 'x.example' is already in site[0]"],
    ),
    "nowhere": (
        '[[site]]\nid = "acme"\naccount_manager = "alcie"\n[[contact]]\naddresses = ["a@example.org"]\nsite = "acem"',
        [
            "site[0].account_manager: no engineer 'alcie' (did you mean 'alice'?)",
            "contact[0].site: no site 'acem' (did you mean 'acme'?)",
        ],
    ),
    "contract nowhere": (
        '[[contract]]\nid = "c"\nsite = "s"\nproduct = "p"\nservice_level = "glod"\ncalendar = "k"',
        [
            "contract[0].site: no site 's'",
            "contract[0].product: no product 'p'",
            "contract[0].service_level: no service level 'glod' (did you mean 'gold'?)",
            "contract[0].calendar: no calendar 'k'",
        ],
    ),
    "date": (
        '[[site]]\nid = "s"\n[[contract]]\nid = "c"\nsite = "s"\nstarts = "1.1.2026"',
        ["contract[0].starts: expected a date such as 2026-12-25, not '1.1.2026'"],
    ),
    "no TOML": ("[[site]]\nid = acme", [f"line 2, column 6: {files.ADVICE['Invalid value']}"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_mistakes_have_file_and_row(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert lines(tmp_path, directory=text) == [f"directory.toml: {line}" for line in expected]


def test_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    assert lines(tmp_path, a="[[site]]", b='[[contact]]\naddresses = ["x"]', c="x") == [
        "a.toml: site[0].id: missing, but needed",
        "b.toml: contact[0].addresses: expected a mail address such as \"alice@example.com\", not ['x']",
        'c.toml: at its end: expected = behind the key, such as name = "Support"',
    ]


# --- the compiled parser

WRITTEN = r"""
# words
[[site]]
[[contact]]
[site]
[[site.x]]
id = "x"
id = "y"
id = "x" # y
 id = 1
name = "Jörg"
name = "\n"
name = 'x'
x = '''
names = ["a", "b, c"]
names = ["a","b"]
names = ["a", "b",]
names = []
day = 2026-02-28
day = 2026-02-29
day = 2026-02-28 10:00:00
n = 0
n = 007
n = 12
ok = true
a.b = "x"
é = 1
false
"""
LINES = [*WRITTEN.split("\n"), "# \x0b", "id = 1\r", 'name = "a \u2028 b"', 'name = "\x7f"', 'name = "\t"', '"""']


@given(st.lists(st.sampled_from(LINES), max_size=4))
def test_the_compiled_parser_is_the_standard_one(written: list[str]) -> None:
    def outcome(loads: Callable[[str], object]) -> object:
        try:
            return loads("\n".join(["[[site]]", *written]))
        except ValueError as error:
            return str(error)

    assert outcome(files.parsed) == outcome(tomllib.loads)
