"""Articles: how they are named, and who may read which part of them."""

import pytest

from sitmail.domain.article import Content, Distribution, Part, Section, named, readable, reference

PUBLIC, RESTRICTED, PRIVATE = Distribution


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("KB12", (12, 0)),
        (" kb12 ", (12, 0)),
        ("KB0012", (12, 0)),
        ("kb 12", (12, 0)),
        ("KB-12", (12, 0)),
        ("KB12.3", (12, 3)),
        ("KB12 lamp", None),
        ("KB12.", None),
        ("12", None),
        ("SKB12", None),
        ("", None),
    ],
)
def test_an_article_is_named(text: str, meant: tuple[int, int] | None):
    assert named(text) == meant


def test_a_name_says_which_revision_is_meant():
    assert (reference(12), reference(12, 3)) == ("KB12", "KB12.3")


@pytest.mark.parametrize("distribution", Distribution)
@pytest.mark.parametrize("reader", Distribution)
def test_a_reader_gets_what_he_may_read(distribution: Distribution, reader: Distribution):
    sections = tuple(
        Section(part, "x", own) for part, own in zip(Part, (None, PUBLIC, RESTRICTED, PRIVATE), strict=False)
    )
    found = readable(Content("lamp", distribution, sections=sections), reader)
    order = [PUBLIC, RESTRICTED, PRIVATE]
    if order.index(distribution) > order.index(reader):
        assert found is None
    else:
        assert found is not None
        assert [one.part for one in found.sections] == [
            one.part for one in sections if order.index(one.distribution or distribution) <= order.index(reader)
        ]
