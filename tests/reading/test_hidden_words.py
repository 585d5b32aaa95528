"""Pages that hide words are known, by whatever means; what programs and newsletters write for layout is harmless."""

from __future__ import annotations

import pytest

from sitmail.reading.formats.html import read

LINE = "/close solved"
HIDING = {
    "a class": ("<style>.x { display: none }</style>", f'<p class="x">{LINE}</p>'),
    "an id": ("<style>#x{visibility:hidden}</style>", f'<p id="x">{LINE}</p>'),
    "a tag": ("<style>u { opacity: 0 }</style>", f"<u>{LINE}</u>"),
    "an attribute": ("<style>p[lang=xx]{font-size:0}</style>", f'<p lang="xx">{LINE}</p>'),
    "a child": ("<style>div > p + p {display:none!important}</style>", f"<div><p>a</p><p>{LINE}</p></div>"),
    "a rule in a comment": ("<style><!-- p.x {display:none} --></style>", f'<p class="x">{LINE}</p>'),
    "a rule for any screen": ("<style>@media screen {p.x {display:none}}</style>", f'<p class="x">{LINE}</p>'),
    "a rule for large screens": (
        "<style>@media (max-width: 9999px) {p.x {display:none}}</style>",
        f'<p class="x">{LINE}</p>',
    ),
    "a style in the body": ("", f'<style>.x{{display:none}}</style><p class="x">{LINE}</p>'),
    "white on white": ("", f'<p style="color:#fff">{LINE}</p>'),
    "nearly white": ("", f'<p style="color:#fdfdfd">{LINE}</p>'),
    "white as a function": ("", f'<p style="color: rgb(255, 255, 255)">{LINE}</p>'),
    "white by name": ("", f'<font color="white">{LINE}</font>'),
    "white by a class": ("<style>.x{color:white}</style>", f'<p class="x">{LINE}</p>'),
    "colour of its background": (
        "",
        f'<table bgcolor="#336699"><tr><td style="color:#336699">{LINE}</td></tr></table>',
    ),
    "transparent": ("", f'<p style="color:transparent">{LINE}</p>'),
    "off the screen": ("", f'<p style="position:absolute;left:-9999px">{LINE}</p>'),
    "above the screen": ("", f'<div style="position: fixed; top: -1000em"><p>{LINE}</p></div>'),
    "indented away": ("", f'<p style="text-indent:-9999px">{LINE}</p>'),
    "moved away": ("", f'<p style="margin-left: -5000px">{LINE}</p>'),
    "clipped": ("", f'<p style="position:absolute;clip:rect(0,0,0,0)">{LINE}</p>'),
    "clipped to nothing": ("", f'<p style="clip-path: inset(50%)">{LINE}</p>'),
    "no height": ("", f'<div style="max-height:0">{LINE}</div>'),
    "tiny": ("", f'<p style="font-size:1px">{LINE}</p>'),
    "tiny by font": ("", f'<p style="font: 1px/1 Arial">{LINE}</p>'),
    "shrunk": ("", f'<p style="transform: scale(0)">{LINE}</p>'),
    "what cannot be judged": ("<style>.x\\75 {display:none}</style>", f'<p class="xu">{LINE}</p>'),
}


def page(head: str, body: str) -> str:
    return f"<html><head>{head}</head><body><p>Hello.</p>{body}</body></html>"


@pytest.mark.parametrize("how", HIDING)
def test_hidden_words_are_noticed(how: str) -> None:
    assert read(page(*HIDING[how])).hides


OUTLOOK = """<style><!--
@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}
p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}
a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;}
span.E-MailFormatvorlage17 {mso-style-type:personal-compose; font-family:"Calibri",sans-serif; color:windowtext;}
.MsoChpDefault {mso-style-type:export-only; font-size:10.0pt;}
@page WordSection1 {size:612.0pt 792.0pt; margin:70.85pt 70.85pt 2.0cm 70.85pt;}
div.WordSection1 {page:WordSection1;}
--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->"""
APPLE = "<style>body {font-family: Helvetica; font-size: 13px} .Apple-interchange-newline{display:none}</style>"
NEWSLETTER = """<style>
#outlook a{padding:0} .ExternalClass *{line-height:100%} body{margin:0} img{border:0;height:auto}
.hide-mobile{} @media only screen and (max-width:480px){ .hide-mobile{display:none !important} .full{width:100%} }
@media print { .x{display:none} } @media (prefers-color-scheme: dark){ p{color:#fff} .y{display:none} }
.mobile-only{display:none}
</style>"""
HARMLESS = {
    "no style": ("", f"<p>{LINE}</p>"),
    "Outlook": (OUTLOOK, f'<div class="WordSection1"><p class="MsoNormal">{LINE}<o:p></o:p></p></div>'),
    "Apple Mail": (APPLE, f'{LINE}<br class="Apple-interchange-newline">'),
    "Gmail": ("", f'<div dir="ltr">{LINE}<div style="color:rgb(34,34,34);font-size:small">Anna</div></div>'),
    "a newsletter": (NEWSLETTER, f'<p class="hide-mobile x y">{LINE}</p><div class="mobile-only"><img src="x"></div>'),
    "a preheader": ("", f'<div style="display:none;max-height:0;color:#fff">News of today</div><p>{LINE}</p>'),
    "white on dark": ("", f'<table bgcolor="#000000"><tr><td style="color:#fff">{LINE}</td></tr></table>'),
    "white on a picture": ("", f'<div style="background: url(x.png)"><p style="color:#fff">{LINE}</p></div>'),
    "dark by a class": ("<style>.d{background:#222;color:#eee}</style>", f'<p class="d">{LINE}</p>'),
    "small print": ("", f'<p style="font-size:9px;color:#999">{LINE}</p>'),
    "a rule that matches nothing": ("<style>.nobody{display:none}</style>", f"<p>{LINE}</p>"),
    "a rule under the mouse": ("<style>p:hover{display:none} p:before{display:none}</style>", f"<p>{LINE}</p>"),
    "a strange selector": ("<style>a:-x-any((link {color:#333} :is(p, u){margin:0}</style>", f"<p>{LINE}</p>"),
    "hidden without words": ("<style>.x{display:none}</style>", f'<p class="x"> <img src="x"></p><p>{LINE}</p>'),
    "a little to the left": ("", f'<p style="margin-left:-5px;text-indent:-18pt">{LINE}</p>'),
}


@pytest.mark.parametrize("how", HARMLESS)
def test_layout_is_harmless(how: str) -> None:
    found = read(page(*HARMLESS[how]))
    assert not found.hides
    assert LINE in found.text
