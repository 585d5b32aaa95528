"""Addresses change, contacts and engineers leave: conversations continue, and nobody is taken for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.small_desk import ANNA, EMIL, EX, JOHN, SmallDesk

OLD, NEW = "mary@acme.example.net", "mary@acme-new.example.net"


def mary(*addresses: str, key: str = 'id = "mary"\n') -> str:
    listed = ", ".join(f'"{one}"' for one in addresses)
    return f'[[contact]]\n{key}addresses = [{listed}]\nname = "Mary May"\nsite = "acme"\n'


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[SmallDesk]:
    made = SmallDesk(tmp_path, sqlite_template, people=mary(OLD))
    yield made
    made.close()


def opened(desk: SmallDesk) -> None:
    """An incident of Mary's, answered once."""
    desk.say(OLD, "The lamp is red.", subject="Printer")
    owner = next(one.to for one in desk.letters if one.purpose == "assigned")
    desk.say(owner, "Which lamp?", answers=desk.last(owner, "assigned"))


def test_letters_follow_a_contact_with_an_id(desk: SmallDesk) -> None:
    opened(desk)
    owner = desk.last(OLD, "answer")
    desk.reopen(people=mary(NEW))
    desk.say(NEW, "The left one.", answers=owner)
    assert desk.incident(1)["status"] == "active"
    assert desk.log(1)[-1]["proof"] == "token"
    engineer = desk.letters[-1].to
    desk.say(engineer, "Thank you, Mary.", answers=desk.last(engineer, "customer_wrote"))
    assert desk.letters[-1].to == NEW


@pytest.mark.parametrize("after", ["", mary(NEW)], ids=["declared no more", "with another address"])
def test_an_answer_from_the_old_address_is_theirs_but_unverified(desk: SmallDesk, after: str) -> None:
    opened(desk)
    letters = len(desk.letters)
    answered = desk.last(OLD, "answer")
    desk.reopen(people=after)
    desk.say(OLD, "The left one.", answers=answered)
    assert (desk.log(1)[-1]["text"], desk.log(1)[-1]["proof"]) == ("The left one.", "none")
    assert [purpose for _, purpose in desk.since(letters)] == ["customer_wrote"]  # nobody hears of a stranger


def test_without_an_answer_the_old_address_is_a_strangers(desk: SmallDesk) -> None:
    opened(desk)
    desk.reopen(people=mary(NEW))
    desk.say(OLD, "Something else.", subject="[SIT-1] hello")
    assert len(desk.rows("incident")) == 2


def test_an_id_given_later_keeps_the_person(desk: SmallDesk) -> None:
    desk.reopen(people=mary(OLD, key=""))
    before = desk.person(OLD)
    desk.reopen(people=mary(OLD))
    desk.reopen(people=mary(NEW))
    assert desk.person(NEW) == before


def test_an_address_that_another_contact_has_now_is_his(desk: SmallDesk) -> None:
    opened(desk)
    answered = desk.last(OLD, "answer")
    nils = f'[[contact]]\naddresses = ["{OLD}"]\nname = "Nils"\nsite = "acme"\n'
    desk.reopen(people=mary(NEW) + nils)
    done = desk.say(OLD, "I am Nils.", answers=answered)
    assert done.decision.reason.startswith(OLD)
    assert done.decision.ending == "held"


def test_who_has_left_with_open_incidents_is_named(desk: SmallDesk) -> None:
    opened(desk)
    assert desk.runtime.remarks == ()
    desk.reopen(people="")
    assert len(desk.runtime.remarks) == 1
    assert desk.runtime.remarks[0].startswith("mary, contact of 1 open incident, stands in no directory file any more")


# --- engineers


def owned_by_emil(desk: SmallDesk, more: str) -> int:
    desk.reopen(more=EMIL + more)
    desk.say(JOHN, "It stopped.", subject="Crane")
    owner = next(one.to for one in desk.letters if one.purpose == "assigned")
    desk.say(owner, "/assign emil", answers=desk.last(owner, "assigned"))
    assert desk.incident(1)["owner"] == "emil"
    desk.wait(desk.now - desk.now)
    return len(desk.letters)


def test_the_substitute_owns_what_an_engineer_left(desk: SmallDesk) -> None:
    heard = owned_by_emil(desk, 'substitute = "anna"')
    desk.reopen()
    desk.wait(desk.now - desk.now)
    assert desk.incident(1)["owner"] == "anna"
    assert desk.since(heard) == [(ANNA, "assigned")]
    assert "Emil Exner has left, and this incident is yours now." in desk.last(ANNA, "assigned").text
    desk.wait(desk.now - desk.now)
    assert desk.since(heard) == [(ANNA, "assigned")]  # once
    assert desk.log(1)[-1]["change"]["owner"] == ["emil", "anna"]


def test_else_the_team_has_it(desk: SmallDesk) -> None:
    heard = owned_by_emil(desk, "")
    desk.reopen()
    desk.wait(desk.now - desk.now)
    assert desk.incident(1)["owner"] in ("anna", "bob", "mia")
    assert [purpose for _, purpose in desk.since(heard)] == ["assigned"]


def test_an_engineer_who_has_left_has_no_power_by_his_old_letters(desk: SmallDesk) -> None:
    owned_by_emil(desk, "")
    letter = desk.last(EX, "assigned")
    desk.reopen()
    done = desk.say(EX, "/close solved", answers=letter)
    assert done.decision.ending != "applied"
    assert desk.incident(1)["status"] != "closed"
