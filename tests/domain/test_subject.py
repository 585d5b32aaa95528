"""Subjects: references, and the prefixes that mail programs add."""

import re

import pytest

from sitmail.domain.subject import base, is_forward, is_reply, references


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: [SIT-1234] disk", (1234,)),
        ("disk [sit-7]", (7,)),
        ("[SIT-\t12 34] folded", (1234,)),
        ("[ SIT - 9 ]", (9,)),
        ("[SIT-1] and [SIT-2] and [SIT-1]", (1, 2)),
        ("SIT-5 without brackets", ()),
        ("[SIT-١٢]", ()),
        ("[SIT-1234567890]", ()),
        ("[SIT-0]", ()),
        ("[OTHER-3]", ()),
        ("[SIT-]", ()),
    ],
)
def test_references_are_found_anywhere(subject, numbers):
    assert references(subject, "SIT") == numbers


def test_former_formats_move_imported_numbers():
    former = (re.compile(r"Ticket#(\d+)"),)
    assert references("Re: Ticket#42 [SIT-3]", "SIT", former, 1000) == (3, 1042)
    assert references("Ticket#٤٢", "SIT", former) == ()


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: disk", "disk"),
        ("AW: WG: Re[2]: Fwd: disk", "disk"),
        ("Re^3: RE(4): disk", "disk"),
        ("回复：磁盘", "磁盘"),
        ("Re: [SIT-12] AW: disk", "disk"),
        ("disk: full", "disk: full"),
        ("Re:", ""),
    ],
)
def test_the_bare_subject(subject, plain):
    assert base(subject, "SIT") == plain


@pytest.mark.parametrize(
    ("subject", "reply", "forward"),
    [
        ("Re: x", True, False),
        ("SV: x", True, False),
        ("[announce] Re: x", True, False),
        ("Fwd: Re: x", False, True),
        ("Re: Fwd: x", True, False),
        ("WG: x", False, True),
        ("x (fwd)", False, True),
        ("Regarding: x", False, False),
        ("x", False, False),
    ],
)
def test_the_outermost_prefix_counts(subject, reply, forward):
    assert (is_reply(subject), is_forward(subject)) == (reply, forward)
