"""Pages as people's programs write them, cut to the newly written words and cleaned."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sitmail.reading.formats.written_page import cut_again, written_page
from sitmail.reading.header_fields import CAPS


def _nobody(_: str) -> bool:
    return False


def page(source: str, text: str, pictures: dict[str, str] | None = None) -> str:
    return written_page(source, text, pictures or {}, _nobody)


GMAIL = """<div dir="ltr"><div>Please do <b>both</b>:</div><div><ol><li>Hold the <i>green</i> key</li>
<li>Wait</li></ol></div><div>More <a href="https://docs.example.org/reset">here</a>.</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 2 Nov 2026 at 10:00, Jane
&lt;<a href="mailto:j@example.net">j@example.net</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0"><p>It has <b>stopped</b>.</p></blockquote></div>"""
GMAIL_TEXT = (
    "Please do *both*:\n\n   1. Hold the *green* key\n   2. Wait\n\nMore here <https://docs.example.org/reset>."
)

OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style>p.MsoNormal{margin:0cm}</style></head><body lang="EN-GB"><div class="WordSection1">
<p class="MsoNormal"><b><span style="color:red">Red</span></b> means off.<o:p></o:p></p>
<table class="MsoTable"><tr><td><p class="MsoNormal">Port</p></td><td><p class="MsoNormal">8025</p></td></tr></table>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Anna</p><div style="border-top:solid #E1E1E1 1.0pt">
<p class="MsoNormal"><b>From:</b> Jane &lt;j@example.net&gt;<br><b>Sent:</b> Monday<br><b>Subject:</b> Printer</p>
</div><p class="MsoNormal">It has <b>stopped</b>.</p></div></body></html>"""

APPLE = """<html><head></head><body style="overflow-wrap: break-word;">Use <code>make quick</code> first.
<div><br></div><div>Then <del>wait</del> go on.</div><div><br><blockquote type="cite">
<div>On 2 Nov 2026, Jane wrote:</div><br><div>It has <b>stopped</b>.</div></blockquote></div></body></html>"""


def test_gmail_keeps_list_emphasis_and_link():
    got = page(GMAIL, GMAIL_TEXT)
    assert "<b>both</b>" in got
    assert re.search(r"<ol><li>Hold the <i>green</i> key</li>\s*<li>Wait</li></ol>", got)
    assert '<a href="https://docs.example.org/reset">here</a> <small>(docs.example.org)</small>' in got
    assert "stopped" not in got
    assert "wrote" not in got
    assert "class=" not in got


def test_outlook_keeps_the_table_and_nothing_of_the_quotation():
    got = page(OUTLOOK, "Red means off.\n\nPort\n8025\n\nAnna")
    assert "<b>Red</b> means off." in got
    assert re.search(r"<td><p>Port</p></td>\s*<td><p>8025</p></td>", got)
    assert "stopped" not in got
    assert "Sent" not in got
    assert "style" not in got
    assert "Mso" not in got


def test_apple_keeps_code_and_struck_words():
    got = page(APPLE, "Use make quick first.\n\nThen wait go on.")
    assert "<code>make quick</code>" in got
    assert "<del>wait</del>" in got
    assert "blockquote" not in got


def test_words_struck_by_a_style_are_marked():
    got = page('<p>Take <span style="text-decoration:line-through">two</span> three</p>', "Take ~~two~~ three")
    assert got == "<p>Take <s>two</s> three</p>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>plain words</p><p>only</p>", "plain words\n\nonly"),  # nothing to show
        ("<p><b>other</b> words</p>", "these words"),  # the two parts of the mail do not agree
        ("<p><b>one</b></p><blockquote>q</blockquote><p>two</p>", "one\n\ntwo"),  # no one run
        ("<p>a<span style='display:none'>x</span><b>b</b></p>", "ab"),  # hidden words between
        ("<p>no <b>way</b></p>", "no"),  # ends within
        ("", "text"),
        ("<p><b>x</b></p>", ""),
    ],
)
def test_where_the_text_serves_there_is_no_page(source, text):
    assert page(source, text) == ""


def test_a_short_answer_is_not_found_inside_of_another_word():
    got = page("<div>Do not <b>look</b></div><div><b>ok</b></div>", "ok")
    assert got == "<div><b>ok</b></div>"


def test_signs_without_letters_stay_at_the_ends():
    assert page("<p>«<b>Yes</b>» <span>!</span></p><p>--</p><p>Anna</p>", "«Yes» !") == "<p>«<b>Yes</b>» !</p>"
    assert page("<p><b>Works</b> <span>👍</span></p><p>Anna</p>", "*Works* 👍") == "<p><b>Works</b> 👍</p>"


def test_a_line_above_the_words_goes():
    source = "<div>/close solved</div><div>It was the <b>fuse</b>.</div>"
    whole = page(source, "/close solved\nIt was the fuse.")
    assert cut_again(whole, "It was the fuse.") == "<div>It was the <b>fuse</b>.</div>"
    assert cut_again(whole, "It was the lamp.") == ""
    assert cut_again("", "It was the fuse.") == ""


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('<b>x</b><script>alert(1)</script><img src="https://t.example.net/p.gif" width="1" height="1">', "<b>x</b>"),
        ('<b onclick="f()" class="c" id="i" style="position:fixed">x</b>', "<b>x</b>"),
        ('<form action="https://e.example.net"><b>x</b><input name="p"></form>', "<b>x</b>"),
        ('<a href="javascript:f()"><b>x</b></a>', "<b>x</b>"),
        ('<a href="data:text/html,hi"><b>x</b></a>', "<b>x</b>"),
        ('<b>x</b><a href="mailto:p@example.net?subject=s&amp;bcc=q@example.net"></a>', "<b>x</b>"),
        ("<b>x</b><style>b{color:red}</style><svg><text>y</text></svg>", "<b>x</b>"),
        ("<b>x</b><!-- note -->", "<b>x</b>"),
        ('<b>x</b><iframe src="https://e.example.net"></iframe>', "<b>x</b>"),
    ],
)
def test_only_the_list_stays(source, wanted):
    assert page(source, "x") == wanted


def test_a_mail_link_keeps_its_address_alone():
    got = page('<a href="mailto:p@example.net?subject=s&amp;body=%2Fclose&amp;cc=q@example.net">write</a>', "write")
    assert got == '<a href="mailto:p@example.net">write</a> <small>(p@example.net)</small>'


def test_a_link_to_the_desk_is_no_link():
    source = '<a href="mailto:support+i1.k@example.com?body=%2Fclose"><b>press</b></a>'
    assert written_page(source, "press", {}, lambda a: a.endswith("@example.com")) == "<b>press</b>"


@pytest.mark.parametrize(
    ("href", "words", "shown"),
    [
        ("https://bad.example.net/x", "https://bank.example.org", True),
        ("https://bad.example.net/x", "click", True),
        ("https://www.example.net/x", "Example.net", False),
        ("http://good.example.net/x", "http://good.example.net/x", False),
    ],
)
def test_the_host_is_shown_where_the_words_hide_it(href, words, shown):
    assert (
        f"</a> <small>({href.split('/')[2]})</small>" in page(f'<p><a href="{href}">{words}</a></p>', words)
    ) == shown


SHA = "ab" * 32


def test_a_picture_that_came_along_is_named_by_its_hash():
    source = '<p><b>See</b></p><p><img src="cid:i1@x" alt="photo"></p><p>Anna</p>'
    for text, label in (("See\n\n[photo]", "photo"), ("See", "")):  # a page has no word that the text has not
        got = page(source, text, {"i1@x": SHA})
        assert got == f'<p><b>See</b></p><p><img src="cid:{SHA[:32]}@pictures" alt="{label}"></p>'


def test_a_picture_from_elsewhere_is_named_not_fetched():
    source = '<p><b>See</b> <img src="https://t.example.net/a.png" alt="the lamp"> there <img src="file:///etc/x"></p>'
    for text, label in (("See [the lamp] there", "the lamp"), ("See there", "image")):
        assert page(source, text) == f"<p><b>See</b> <small>[{label}]</small> there <small>[image]</small></p>"


def test_right_to_left_stays():
    assert page('<div dir="rtl"><b>שלום</b></div>', "שלום") == '<div dir="rtl"><b>שלום</b></div>'


def test_pages_too_big_or_too_deep_travel_as_text():
    assert page("<div>" * 300 + "<b>x</b>" + "</div>" * 300, "x") == ""
    assert written_page("<b>x</b>" + " " * 100, "x", {}, _nobody, replace(CAPS, html=50)) == ""


def test_cleaning_twice_changes_nothing():
    for source, text in ((GMAIL, GMAIL_TEXT), (OUTLOOK, "Red means off.\n\nPort\n8025\n\nAnna")):
        once = page(source, text)
        assert cut_again(once, text) == once


def test_words_below_a_long_quotation_are_found():
    below = GMAIL.replace("stopped", "stopped, and so on. " * 500) + "<div>It was the <b>fuse</b>.</div>"
    assert page(below, "It was the fuse.") == "<div>It was the <b>fuse</b>.</div>"
    assert "stopped" not in page(below, GMAIL_TEXT)
