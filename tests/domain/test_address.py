"""Addresses: a strict reading that never guesses, and a lenient one for display."""

import pytest

from sitmail.domain.address import addr_spec, addresses, clean_name, strict
from sitmail.domain.mail import Address

ACCEPTED = {
    "anna@example.org": "anna@example.org",
    "Anna.Long@Example.ORG": "anna.long@example.org",
    "<anna@example.org>": "anna@example.org",
    "Anna Example <anna@example.org>": "anna@example.org",
    '"Example, Anna (Support)" <anna@example.org>': "anna@example.org",
    '"a\\"b" <anna@example.org>': "anna@example.org",
    "=?utf-8?q?J=C3=B6rg?= <joerg@example.org>": "joerg@example.org",
    "Jörg <joerg@example.org>": "joerg@example.org",
    "anna@example.org <Anna@example.org>": "anna@example.org",
    "o'neil+tag@example.org": "o'neil+tag@example.org",
    '"anna"@example.org': "anna@example.org",
    "anna@example.org (Anna Example)": "anna@example.org",
    "anna@example.org (=?utf-8?q?boss=40corp=2Eexample?=)": "anna@example.org",
    '"two words"@example.org': '"two words"@example.org',
    "root@localhost": "root@localhost",
    "a@bücher.example": "a@xn--bcher-kva.example",
    "a@XN--bcher-kva.example": "a@xn--bcher-kva.example",
    # comments, wherever they stand (RFC 5322 section 3.2.2)
    "anna@example.org(Anna)": "anna@example.org",
    "anna@example.org (Anna (Support))": "anna@example.org",
    "anna@example.org (Anna) (Support)": "anna@example.org",
    "anna@example.org (Anna, Bob)": "anna@example.org",
    "(Anna) anna@example.org": "anna@example.org",
    '"anna"@example.org (Anna)': "anna@example.org",
    "(x) <anna@example.org>": "anna@example.org",
    "Anna Long (Support) <anna@example.org>": "anna@example.org",
    "Anna Long <anna@example.org> (Support)": "anna@example.org",
    'Anna (5" disks) <anna@example.org>': "anna@example.org",
    "Anna <anna@example.org (Support)>": "anna@example.org",
    # forms that programs write, and that name one address alone
    "Long, Anna <anna@example.org>": "anna@example.org",
    "Anna @ Support <anna@example.org>": "anna@example.org",
    "Anna [Support] <anna@example.org>": "anna@example.org",
    "Support: Anna <anna@example.org>": "anna@example.org",
    "=?iso-8859-1?Q?L=F6ng, =20Anna?= <anna@example.org>": "anna@example.org",
    "=?iso-8859-1?Q?Anna (Support?= <anna@example.org>": "anna@example.org",
    "Anna <anna@example.org": "anna@example.org",
    "=?utf-8?q?Anna?= (anna@example.org)": "anna@example.org",
    "Anna Long (anna@example.org)": "anna@example.org",
    "'anna@example.org' <anna@example.org>": "anna@example.org",
    "anna@example.org <anna@example.org> (anna@example.org)": "anna@example.org",
    # beyond ASCII (RFC 6531, RFC 5890)
    "änna@example.org": "änna@example.org",
    "ÄNNA@Example.org": "änna@example.org",
    "a\u0308nna@example.org": "änna@example.org",
    "Änna <änna@BÜCHER.example>": "änna@xn--bcher-kva.example",
    "用户@例え.example": "用户@xn--r8jz45g.example",
    "\u0131nfo@example.org": "\u0131nfo@example.org",
    # encoded words are no addresses, whatever they decode to
    "=?utf-8?q?boss=40corp=2Eexample=3E=2C?= <evil@example.net>": "evil@example.net",
}
REFUSED = [
    "",
    "anna",
    "anna@",
    "@example.org",
    "<>",
    "a@example.org, b@example.org",
    "a@example.org b@example.org",
    "alice@example.org)bob@example.com",
    "anna@example.org (Anna",
    "anna@example.org (boss@corp.example)",
    "anna@example.org (a) bob@example.com",
    "an (x) na@example.org",
    "anna@example.org (x\\) <bob@example.com>",
    "<@relay.example:anna@example.org>",
    "Group: anna@example.org;",
    "boss@corp.example <evil@example.net>",
    "Boss (boss@corp.example) <evil@example.net>",
    "Boss <evil@example.net> (boss@corp.example)",
    "boss @ corp.example <evil@example.net>",
    "=?utf-8?q?boss@corp.example?= <evil@example.net>",
    "Boss boss@corp.example (evil@example.net)",
    "Boss (boss@corp.example) (evil@example.net)",
    "alice@example.org(x).evil",
    "Anna <anna@example.org> Long",
    "Anna <<anna@example.org>>",
    "Anna > <anna@example.org>",
    "Anna; <anna@example.org>",
    "Anna\\ <anna@example.org>",
    "\u212aate@example.org",  # the kelvin sign
    "\uff41nna@example.org",  # a letter of full width
    "\ufb01@example.org",  # a ligature
    "a\u200dnna@example.org",
    "ä" * 33 + "@example.org",
    "boss@corp.example, <evil@example.net>",
    "<boss@corp.example> <evil@example.net>",
    "<evil@example.net> boss",
    "anna@@example.org",
    "anna@b@example.org",
    "anna@example..org",
    "anna@.example.org",
    "anna@example.org.",
    "anna@-example.org",
    "anna@exam_ple.org",
    "anna@[192.0.2.1]",
    ".anna@example.org",
    "an..na@example.org",
    "an na@example.org",
    "anna\x00@example.org",
    "anna@example.org\x00",
    "anna@exa\u200bmple.org",
    '"anna@example.org',
    '"a\nb" <anna@example.org>',
    "a" * 65 + "@example.org",
    "a@" + "b" * 64 + ".example",
    "a@" + ".".join(["b" * 60] * 5),
]


@pytest.mark.parametrize(("field", "address"), ACCEPTED.items())
def test_identity_is_one_undoubted_mailbox(field, address):
    assert strict(field) == address


@pytest.mark.parametrize("field", REFUSED)
def test_anything_doubtful_is_no_identity(field):
    assert strict(field) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@strasse.example", "a@straße.example"),
        ("a@example.org", "a@exаmple.org"),  # a Cyrillic letter
        ("info@example.org", "ınfo@example.org"),
    ],
)
def test_look_alikes_are_somebody_else(one, other):
    assert addr_spec(one) != addr_spec(other)


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("Anna <a@example.org>", [("Anna", "a@example.org")]),
        ("a@example.org (Anna Example)", [("Anna Example", "a@example.org")]),
        ("Doe, John <j@example.org>, b@example.org", [("Doe, John", "j@example.org"), ("", "b@example.org")]),
        ('"Doe, John" <j@example.org>; Eve<e@example.org>', [("Doe, John", "j@example.org"), ("Eve", "e@example.org")]),
        ("<a@example.org<mailto:a@example.org>>", [("", "a@example.org")]),
        ("Staff: a@example.org, b@example.org;", [("", "a@example.org"), ("", "b@example.org")]),
        ("undisclosed-recipients:;", []),
        ("a@example.org <a@example.org>", [("", "a@example.org")]),
        ("root", [("", "root")]),
        ('"unclosed <a@example.org>', [("unclosed", "a@example.org")]),
        ("", []),
    ],
)
def test_lists_are_read_leniently(field, people):
    assert addresses(field) == tuple(Address(*p) for p in people)


def test_names_are_decoded_after_the_list_is_taken_apart():
    read = addresses(
        "ENCODED <a@example.org>, b@example.org", lambda name: name.replace("ENCODED", "X, <c@example.org>")
    )
    assert [p.address for p in read] == ["a@example.org", "b@example.org"]


def test_a_list_is_capped():
    assert len(addresses("a@example.org, " * 1000, limit=500)) == 500


def test_names_show_what_they_are():
    assert clean_name("Eve\u202e gro.elpmaxe\x00\u200b\r\n Bcc: x\u2028y") == "Eve gro.elpmaxe Bcc: x y"
