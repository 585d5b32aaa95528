"""Signed addresses and ids: what they prove, for whom, how long; and that other readers never get them."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain import trust
from sitmail.domain.facts import Proof
from sitmail.domain.policy import Trust
from tests.domain.desk_at_hand import BOX, NOW
from tests.examples import examples

KEYS = trust.Keys({"a": b"1" * 32, "b": b"2" * 32}, "b")
OLD = trust.Keys({"a": b"1" * 32}, "a")
KINDS = "invhckdb"
LONG_AGO = trust.PROVES_FOR + timedelta(days=1)


def test_a_token_proves_exactly_its_kind_number_person_and_generation() -> None:
    things = list(product(KINDS, (0, 1, 11, 111), (1, 11), (0, 1)))
    tokens = {thing: trust.token(KEYS, *thing) for thing in things}
    assert len(set(tokens.values())) == len(things)
    for thing, one in tokens.items():
        assert [other for other in things if trust.proves(KEYS, one, *other)] == [thing]


def test_numbers_cannot_slide_into_each_other() -> None:
    assert trust.token(KEYS, "i", 1, 11) != trust.token(KEYS, "i", 11, 1)
    assert not trust.proves(KEYS, trust.token(KEYS, "i", 1, 23), "i", 12, 3)


def test_older_keys_verify_and_unknown_ones_do_not() -> None:
    one = trust.token(OLD, "i", 1, 2)
    assert one[0] == "a" and trust.proves(KEYS, one, "i", 1, 2)
    assert not trust.proves(trust.Keys({"b": KEYS.secrets["b"]}, "b"), one, "i", 1, 2)
    assert not trust.proves(KEYS, "b" + one[1:], "i", 1, 2)
    assert not trust.proves(KEYS, "", "i", 1, 2)


@given(st.sampled_from(KINDS), st.integers(0, 999_999_999), st.integers(0, 10**9))
def test_an_address_reads_back_in_any_case_and_is_short_enough(kind: str, number: int, person: int) -> None:
    address = trust.signed_address(KEYS, BOX, kind, number, person)
    local = address.partition("@")[0]
    read = trust.read_tag(local.partition("+")[2].upper())
    assert read is not None and (read.kind, read.number) == (kind, number)
    assert trust.proves(KEYS, read.token, kind, number, person)
    assert len(local) <= 64 and address == address.lower() and address.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i12",
        "i.aaaaaaaaaaaaaaaaa",
        "x12.aaaaaaaaaaaaaaaaa",
        "i12.aaaaaaaaaaaaaaaa",
        "i12.aaaaaaaaaaaaaaaaaa",
        "i12.1aaaaaaaaaaaaaaaa",
        "i1234567890.aaaaaaaaaaaaaaaaa",
        "i12.aaaaaaaaaaaaaaaaa\n",
        "i١٢.aaaaaaaaaaaaaaaaa",
        "i12.aaaaaaaa.aaaaaaaa",
        "cmd",
    ],
)
def test_what_is_no_tag(text: str) -> None:
    assert trust.read_tag(text) is None


def test_without_plus_there_is_only_the_plain_address() -> None:
    assert trust.signed_address(KEYS, replace(BOX, reply=""), "i", 1, 2) == BOX.address


# --- Message-IDs


def test_an_id_says_to_whom_what_was_sent_and_any_change_undoes_it() -> None:
    one = trust.message_id(KEYS, "epoch mail:1", "n", 12, 3, "example.com")
    assert trust.read_message_id(KEYS, one.upper(), {}) == trust.SignedId("n", 12, 3)
    assert one == trust.message_id(KEYS, "epoch mail:1", "n", 12, 3, "example.com"), "the same on every attempt"
    assert one != trust.message_id(KEYS, "other mail:1", "n", 12, 3, "example.com"), "a restore is a new epoch"
    for old, new in (("<n12", "<i12"), ("<n12", "<n13"), (".3.", ".4.")):
        assert trust.read_message_id(KEYS, one.replace(old, new), {}) is None
    for at in range(one.index(".3.") + 3, one.index("@")):
        if one[at] != ".":
            changed = one[:at] + ("c" if one[at] != "c" else "d") + one[at + 1 :]
            assert trust.read_message_id(KEYS, changed, {}) is None


def test_a_void_id_is_ours_by_form_only() -> None:
    one = trust.message_id(KEYS, "fact", "i", 12, 3, "example.com")
    assert trust.read_message_id(KEYS, one, {(3, 12): 1}) is None
    assert trust.read_message_id(KEYS, one, {(3, 13): 1, (4, 12): 1}) is not None
    assert trust.is_ours_by_form(one)


@given(st.text(max_size=200))
def test_nothing_else_is_an_id_of_ours(text: str) -> None:
    assert trust.read_message_id(KEYS, text, {}) is None


# --- how long


@pytest.mark.parametrize(
    "issued, closed, proves",
    [
        (timedelta(0), None, True),
        (trust.PROVES_FOR, None, True),
        (LONG_AGO, None, False),
        (timedelta(days=1), trust.PROVES_AFTER_CLOSING, True),
        (timedelta(days=1), trust.PROVES_AFTER_CLOSING + timedelta(seconds=1), False),
        (LONG_AGO, timedelta(0), False),
        (None, None, False),
    ],
)
def test_tokens_prove_for_a_time(issued: timedelta | None, closed: timedelta | None, proves: bool) -> None:
    at = None if issued is None else NOW - issued
    assert trust.still_proves(at, None if closed is None else NOW - closed, NOW) is proves


# --- powers and sites


@pytest.mark.parametrize("commands", ["proof", "both", "confirm"])
def test_no_power_of_staff_but_reading_comes_from_nothing(commands: str) -> None:
    policy = Trust(commands=commands)
    free = [power for power in trust.STAFF_POWERS if trust.staff_may(power, Proof.NONE, policy)]
    assert free == ([trust.Power.READ] if commands == "proof" else [])
    for power in trust.STAFF_POWERS:
        assert trust.staff_may(power, Proof.CONFIRMED, policy), "a confirmation is enough for everything"


def test_what_is_relayed_or_closes_needs_proof_under_every_setting() -> None:
    for customers in ("from", "proof"):
        for power in (trust.Power.RELAY, trust.Power.CONFIRM_CLOSURE):
            assert not trust.customer_may(power, Proof.NONE, Trust(customers=customers))


FREE_MAIL = """yahoo.com yahoo.de yahoo.co.uk yahoo.com.br yahoo.co.jp ymail.com hotmail.it hotmail.co.uk outlook.fr
    outlook.com.au live.nl live.co.za msn.com gmx.at gmx.ch gmx.net aol.de icloud.com yandex.by yandex.com.tr proton.me
    orange.es wanadoo.fr tiscali.co.uk zoho.in mail.ru web.de comcast.net btinternet.com qq.com naver.com seznam.cz
    mail.example.net webmail.org webmail.co.uk"""
OWN = """yahoo.acme.example.net live.acme.example notyahoo.com hotmail.com.evil.example outlook.corp.example.com
    example.com mail.acme.example.net webmail.acme.example.net"""
MORE = ("mail.example.net", "webmail.*")


@pytest.mark.parametrize(
    "one, other, domains, together",
    [
        ("a@acme.example.net", "b@acme.example.net", ("acme.example.net",), True),
        ("a@acme.example.net", "b@evil.acme.example.net", ("acme.example.net",), False),
        ("a@evilacme.example.net", "b@acme.example.net", ("acme.example.net",), False),
        ("a@one.example", "b@two.example", ("one.example", "two.example"), True),
        ("a@own.example", "b@own.example", (), True),
        ("a@own.example", "b@other.example", (), False),
        ("a@gmail.com", "b@gmail.com", (), False),
        ("a@gmail.com", "b@gmail.com", ("gmail.com",), True),
        *((f"a@{domain}", f"b@{domain}", (), False) for domain in FREE_MAIL.split()),
        *((f"a@{domain}", f"b@{domain}", (), True) for domain in OWN.split()),
    ],
)
def test_who_is_of_the_same_site(one: str, other: str, domains: tuple[str, ...], together: bool) -> None:
    assert trust.same_site(one, other, domains, MORE) is together


# --- kept from other readers


def test_tokens_and_ids_of_others_lose_what_makes_them_work() -> None:
    mine = trust.token(KEYS, "i", 12, 3)
    his = trust.token(KEYS, "n", 12, 4)
    an_id = trust.message_id(KEYS, "fact", "n", 12, 4, "example.com")
    text = f"to support+i12.{mine}@example.com, not SUPPORT+N12.{his.upper()}@example.com nor {an_id}."
    shown = trust.without_tokens(KEYS, text, [f"i12.{mine}"])
    assert mine in shown and his.upper() not in shown and an_id not in shown
    assert shown.startswith(f"to support+i12.{mine}@example.com, not SUPPORT+N12.-@example.com nor <n12.4.")


_OWN = "i12." + trust.token(KEYS, "i", 12, 3)
_NEAR = (f"+{_OWN}@", _OWN, f"+{_OWN}", f"{_OWN}@", f"1.2.{_OWN}@", f"n{_OWN}@", f"+{_OWN.upper()}@", "i1.2.", "+", "@")


@examples(1000)
@given(st.lists(st.sampled_from((*_NEAR, "n12." + trust.token(KEYS, "n", 12, 4), " ")), max_size=6).map("".join))
def test_what_is_passed_by_as_ones_own_is_what_would_be_kept(text: str) -> None:
    kept, at = "", 0
    for found in trust._ISSUED.finditer(text):
        own = found[0].lower() == _OWN
        kept += text[at : found.start()] + (found[0] if own else f"{found[1]}.-")
        at = found.end()
    assert trust.without_tokens(KEYS, text, [_OWN, ""]) == kept + text[at:]


def test_ordinary_text_is_left_alone() -> None:
    text = "see node1.internal, i18n.configuration, d3.min.js, b2.telecommunications and v1.2.3"
    assert trust.without_tokens(trust.Keys({"z": b"1" * 32}, "z"), text, []) == text


@examples(200)
@given(st.text(max_size=100), st.text(max_size=100))
def test_a_token_is_found_between_any_words(before: str, after: str) -> None:
    one = "i12." + trust.token(KEYS, "i", 12, 3)
    shown = trust.without_tokens(KEYS, f"{before} {one}@{after}", [])
    assert one not in shown


_PIECES = (
    "i12.",
    "n3.",
    "b2",
    ".",
    "345.",
    "q",
    "K",
    "K5.",
    "\u212a",
    "\u0130" + "c" * 16,
    "\u0131\u017f" + "d" * 15,
    "a" + "b" * 16,
)
_TOUCHING = ("i1.a" + "b" * 14 + "n5.a" + "c" * 16, "v1.2.abcdefghij.a" + "b" * 16, "y5.a" + "2" * 17, "_", "@")


@examples(2000)
@given(st.lists(st.sampled_from((*_PIECES, *_TOUCHING)), max_size=8).map("".join))
def test_the_quick_search_finds_what_the_expression_finds(text: str) -> None:
    quick = [found.span() for found in trust._issued(text)]
    assert quick == [found.span() for found in trust._ISSUED.finditer(text)]


@given(st.binary(min_size=1, max_size=100), st.text(st.characters(codec="utf-8")))
def test_the_code_is_an_hmac(secret: bytes, claim: str) -> None:
    digest = hmac.digest(secret, claim.encode(), "sha256")
    assert trust._mac(secret, claim) == base64.b32encode(digest[:10]).decode().lower()
