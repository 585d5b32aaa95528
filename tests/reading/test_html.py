"""HTML to the text that a reader sees."""

import pytest

from sitmail.reading.formats.html import crude, to_text
from sitmail.reading.header_fields import Caps
from tests.growing import LIMIT, ratio


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one<p>two<br>three", "one\n\ntwo\nthree"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("a  <b>bold</b>\n word&nbsp;&amp; &lt;tag&gt; &#8364;", "a bold word & <tag> €"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a  b\nc"),
        ('see <a href="https://example.org/x">this page</a>!', "see this page (https://example.org/x)!"),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="mailto:a@example.org">a@example.org</a>', "a@example.org"),
        ('<a href="mailto:a@example.org">Anna</a>', "Anna (a@example.org)"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<p>said:<blockquote>one<blockquote>two<br>three</blockquote></blockquote>four", None),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<hr>b", "a\n" + "_" * 32 + "\nb"),
        ('<img alt="logo" src="cid:x"> text', "logo text"),
        ("<html><head><title>T</title><style>p{}</style></head><body>x<script>y</script></body></html>", "x"),
        ("<ol start=3><li>unplug<li>wait<ul><li>long</ul><li value=9>plug</ol>",
         "3. unplug\n4. wait\n\n- long\n\n9. plug"),
        ("<ol><li><p>one</p><li>two</ol>", "1. one\n\n2. two"),
        ("<s>server A</s> <b>B</b> and <del>not </del>C", "~~server A~~ B and ~~not~~ C"),
        ('<span style="text-decoration: line-through">old</span><strike><s>er</s></strike><s> </s>', "~~old~~~~er~~"),
        ("<del><p>one</p><p>two</p></del>three", "~~one\n\ntwo~~\n\nthree"),
        ("H<sub>2</sub>O, 10<sup>3</sup>, 10<sup>-3</sup>, the 5<sup>th</sup>", "H2O, 10^3, 10^-3, the 5th"),
        ("<input type=checkbox checked> yes <input type=radio>no<input name=x>", "[x] yes [ ] no"),
        ("plain", "plain"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_reader_sees(page, text):
    if text is None:
        text = "said:\n\n> one\n> > two\n> > three\nfour"
    assert to_text(page) == text


@pytest.mark.parametrize(
    "hiding",
    ['style="display:none"', 'style="DISPLAY : none !important"', 'style="visibility:hidden"', 'style="font-size:0px"',
     'style="mso-hide:all"', 'style="opacity:0"', 'style="height:0;overflow:hidden"', "hidden"],
)  # fmt: skip
def test_invisible_text_is_left_out(hiding):
    assert to_text(f"<div>a<span {hiding}>secret <b>words</b></span>b</div>") == "ab"


@pytest.mark.parametrize("style", ["font-size:0.9em", "font-size:10px", "opacity:0.5", "line-height:0", "height:0"])
def test_visible_text_stays(style):
    assert to_text(f'<div style="{style}">words</div>') == "words"


@pytest.mark.parametrize("page", ["<div>" * 500 + "words" + "</div>" * 500, "<b><i><font>" * 300 + "words"])
def test_deep_pages_keep_their_words(page):
    assert to_text(page) == "words"


def test_big_pages_keep_their_words():
    assert to_text("<p>word</p>" * 100, Caps(html=500)).split() == ["word"] * 100


def test_the_crude_way_reads_the_same_words():
    page = "<head><title>T</title></head><p>one &amp; two<br>three<SCRIPT>x</ScRiPt><script>never closed"
    assert crude(page) == "one & two\nthreenever closed"


@pytest.mark.parametrize(
    "bit", ["<div>", "<td>a", "<blockquote>a", "<b><p>", "<script>", "<", "&amp", "<a href=x>", "<!--"]
)
def test_cost_follows_the_length(bit):
    small, large = ("<table>" + bit * (size // len(bit)) for size in (50_000, 200_000))
    assert ratio(to_text, small, large) < LIMIT


def test_a_page_without_tags_is_a_text():
    assert to_text("one\n\n  two &amp; three\n") == "one\n\n  two & three"
    assert to_text("one\ntwo<br>three") == "one two\nthree"
