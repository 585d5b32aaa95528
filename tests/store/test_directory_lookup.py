"""The directory in the tables: it follows the files, it is found again, and nobody is ever deleted."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from sitmail.domain import facts
from sitmail.domain.directory import DeclaredContact, DeclaredContract, DeclaredSite, Directory
from sitmail.domain.engineers import Engineer
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Partner, Policy
from sitmail.store import directory_changes, directory_lookup, directory_sync
from sitmail.store.database import Database, StoreError
from sitmail.store.schema import address, contract, contract_contact, mailbox, meta, person, site, site_domain

SITE = DeclaredSite(
    "acme", "Acme", ("example.org", "example.net"), "ana", "north", "", "week", "Europe/Paris", "fr", True, "big"
)
CARLA = DeclaredContact(("carla@example.org", "c@example.net"), "Carla", "acme", "", "important", "123", "x", "admin")
DAN = DeclaredContact(("dan@example.org",), "Dan", "acme", language="de")
CONTRACT = DeclaredContract("gold", "acme", "printer", "fast", "week", date(2026, 1, 1), date(2026, 12, 31), 5)
FILES = Directory((SITE,), (CARLA, DAN), (CONTRACT,))
ANA = Engineer("ana", "Ana Lind", ("ana@example.com", "a@example.com"), "admin", language="en", timezone="UTC")
POLICY = Policy(
    name="Desk",
    mailboxes=(Mailbox("support@example.com", "Support"),),
    engineers={"ana": ANA},
    partners=(Partner(Kind.VENDOR, "ink", "Ink Co", ("help@example.net",)),),
)


def run(database: Database, function: Any, *arguments: Any) -> Any:
    return database.write(lambda connection, items: [function(connection, *arguments)], None).result()


def sync(database: Database, files: Directory = FILES, policy: Policy = POLICY) -> bool:
    return bool(run(database, directory_lookup.sync, files, policy, database.ids))


def look(database: Database, function: Any, *arguments: Any) -> Any:
    with database.read() as connection:
        return function(connection, *arguments)


def at(database: Database, where: str) -> tuple[Person, ...]:
    found: dict[str, tuple[Person, ...]] = look(database, directory_lookup.people, [where])
    return found.get(where, ())


def stranger(database: Database, where: str, name: str = "Somebody") -> Person:
    found: Person = run(database, directory_lookup.add_stranger, database.ids, where, name)
    return found


def test_people_are_found_by_any_address(each_database: Database):
    assert sync(each_database)
    found = look(
        each_database, directory_lookup.people, ["c@example.net", "a@example.com", "help@example.net", "x@example.org"]
    )
    carla, ana, ink = (found[where][0] for where in ("c@example.net", "a@example.com", "help@example.net"))
    about = {"language": "fr", "timezone": "Europe/Paris", "level": "important", "role": "admin"}
    about |= {"phone": "123", "manager": "x"}
    assert carla == Person(carla.id, Kind.CONTACT, "carla@example.org", "Carla", CARLA.addresses, "acme", **about)
    assert ana == Person(
        ana.id, Kind.ENGINEER, "ana", "Ana Lind", ANA.addresses, language="en", timezone="UTC", role="admin"
    )
    assert ink == Person(ink.id, Kind.VENDOR, "ink", "Ink Co", ("help@example.net",))
    assert "x@example.org" not in found
    assert look(each_database, directory_lookup.staff) == {"ana": ana}
    assert look(each_database, directory_lookup.partners) == (ink,)
    assert look(each_database, directory_lookup.persons, [ana.id, carla.id, 999]) == {ana.id: ana, carla.id: carla}


def test_a_human_may_be_engineer_and_contact(each_database: Database):
    sync(
        each_database, replace(FILES, contacts=(CARLA, replace(DAN, addresses=("dan@example.org", "ana@example.com"))))
    )
    assert {one.kind for one in at(each_database, "ana@example.com")} == {Kind.ENGINEER, Kind.CONTACT}


def test_addresses_come_in_their_order(each_database: Database):
    sync(each_database)
    (before,) = at(each_database, "carla@example.org")
    turned = replace(CARLA, addresses=("new@example.org", "c@example.net", "carla@example.org"))
    sync(each_database, replace(FILES, contacts=(turned, DAN)))
    (after,) = at(each_database, "carla@example.org")
    assert (after.id, after.key, after.addresses) == (before.id, "new@example.org", turned.addresses)


def test_an_address_may_move_to_another_contact(each_database: Database):
    sync(each_database)
    (carla,), (dan,) = at(each_database, "carla@example.org"), at(each_database, "dan@example.org")
    moved = (
        replace(CARLA, addresses=("carla@example.org",)),
        replace(DAN, addresses=("dan@example.org", "c@example.net")),
    )
    sync(each_database, replace(FILES, contacts=moved))
    assert [one.id for one in at(each_database, "c@example.net")] == [dan.id]
    assert [one.id for one in at(each_database, "carla@example.org")] == [carla.id]


def test_nothing_is_read_again_when_nothing_changed(each_database: Database):
    assert sync(each_database)
    assert not sync(each_database)
    assert not sync(each_database, FILES, replace(POLICY, tag="NEW"))
    assert sync(each_database, replace(FILES, contacts=(CARLA,)))
    assert sync(each_database)


def test_parts_give_what_the_whole_gives(each_database: Database, monkeypatch: pytest.MonkeyPatch):
    """He who left his address to another stays himself, whichever of the two comes in an earlier part."""
    monkeypatch.setattr(directory_sync, "PART", 1)
    dan = replace(DAN, id="dan")
    sync(each_database, replace(FILES, contacts=(CARLA, dan)))
    (before,) = at(each_database, "dan@example.org")
    heir = DeclaredContact(("dan@example.org",), "Heir")
    gone = replace(dan, addresses=("roe@example.org",))
    sync(each_database, replace(FILES, sites=(replace(SITE, id="other"), SITE), contacts=(heir, gone)))
    (after,), (other,) = at(each_database, "roe@example.org"), at(each_database, "dan@example.org")
    assert after.id == before.id != other.id
    assert at(each_database, "carla@example.org") == ()


def test_a_sync_that_ended_in_the_middle_is_done_again(each_database: Database):
    sync(each_database)
    for step in list(directory_sync.steps(Directory(), POLICY, "other"))[:-1]:
        run(each_database, step, each_database.ids)
    assert sync(each_database)
    assert at(each_database, "carla@example.org") and not sync(each_database)


def test_who_is_gone_is_retired_and_comes_back_the_same(each_database: Database):
    sync(each_database)
    (dan,) = at(each_database, "dan@example.org")
    sync(each_database, replace(FILES, contacts=(CARLA,)), replace(POLICY, engineers={}, partners=()))
    assert at(each_database, "dan@example.org") == ()
    assert look(each_database, directory_lookup.persons, [dan.id]) == {dan.id: dan}
    assert (look(each_database, directory_lookup.staff), look(each_database, directory_lookup.partners)) == ({}, ())
    sync(each_database)
    assert at(each_database, "dan@example.org") == (dan,)
    assert set(look(each_database, directory_lookup.staff)) == {"ana"}


def test_sites_contracts_and_mailboxes_change_retire_and_return(each_database: Database):
    sync(each_database)
    sync(each_database, Directory(), replace(POLICY, mailboxes=(Mailbox("sales@example.com", "Sales"),)))
    for table, count in ((site, 1), (contract, 1), (mailbox, 1)):
        query = select(func.count()).select_from(table).where(table.c.retired.is_(True))
        assert look(each_database, lambda connection, query=query: connection.execute(query).scalar()) == count
    assert look(each_database, directory_lookup.site_by_domain, ["example.org"]) == {}
    assert look(each_database, directory_lookup.contracts, ["acme"], []) == []
    assert look(each_database, directory_lookup.sites, ["acme"])["acme"].name == "Acme"
    renamed = replace(SITE, name="Acme & Co", domains=("example.net",))
    sync(each_database, replace(FILES, sites=(renamed,)))
    assert (
        look(each_database, directory_lookup.site_by_domain, ["example.org", "example.net"])["example.net"].name
        == "Acme & Co"
    )
    assert len(look(each_database, directory_lookup.contracts, ["acme"], [])) == 1


def test_what_was_used_of_a_contract_is_not_declared(each_database: Database):
    sync(each_database)
    run(each_database, lambda connection: connection.execute(contract.update().values(used=3)).rowcount)
    sync(each_database, replace(FILES, contracts=(replace(CONTRACT, incidents=9),)))
    row = look(each_database, lambda connection: connection.execute(select(contract)).one())
    assert (row.used, row.incidents) == (3, 9)


def test_a_site_is_found_by_id_and_domain(each_database: Database):
    sync(each_database)
    whole = facts.Site(
        "acme", "Acme", ("example.net", "example.org"), "ana", "north", "week", "Europe/Paris", "fr", True, "big"
    )
    assert look(each_database, directory_lookup.sites, ["acme", "other"]) == {"acme": whole}
    assert look(each_database, directory_lookup.site_by_domain, ["example.org", "example.com"]) == {
        "example.org": whole
    }


@pytest.mark.parametrize(
    ("starts", "expires", "ended", "last"),
    [
        (None, None, None, ""),
        (date(2026, 5, 1), None, None, ""),
        (None, date(2026, 5, 1), None, "2026-05-01"),
        (None, date(2026, 5, 1), date(2026, 4, 1), "2026-04-01"),
        (None, date(2026, 5, 1), date(2026, 6, 1), "2026-05-01"),
        (None, None, date(2026, 4, 30), "2026-04-30"),
    ],
)
def test_a_contract_lasts_until_it_expires_or_was_ended(starts, expires, ended, last, database: Database):
    named = ("dan@example.org", "carla@example.org")
    sync(
        database,
        replace(FILES, contracts=(replace(CONTRACT, starts=starts, expires=expires, ended=ended, contacts=named),)),
    )
    (found,) = look(database, directory_lookup.contracts, ["acme"], ["dan@example.org", "x@example.org"])
    since = starts.isoformat() if starts else ""
    assert found == facts.Contract(
        "gold", "acme", "printer", "fast", "week", False, ("dan@example.org",), since, last, 5, 0
    )


# --- strangers


def test_a_stranger_is_served_but_not_known(each_database: Database):
    found = stranger(each_database, "eve@example.com", "Eve \udcff")
    assert found == Person(found.id, Kind.STRANGER, "eve@example.com", "Eve \\udcff", ("eve@example.com",), known=False)
    assert at(each_database, "eve@example.com") == (found,)
    assert stranger(each_database, "eve@example.com") == found
    run(each_database, directory_lookup.make_known, [found.id])
    assert at(each_database, "eve@example.com")[0].known
    sync(each_database)
    assert at(each_database, "eve@example.com")[0].id == found.id


@pytest.mark.parametrize("where", ["carla@example.org", "c@example.net"])
def test_a_stranger_who_is_declared_keeps_his_history(where: str, each_database: Database):
    found = stranger(each_database, where)
    sync(each_database)
    (now,) = at(each_database, where)
    assert (now.id, now.kind, now.key, now.known) == (found.id, Kind.CONTACT, "carla@example.org", True)
    assert now.addresses == CARLA.addresses


def test_an_address_belongs_to_one_living_contact(each_database: Database):
    sync(each_database, replace(FILES, contacts=(replace(CARLA, addresses=("carla@example.org",)),)))
    (carla,) = at(each_database, "carla@example.org")
    stranger(each_database, "c@example.net")
    sync(each_database)
    assert [one.id for one in at(each_database, "c@example.net")] == [carla.id]


def test_who_left_the_directory_is_a_stranger_with_no_rights_of_his_former_self(each_database: Database):
    sync(each_database)
    (dan,) = at(each_database, "dan@example.org")
    sync(each_database, replace(FILES, contacts=(CARLA,)))
    again = stranger(each_database, "dan@example.org")
    assert (again.id != dan.id, again.kind, again.known) == (True, Kind.STRANGER, False)
    sync(each_database)
    assert [one.id for one in at(each_database, "dan@example.org")] == [dan.id]
    sync(each_database, replace(FILES, contacts=(CARLA,)))
    assert stranger(each_database, "dan@example.org").id == again.id


def test_two_contacts_with_one_address_are_refused_and_nothing_changes(each_database: Database):
    sync(each_database)
    both = replace(FILES, sites=(), contacts=(CARLA, replace(DAN, addresses=("dan@example.org", "c@example.net"))))
    with pytest.raises(StoreError, match=r"c@example\.net belongs to two contacts, Carla and Dan"):
        sync(each_database, both)
    assert set(look(each_database, directory_lookup.site_by_domain, ["example.org"])) == {"example.org"}


def test_a_large_directory_is_brought_in_and_left_alone(database: Database):
    many = tuple(
        DeclaredContact((f"c{number}@example.org", f"c{number}@example.net"), f"C {number}", "acme")
        for number in range(5_000)
    )
    assert sync(database, replace(FILES, contacts=many))
    assert not sync(database, replace(FILES, contacts=many))
    assert sync(database, replace(FILES, contacts=(*many[:-1], replace(many[-1], name="Renamed"))))
    for table, count in ((person, 5_002), (address, 10_003), (site_domain, 2)):
        query = select(func.count()).select_from(table)
        assert look(database, lambda connection, query=query: connection.execute(query).scalar()) == count
    assert at(database, "c4999@example.net")[0].name == "Renamed"


def test_the_digest_is_no_part_of_what_others_keep(database: Database):
    sync(database)
    keys = look(database, lambda connection: set(connection.execute(select(meta.c.key)).scalars()))
    assert keys == {"epoch", "directory"}


def test_a_change_lies_over_what_is_declared_until_the_files_say_the_same(each_database: Database):
    def notes() -> tuple[str, str]:
        with each_database.read() as connection:
            row = connection.execute(select(site.c.name, site.c.notes)).one()
            return row.name, row.notes

    sync(each_database)
    told = directory_changes.Change("site", "acme", "notes", "small", "ana", datetime(2026, 3, 2, tzinfo=UTC))
    run(each_database, directory_changes.change, told)
    assert notes() == ("Acme", "small")
    sync(each_database, replace(FILES, sites=(replace(SITE, name="Acme Ltd"),)))
    assert notes() == ("Acme Ltd", "small")
    assert look(each_database, directory_changes.changes) == [told]
    sync(each_database, replace(FILES, sites=(replace(SITE, notes="small"),)))
    assert look(each_database, directory_changes.changes) == []
    sync(each_database)
    assert notes() == ("Acme", "big")


def test_named_contacts_lie_over_a_list_that_the_files_go_on_changing(each_database: Database):
    at = datetime(2026, 3, 2, tzinfo=UTC)
    named = DeclaredContract("acme-1", "acme", contacts=("jane@acme.example.net",))

    def names() -> list[str]:
        query = select(contract_contact.c.address).order_by(contract_contact.c.address)
        return look(each_database, lambda connection: list(connection.execute(query).scalars()))

    def told(where: str, undo: bool) -> None:
        run(each_database, lambda connection: directory_changes.name(connection, "acme-1", where, "x", at, undo=undo))

    sync(each_database, replace(FILES, contracts=(named,)))
    told("new@acme.example.net", undo=False)
    told("jane@acme.example.net", undo=True)
    assert names() == ["new@acme.example.net"]
    more = replace(named, contacts=("jane@acme.example.net", "kim@acme.example.net"))
    sync(each_database, replace(FILES, contracts=(more,)))
    assert names() == ["kim@acme.example.net", "new@acme.example.net"]
    sync(each_database, replace(FILES, contracts=(replace(named, contacts=tuple(names())),)))
    assert names() == ["kim@acme.example.net", "new@acme.example.net"]
    assert look(each_database, directory_changes.changes) == []


def test_a_change_of_a_contact_is_none_of_an_engineer_of_the_same_key(each_database: Database):
    at = datetime(2026, 3, 2, tzinfo=UTC)
    sync(each_database, replace(FILES, contacts=(DeclaredContact(("ana@acme.example.net",), "Ana", id="ana"),)))
    gone = directory_changes.Change("contact", "ana", "retired", True, "x", at)
    run(each_database, directory_changes.change, gone)
    query = select(person.c.kind, person.c.retired).where(person.c.key == "ana").order_by(person.c.kind)
    found = look(each_database, lambda connection: [tuple(row) for row in connection.execute(query)])
    assert found == [("contact", True), ("engineer", False)]
