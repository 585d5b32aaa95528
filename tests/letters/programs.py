"""What mail programs make of what somebody types, in a new mail or above the page of a letter that they quote.

Each gives the Content-Type and the body of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from tests.letters.pages import read
from tests.letters.replied import ON, Letter

Program = Callable[[str, Letter | None], tuple[str, str]]
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


def gmail(words: str, answered: Letter | None) -> tuple[str, str]:
    """Text and page; class names of the quoted page get a prefix."""
    page = f'<div dir="ltr">{_divs(words)}</div>'
    if answered is None:
        return _alternative(words, page)
    inner = _inner(answered).replace('class="', 'class="m_-4711')
    quote = f'<div dir="ltr" class="gmail_attr">{escape(ON)}<br></div><blockquote class="gmail_quote" '
    quote += f'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>{inner}'
    page += f'<br><div class="gmail_quote gmail_quote_container">{quote}</blockquote></div>'
    return _alternative(f"{words}\n\n{ON}\n\n{_marked(answered)}", page)


def apple(words: str, answered: Letter | None) -> tuple[str, str]:
    """Text and page; the quoted page keeps its style sheet."""
    page = _divs(words)
    if answered is None:
        return _alternative(words, f"<html><body>{page}</body></html>")
    on = "On 2. Mar 2026, at 12:00, Example Support <support@example.com> wrote:"
    style = answered.page.partition("<style>")[2].partition("</style>")[0]
    page += f'<div><br><blockquote type="cite"><div>{escape(on)}</div><br class="Apple-interchange-newline"><div>'
    page += f"<style>{style}</style><div>{_inner(answered)}</div></div></blockquote></div><br>"
    page = f'<html><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space;">{page}</body></html>'
    return _alternative(f"{words}\n\n> {on}\n> \n{_marked(answered)}", page)


def outlook(words: str, answered: Letter | None) -> tuple[str, str]:
    """A page alone, each line a paragraph, and an empty one where the writer would go on."""
    return 'text/html; charset="utf-8"', _word(words, answered)


def outlook_both(words: str, answered: Letter | None) -> tuple[str, str]:
    """The same with a text, in which nothing marks the quotation but the head above it; links stand in brackets."""
    if answered is None:
        return _alternative(words, _word(words, None))
    text = f"{words}\n\nFrom: Example Support <support@example.com>\nSent: Monday, March 2, 2026 12:00 PM\n"
    text += f"To: {answered.parsed['To']}\nSubject: {answered.parsed['Subject']}\n\n{_as_text(answered)}"
    return _alternative(text, _word(words, answered))


def mutt(words: str, answered: Letter | None) -> tuple[str, str]:
    """Text alone, with a signature below."""
    quote = "" if answered is None else f"\n\n{ON}\n" + "\n".join(f"> {line}" for line in answered.text.split("\n"))
    return "text/plain; charset=utf-8; format=flowed", f"{words}{quote}\n\n-- \nAt your service\n"


PROGRAMS: dict[str, Program] = {
    "gmail": gmail,
    "apple": apple,
    "outlook": outlook,
    "outlook both": outlook_both,
    "mutt": mutt,
}


def _word(words: str, answered: Letter | None) -> str:
    lines = [escape(line) or "&nbsp;" for line in (*words.splitlines(), "")]
    body = "".join(f"<p class=MsoNormal><span lang=EN-US>{line}<o:p></o:p></span></p>\n" for line in lines)
    if answered is not None:
        head = "<b>From:</b> Example Support &lt;support@example.com&gt;<br><b>Sent:</b> Monday, March 2, 2026 12:00 PM"
        head += f"<br><b>To:</b> {escape(str(answered.parsed['To']))}<br><b>Subject:</b> "
        head += escape(str(answered.parsed["Subject"]))
        body += "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
        body += f"<p class=MsoNormal>{head}<o:p></o:p></p></div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        body += _inner(answered).replace("display:none;max-height:0;overflow:hidden", "display:none;mso-hide:all")
    style = "<style><!--p.MsoNormal {margin:0cm;}--></style>"
    return (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>{style}</head>'
        f"<body lang=EN-US><div class=WordSection1>\n{body}</div></body></html>\n"
    )


def _divs(words: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in words.splitlines())


def _inner(letter: Letter) -> str:
    found = _BODY.search(letter.page)
    assert found, "the letter has no page"
    return re.sub(r"<!--.*?-->", "", found[1], flags=re.DOTALL)


def _as_text(letter: Letter) -> str:
    """The page as text: programs drop its layout, show the preview, and put the address behind each link."""
    inner = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', r"\2 &lt;\1&gt;", _inner(letter), flags=re.DOTALL)
    inner = inner.replace("display:none", "")
    lines = re.sub(r"(</(p|div|tr|td|blockquote|summary|li)>|<br[^>]*>)", lambda end: f"{end[1]} \x1e", inner)
    return "\n".join(" ".join(line.split()) for line in read(f"<div>{lines}</div>").text.split("\x1e"))


def _marked(letter: Letter) -> str:
    return "\n".join(f"> {line}" for line in _as_text(letter).split("\n"))


def _alternative(text: str, page: str) -> tuple[str, str]:
    parts = "".join(
        f'--=_p\nContent-Type: text/{kind}; charset="UTF-8"\nContent-Transfer-Encoding: 8bit\n\n{content}\n\n'
        for kind, content in (("plain", text), ("html", page))
    )
    return 'multipart/alternative; boundary="=_p"', f"{parts}--=_p--\n"
