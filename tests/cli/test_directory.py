"""The directory by command: files in, files out; what is wrong is told by line, and then nothing is written."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.cli.main import run
from sitmail.daemon.runtime import Runtime
from sitmail.store import directory_changes, directory_lookup, schema
from sitmail.store.database import open_reader

CONFIG = """\
[desk]
address = "support@example.com"
[directory]
files = ["people.toml"]
[[engineer]]
id = "ana"
addresses = ["ana@example.com"]
[[service_level]]
name = "gold"
"""
PEOPLE = '[[site]]\nid = "house"\n[[contact]]\nid = "ina"\naddresses = ["ina@example.com"]\nsite = "house"\n'
SITES = "id,name,domains,account_manager,free_incidents\nacme,Acme Ltd,acme.example acme.example.net,ana,2\n"
CONTACTS = (
    "addresses,name,site,phone,do_not_mail,id\n"
    "jane@acme.example j.doe@acme.example,Jane Doe,acme,123,no,jane\n"
    "john@acme.example,John Roe,acme,,yes,\n"
)


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "people.toml").write_text(PEOPLE)
    (tmp_path / "sitmail.db").write_bytes(sqlite_template.read_bytes())
    sync(tmp_path)
    return tmp_path


def sync(folder: Path) -> None:
    """What a start of the daemon does with the files."""
    Runtime(config.load(folder / "config.toml")).database.close()


def sitmail(folder: Path, *words: str) -> int:
    return run([*words, "--config", str(folder / "config.toml")])


def brought(folder: Path, name: str, text: str, *options: str) -> int:
    (folder / name).write_text(text)
    return sitmail(folder, "directory", "import", str(folder / name), *options)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    table = schema.metadata.tables[name]
    with closing(open_reader(f"sqlite:///{folder}/sitmail.db")) as reader, reader.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def at(folder: Path, address: str) -> Any:
    with closing(open_reader(f"sqlite:///{folder}/sitmail.db")) as reader, reader.read() as connection:
        found = directory_lookup.people(connection, [address]).get(address, ())
        return found[0] if found else None


def test_sites_and_contacts_of_csv_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, "sites.csv", SITES) == os.EX_OK
    assert brought(folder, "contacts.csv", CONTACTS) == os.EX_OK
    assert "2 rows: 2 new, 0 changed, 0 as they were.  All are written." in capsys.readouterr().out
    jane = at(folder, "j.doe@acme.example")
    assert (jane.key, jane.site, jane.phone, jane.address) == ("jane", "acme", "123", "jane@acme.example")
    assert at(folder, "john@acme.example").do_not_mail
    [site] = [one for one in rows(folder, "site") if one["id"] == "acme"]
    assert (site["origin"], site["account_manager"], site["free_incidents"]) == ("import sites.csv", "ana", 2)


def test_contracts_and_units_of_one_toml_file(folder: Path) -> None:
    text = (
        '[[unit]]\nserial = "SN 1"\nitem = "router"\nsite = "acme"\ncontract = "a1"\n'
        '[[contract]]\nid = "a1"\nsite = "acme"\nexpires = 2027-01-01\ncontacts = ["jane@acme.example"]\n'
        '[[site]]\nid = "acme"\n'
    )
    assert brought(folder, "all.toml", text) == os.EX_OK
    assert [(one["key"], one["contract"]) for one in rows(folder, "unit")] == [("sn1", "a1")]
    assert [one["address"] for one in rows(folder, "contract_contact")] == ["jane@acme.example"]


def test_the_same_file_twice_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("sites.csv", SITES), ("contacts.csv", CONTACTS)):
        brought(folder, name, text)
    before = [rows(folder, name) for name in ("site", "site_domain", "person", "address")]
    capsys.readouterr()
    for name, text, count in (("sites.csv", SITES, 1), ("contacts.csv", CONTACTS, 2)):
        assert brought(folder, name, text) == os.EX_OK
        assert f"{count} rows: 0 new, 0 changed, {count} as they were.  All are written." in capsys.readouterr().out
    assert [rows(folder, name) for name in ("site", "site_domain", "person", "address")] == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("sites.csv", "Acme Ltd", "Acme"),
        ("sites.csv", "acme.example acme.example.net", "acme.example"),
        ("contacts.csv", "John Roe", "John R."),
        ("contacts.csv", "jane@acme.example j.doe@", "j.doe@acme.example jane@"),
        ("contacts.csv", "john@acme.example", "john@acme.example roe@acme.example"),
        ("units.csv", "router", "switch"),
        ("services.csv", "20h", "30h"),
        ("contracts.csv", "jane@acme.example", "john@acme.example"),
    ],
)
def test_only_rows_that_differ_are_written(
    name: str, old: str, new: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = "serial,item,site\nSN-1,router,acme\nSN-2,lamp,acme\n"
    contracts = "id,site,expires,contacts\na1,acme,2030-01-01,jane@acme.example\na2,acme,2030-01-01,\n"
    services = "id,contract,time,incidents,expires\nh1,a1,20h,,2030-01-01\nc1,a2,,10,\n"
    texts = {"sites.csv": SITES, "contacts.csv": CONTACTS, "units.csv": units, "contracts.csv": contracts}
    texts |= {"services.csv": services}
    for each, text in texts.items():
        brought(folder, each, text)
    capsys.readouterr()
    assert brought(folder, name, texts[name].replace(old, new), "--json") == os.EX_OK
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["changed"]) == (0, 1)
    assert brought(folder, name, texts[name].replace(old, new), "--json") == os.EX_OK
    assert json.loads(capsys.readouterr().out)["changed"] == 0


def test_an_import_that_was_interrupted_is_repeated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brought(folder, "sites.csv", SITES)
    brought(folder, "contacts.csv", "".join(CONTACTS.splitlines(keepends=True)[:2]))
    capsys.readouterr()
    assert brought(folder, "contacts.csv", CONTACTS) == os.EX_OK
    assert "2 rows: 1 new, 0 changed, 1 as they were." in capsys.readouterr().out
    assert at(folder, "john@acme.example").do_not_mail


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought(folder, "sites.csv", SITES, "--dry-run", "--json") == os.EX_OK
    assert json.loads(capsys.readouterr().out) == {"rows": 1, "new": 1, "changed": 0, "written": False}
    assert [one["id"] for one in rows(folder, "site")] == ["house"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("addresses,nmae\na@example.org,A\n", "x.csv: line 2.nmae: unknown key (did you mean 'name'?)"),
        ("addresses,name\nnobody,A\n", "x.csv: line 2.addresses: expected a mail address"),
        ("addresses,site\na@example.org,acmee\n", "x.csv: line 2: there is no site 'acmee'"),
        (
            "addresses\na@example.org\nb@example.org a@example.org\n",
            "x.csv: line 3: 'a@example.org' is already in x.csv: line 2",
        ),
        ("addresses\nina@example.com\n", "x.csv: line 2: ina@example.com is an address of ina (file people.toml)"),
        ("id,name\nhouse,Mine\n", "x.csv: line 2: stands in file people.toml; change it there"),
        ("id,account_manager\nacme,anna\n", "x.csv: line 2.account_manager: no engineer 'anna' (did you mean 'ana'?)"),
        ("serial,item,contract\nSN-1,router,none\n", "x.csv: line 2: there is no contract 'none'"),
        ("id,contract,time\nh1,none,20h\n", "x.csv: line 2: there is no contract 'none'"),
        ("id,contract,time\nh1,none,20\n", "x.csv: line 2.time: expected hours and minutes"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_is_written(
    text: str, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [rows(folder, name) for name in ("site", "person", "address", "unit")]
    assert brought(folder, "x.csv", text) == os.EX_DATAERR
    told = capsys.readouterr().err
    assert sentence in told and "Nothing was written." in told
    assert [rows(folder, name) for name in ("site", "person", "address", "unit")] == before


def test_a_contact_with_a_new_address_is_the_same_person(folder: Path) -> None:
    brought(folder, "sites.csv", SITES)
    brought(folder, "contacts.csv", CONTACTS)
    jane, john = at(folder, "jane@acme.example").id, at(folder, "john@acme.example").id
    changed = CONTACTS.replace("jane@acme.example j.doe", "jane.roe@acme.example j.doe")
    changed = changed.replace("john@acme.example", "johnny@acme.example john@acme.example")
    assert brought(folder, "contacts.csv", changed) == os.EX_OK
    assert at(folder, "jane.roe@acme.example").id == jane and at(folder, "jane@acme.example") is None
    assert at(folder, "johnny@acme.example").id == john, "without an id he is known by his old address"


def test_a_contact_who_moved_sites(folder: Path) -> None:
    brought(folder, "sites.csv", SITES + "globex,Globex,globex.example,,\n")
    brought(folder, "contacts.csv", CONTACTS)
    before = at(folder, "jane@acme.example").id
    assert brought(folder, "contacts.csv", CONTACTS.replace("Jane Doe,acme", "Jane Doe,globex")) == os.EX_OK
    assert (at(folder, "jane@acme.example").id, at(folder, "jane@acme.example").site) == (before, "globex")


def test_a_file_does_not_retire_what_was_imported_and_may_take_it_over(folder: Path) -> None:
    brought(folder, "sites.csv", SITES)
    brought(folder, "contacts.csv", CONTACTS)
    before = at(folder, "jane@acme.example").id
    (folder / "people.toml").write_text(PEOPLE + '[[contact]]\naddresses = ["x@example.com"]\n')
    sync(folder)
    assert at(folder, "jane@acme.example").id == before
    (folder / "people.toml").write_text(PEOPLE + '[[contact]]\nid = "jane"\naddresses = ["jane@acme.example"]\n')
    sync(folder)
    jane = next(one for one in rows(folder, "person") if one["key"] == "jane")
    assert (jane["id"], jane["origin"]) == (before, "file people.toml")
    (folder / "people.toml").write_text(PEOPLE)
    sync(folder)
    assert at(folder, "jane@acme.example") is None, "retired by the file that had it last"


def test_what_is_exported_can_be_imported_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brought(folder, "sites.csv", SITES)
    brought(folder, "contacts.csv", CONTACTS)
    contract = "id,site,expires,incidents,contacts,service_level\na1,acme,2027-01-01,0,jane@acme.example,gold\n"
    brought(folder, "contracts.csv", contract)
    brought(folder, "units.csv", "serial,item,site,warranty_until\nSN-1,router,acme,2027-01-01\n")
    capsys.readouterr()
    assert sitmail(folder, "directory", "export") == os.EX_OK
    text = capsys.readouterr().out
    assert "[[site]]  # file people.toml" in text and "[[contact]]  # import contacts.csv" in text
    (folder / "people.toml").write_text(text)
    declared = config.load(folder / "config.toml").directory
    assert [one.id for one in declared.sites] == ["acme", "house"]
    assert {one.addresses[0] for one in declared.contacts} == {
        *("ina@example.com", "jane@acme.example", "john@acme.example")
    }
    [made] = declared.contracts
    assert (made.incidents, made.contacts, str(made.expires)) == (0, ("jane@acme.example",), "2027-01-01")


def test_two_contacts_become_one(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert brought(folder, "sites.csv", SITES) == os.EX_OK
    assert brought(folder, "contacts.csv", CONTACTS) == os.EX_OK
    capsys.readouterr()
    assert sitmail(folder, "directory", "merge", "ina@example.com", "jane@acme.example") == os.EX_DATAERR
    assert "they are of different sites, house and acme" in capsys.readouterr().err
    assert sitmail(folder, "directory", "merge", "john@acme.example", "jane@acme.example", "--json") == os.EX_OK
    assert json.loads(capsys.readouterr().out) == {
        "merged": "john@acme.example",
        "into": "jane@acme.example",
        "incidents": 0,
    }
    with closing(open_reader(f"sqlite:///{folder}/sitmail.db")) as reader, reader.read() as connection:
        [one] = directory_lookup.people(connection, ["john@acme.example"])["john@acme.example"]
    assert (one.key, one.addresses) == ("jane", ("jane@acme.example", "j.doe@acme.example", "john@acme.example"))
    assert sitmail(folder, "directory", "merge", "john@acme.example", "jane@acme.example") == os.EX_DATAERR
    assert "are one person already" in capsys.readouterr().err
    assert brought(folder, "contacts.csv", CONTACTS) == os.EX_DATAERR
    assert "john@acme.example is an address of Jane Doe (import contacts.csv)" in capsys.readouterr().err


def test_what_an_import_says_of_a_site_reaches_contacts_of_earlier_imports(folder: Path) -> None:
    def sites(zone: str, language: str) -> str:
        return f"id,name,timezone,language\nacme,Acme,{zone},{language}\n"

    brought(folder, "sites.csv", sites("Europe/London", "en"))
    brought(folder, "contacts.csv", CONTACTS)
    assert (at(folder, "jane@acme.example").timezone, at(folder, "jane@acme.example").language) == (
        "Europe/London",
        "en",
    )
    assert brought(folder, "sites.csv", sites("Europe/Paris", "fr")) == os.EX_OK
    found = at(folder, "jane@acme.example")
    assert (found.timezone, found.language) == ("Europe/Paris", "fr")


def test_a_change_by_mail_lies_over_an_import_and_over_its_repetition(folder: Path) -> None:
    brought(folder, "sites.csv", SITES)
    brought(folder, "contacts.csv", CONTACTS)

    def changed(*what: str) -> None:
        one = directory_changes.Change(*what, "ana", datetime(2026, 3, 2, tzinfo=UTC))
        database = Runtime(config.load(folder / "config.toml")).database
        database.write(lambda connection, _: [directory_changes.change(connection, one)], None).result()
        database.close()

    changed("contact", "jane", "phone", "456")
    changed("site", "acme", "timezone", "Europe/Rome")
    (folder / "people.toml").write_text(PEOPLE.replace("house", "home"))
    sync(folder)  # files change nothing of what was imported
    brought(folder, "contacts.csv", CONTACTS)
    brought(folder, "sites.csv", SITES)
    found = at(folder, "jane@acme.example")
    assert (found.phone, found.timezone) == ("456", "Europe/Rome")
    assert [one["field"] for one in rows(folder, "directory_change")] == ["phone", "timezone"]
