"""Forged Authentication-Results prove nothing; honest ones prove the domain in From."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.authentication import LARGEST, advice_for_trust, authenticated, disowned_by_domain, parse
from sitmail.domain.policy import Trust

RELAY = Trust(authserv_id="mx.example.com", authserv_hops=(1,), authserv_strips=True)
IDENTITY = "ann@example.org"
PASS = "dmarc=pass header.from=example.org"


def judged(*values: str, trust: Trust = RELAY, identity: str = IDENTITY) -> str:
    """The fields stand below one Received, as Postfix puts what its milters say."""
    fields = [("received", "from x by mx.example.com"), *(("authentication-results", value) for value in values)]
    return authenticated([*fields, ("from", IDENTITY)], identity, trust)


HONEST = {
    "dmarc": ("mx.example.com; dmarc=pass (p=none dis=none) header.from=example.org", "dmarc"),
    "several methods": (
        'mx.example.com; dkim=pass (2048-bit key) header.d=example.org header.i=@example.org header.b="ab/c+=";'
        " spf=pass smtp.mailfrom=prvs=1=ann@example.org; dmarc=pass(p=REJECT sp=NONE) header.from=example.org",
        "dmarc",
    ),
    "dmarc by spf, the signature broken on the way": (
        "mx.example.com; dkim=fail (body hash) header.d=example.org; dmarc=pass header.from=example.org",
        "dmarc",
    ),
    "dkim alone": ("mx.example.com; dkim=pass header.d=example.org header.s=k", "dkim"),
    "dkim by its agent": ("mx.example.com; dkim=pass header.i=@example.org header.s=k", "dkim"),
    "no dmarc policy": ("mx.example.com; dkim=pass header.d=example.org; dmarc=none header.from=example.org", "dkim"),
    "two signatures": ("mx.example.com; dkim=pass header.d=list.example; dkim=pass header.d=example.org", "dkim"),
    "any case, version, blanks, comments": (
        " MX.Example.Com 1 (ours (really)) ;\tDMARC/1 = Pass"
        ' reason = "fine; dmarc=fail" (so) header.from (here) = EXAMPLE.ORG',
        "dmarc",
    ),
    "a property without a type, and an end without a result": (
        "mx.example.com; dmarc=pass action=none header.from=example.org;compauth=pass reason=100;",
        "dmarc",
    ),
    "a local part in quotes": (
        'mx.example.com; spf=pass smtp.mailfrom="a ; dmarc=fail ("@evil.example; ' + PASS,
        "dmarc",
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_honest_results_prove_the_domain(case: str) -> None:
    value, method = HONEST[case]
    assert judged(value) == method


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("mx.example.com; dmarc=fail header.from=example.org", True),
        ("mx.example.com; dmarc=fail (p=none)", True),
        (f"mx.example.com; {PASS}", False),
        ("mx.example.com; dmarc=none header.from=example.org", False),
        ("mx.example.com; dmarc=temperror header.from=example.org", False),
        ("mx.example.com; dmarc=fail header.from=example.net", False),
        ("mx.example.com; dkim=fail header.d=example.org", False),
        ("mx.evil.example; dmarc=fail header.from=example.org", False),
    ],
)
def test_a_counted_fail_of_dmarc_disowns_the_mail(value: str, found: bool) -> None:
    fields = [("received", "from x by mx.example.com"), ("authentication-results", value), ("from", IDENTITY)]
    assert disowned_by_domain(fields, IDENTITY, RELAY) is found
    assert not disowned_by_domain(fields, IDENTITY, Trust())


FORGED = {
    "empty": "",
    "only an id": "mx.example.com",
    "no result": "mx.example.com; none",
    "somebody else's": f"mx.evil.example; {PASS}",
    "id with a suffix": f"mx.example.com.evil.example; {PASS}",
    "id as a suffix": f"evil.mx.example.com; {PASS}",
    "id after another": f"mx.evil.example mx.example.com; {PASS}",
    "id as a result": f"mx.evil.example; mx.example.com; {PASS}",
    "id in quotes": f'"mx.example.com"; {PASS}',
    "id after a comment": f"(x) mx.example.com; {PASS}",
    "id in a comment": f"mx.evil.example (mx.example.com); {PASS}",
    "id that looks alike": f"mx.example.\u0441om; {PASS}",
    "id with a letter that lowers to another": f"mx.example.com\u212a; {PASS}",
    "a version of the future": f"mx.example.com 2; {PASS}",
    "two versions": f"mx.example.com 1 1; {PASS}",
    "a method of the future": "mx.example.com; dmarc/2=pass header.from=example.org",
    "fail": "mx.example.com; dmarc=fail header.from=example.org",
    "none": "mx.example.com; dmarc=none header.from=example.org",
    "temperror": "mx.example.com; dmarc=temperror header.from=example.org",
    "fail and pass": f"mx.example.com; dmarc=fail header.from=example.org; {PASS}",
    "pass and fail": f"mx.example.com; {PASS}; dmarc=fail header.from=example.org",
    "pass and none": f"mx.example.com; {PASS}; dmarc=none",
    "two passes of two domains": f"mx.example.com; {PASS}; dmarc=pass header.from=evil.example",
    "two domains of one pass": f"mx.example.com; {PASS} header.from=evil.example",
    "pass of nobody": "mx.example.com; dmarc=pass",
    "pass of another": "mx.example.com; dmarc=pass header.from=evil.example",
    "pass of a suffix": "mx.example.com; dmarc=pass header.from=evil-example.org",
    "pass of a subdomain": "mx.example.com; dmarc=pass header.from=mail.example.org",
    "a property of another result": "mx.example.com; dmarc=pass; spf=fail header.from=example.org",
    "properties inherited": "mx.example.com; dkim=fail header.d=example.org; dmarc=pass; header.from=example.org",
    "the domain as a local part": 'mx.example.com; dmarc=pass header.from="x@example.org"@evil.example',
    "pass in a comment": f"mx.example.com; spf=pass ({PASS})",
    "pass in a nested comment": f"mx.example.com; spf=pass (a (b) ; {PASS})",
    "pass in quotes": f'mx.example.com; spf=pass reason="; {PASS}"',
    "pass after an escaped quote": f'mx.example.com; spf=pass reason="\\"; {PASS}"',
    "pass after an escaped bracket": f"mx.example.com; spf=pass (\\) ; {PASS})",
    "a quoted local part that closes a comment": (
        f'mx.example.com; spf=pass (domain of "a) ; {PASS} ;("@evil.example permits) smtp.mailfrom=x@evil.example'
    ),
    "the same, and well-formed to the end": (
        f'mx.example.com; spf=pass (domain of "a) ; {PASS} ; x=y ("@evil.example permits) smtp.mailfrom=x@evil.example'
    ),
    "the same with an escaped quote": (
        f'mx.example.com; spf=pass (of "a\\"b) ; {PASS} ;("@evil.example permits) smtp.mailfrom=x@evil.example'
    ),
    "a quoted local part that hides what follows": (
        f'mx.example.com; spf=pass smtp.mailfrom="a ; {PASS} "@evil.example; dmarc=fail header.from=example.org'
    ),
    "a comment that never ends": f"mx.example.com; {PASS} (",
    "a comment that never began": f"mx.example.com; {PASS} )",
    "a quotation that never ends": f'mx.example.com; {PASS} reason="',
    "comments without end": f"mx.example.com; {'(' * 50}{')' * 50} {PASS}",
    "words in between": f"mx.example.com; hello; {PASS}",
    "spf alone": "mx.example.com; spf=pass smtp.mailfrom=ann@example.org smtp.helo=example.org",
    "spf that names From": "mx.example.com; spf=pass header.from=example.org header.d=example.org",
    "a name that begins alike": "mx.example.com; dmarcx=pass header.from=example.org; x-dmarc=pass",
    "dkim of another": "mx.example.com; dkim=pass header.d=evil.example",
    "dkim of a suffix": "mx.example.com; dkim=pass header.d=evil-example.org",
    "dkim of a subdomain": "mx.example.com; dkim=pass header.d=guest.example.org",
    "dkim of a top level": "mx.example.com; dkim=pass header.d=org",
    "dkim of nobody": "mx.example.com; dkim=pass header.s=k",
    "dkim agent outside its domain": "mx.example.com; dkim=pass header.d=example.org header.i=@evil.example",
    "dkim of two": "mx.example.com; dkim=pass header.d=evil.example header.d=example.org",
    "dkim of two, and an agent": (
        "mx.example.com; dkim=pass header.d=evil.example header.d=example.org header.i=@example.org"
    ),
    "dkim that also failed": "mx.example.com; dkim=pass header.d=example.org; dkim=fail header.d=example.org",
    "dkim against dmarc": "mx.example.com; dkim=pass header.d=example.org; dmarc=fail header.from=example.org",
    "dkim against a dmarc pass of another": f"mx.example.com; dkim=pass header.d=example.org; {PASS}.evil.example",
    "8 bit": f"mx.example.com; {PASS} (\xe9)",
    "unicode blank": f"mx.example.com;\u00a0{PASS}",
    "a NUL": f"mx.example.com; {PASS}\0",
    "a bare CR": f"x\rAuthentication-Results: mx.example.com; {PASS}",
    "a bare CR after the id": f"mx.example.com; spf=fail\r; {PASS}",
    "a line that was not unfolded": f"mx.example.com; spf=fail\n {PASS}",
    "64 KB": f"mx.example.com; {PASS} ({'x' * LARGEST})",
    "64 KB of results": f"mx.example.com; {PASS}" + "; spf=none" * 7000,
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_results_prove_nothing(case: str) -> None:
    assert judged(FORGED[case]) == ""


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(HONEST) >= 6
    assert len(FORGED) >= 40


GOOD = f"mx.example.com; {PASS}"
BAD = "mx.example.com; dmarc=fail header.from=example.org"


@pytest.mark.parametrize(
    ("values", "proof"),
    [
        ((GOOD, GOOD), "dmarc"),
        ((GOOD, BAD), ""),
        ((BAD, GOOD), ""),
        ((GOOD, f"mx.evil.example; {PASS}", "mx.example.com; (("), "dmarc"),
        (("mx.evil.example; dmarc=fail header.from=example.org", GOOD), "dmarc"),
        (("mx.example.com; spf=pass", GOOD), ""),  # only the topmost proves
        (("mx.example.com; ((", GOOD), ""),
        (("mx.example.com; dkim=pass header.d=example.org", GOOD), "dkim"),
        ((GOOD, f"mx.example.com; spf=pass ({'x' * LARGEST})"), ""),
    ],
)
def test_several_fields_at_one_place(values: tuple[str, ...], proof: str) -> None:
    assert judged(*values) == proof


@pytest.mark.parametrize(
    ("above", "hops", "strips", "proof"),
    [
        (0, (0,), False, "dmarc"),
        (0, (0,), True, "dmarc"),
        (0, (1,), True, ""),
        (1, (0,), True, ""),
        (1, (1,), True, "dmarc"),
        (1, (1,), False, ""),
        (2, (1,), True, ""),
        (2, (2, 3), True, "dmarc"),
        (3, (2, 3), True, "dmarc"),
        (4, (2, 3), True, ""),
        (1, (), True, ""),
    ],
)
def test_the_place_counts(above: int, hops: tuple[int, ...], strips: bool, proof: str) -> None:
    order = [("received", "x")] * above + [("authentication-results", GOOD), ("received", "y")]
    assert authenticated(order, IDENTITY, Trust("mx.example.com", hops, strips)) == proof


def test_only_the_topmost_of_several_places_counts() -> None:
    trust = Trust("mx.example.com", (1, 2), True)
    order = [("received", "x"), ("authentication-results", BAD), ("received", "y"), ("authentication-results", GOOD)]
    assert authenticated(order, IDENTITY, trust) == ""
    order[1], order[3] = order[3], order[1]
    assert authenticated(order, IDENTITY, trust) == "dmarc"


@pytest.mark.parametrize(
    ("identity", "trust"),
    [
        (IDENTITY, Trust()),
        (IDENTITY, Trust(authserv_hops=(1,), authserv_strips=True)),
        ("", RELAY),
        ("ann@other.example", RELAY),
        ("ann@sub.example.org", RELAY),
    ],
)
def test_nothing_configured_or_nobody_there_proves_nothing(identity: str, trust: Trust) -> None:
    assert judged(GOOD, trust=trust, identity=identity) == ""


def test_a_signature_of_a_domain_above_counts() -> None:
    value = "mx.example.com; dkim=pass header.d=example.org header.i=@eu.example.org"
    assert judged(value, identity="ann@eu.example.org") == "dkim"
    assert judged(value, identity="ann@notexample.org") == ""


def test_another_field_is_no_result() -> None:
    for name in ("arc-authentication-results", "x-authentication-results", "old-authentication-results"):
        assert authenticated([("received", "x"), (name, GOOD)], IDENTITY, RELAY) == ""


@given(
    st.lists(
        st.sampled_from(
            ["mx.example.com", ";", " ", "dmarc", "dkim", "=", "pass", "fail", '"', "(", ")", "\\", "header.d"]
        )
        | st.characters(),
        max_size=40,
    ).map("".join)
)
def test_whatever_stands_there_is_read_without_raising(value: str) -> None:
    parse(value)
    order = [("received", ""), ("authentication-results", value), ("authentication-results", f"mx.example.com;{value}")]
    assert authenticated(order, IDENTITY, RELAY) == ""  # header.from and example.org never stand in it
    advice_for_trust(order)


def test_describe_names_the_numbers_to_write() -> None:
    order = [
        ("authentication-results", "front.example.com; none"),
        ("received", "x"),
        ("authentication-results", "MX.example.com 1; spf=pass"),
        ("authentication-results", "mx.example.com; dkim=pass"),
        ("received", "y"),
        ("authentication-results", '"mx.example.com"; dkim=pass'),
        ("authentication-results", "mx.example.com; dkim=pass"),
    ]
    lines = advice_for_trust(order)
    assert len(lines) == 3
    assert 'authserv_id = "front.example.com", authserv_hops = 0.' in lines[0]
    assert "below 1 Received line;" in lines[1]
    assert 'authserv_id = "mx.example.com", authserv_hops = 1, and authserv_strips = true' in lines[1]
    assert "authserv_hops = 2" in lines[2]


def test_describe_says_when_there_is_nothing() -> None:
    assert advice_for_trust([("received", "x")]) == [
        "No Authentication-Results field stands in this mail: nothing in it can prove who wrote it."
    ]
