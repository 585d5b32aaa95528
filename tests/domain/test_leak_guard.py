"""Words that only staff were told stop a mail in whatever form they stand; everybody else's words never do."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import quopri
import zipfile
import zlib
from collections.abc import Callable

import pytest

from sitmail.domain import file_contents, leak_guard
from sitmail.domain.leak_guard import FRAME, INSIDE, OWN_NOTE, Leak, examined, holds_frame, released
from sitmail.domain.mail import Attachment
from sitmail.domain.memory import Said
from sitmail.domain.note_footers import without_footers

NOTE = "the customer has not paid since March, and we keep him waiting until the invoice from Berlin is settled"
HEAD = (
    "Incident:  [SIT-1] Printer stopped\nCustomer:  Jane Doe <jane@acme.example.net>, Acme\n"
    "Owner:     Anna Smith (helpdesk)\nState:     active, priority medium\nOpened:    Mon 2 Mar 2026 12:00 UTC\n"
)
FIRST = "PUBLIC: a plain reply is read by: Jane Doe <jane@acme.example.net>"
PUBLIC = "The printer on the third floor of the main building stopped this morning with a red lamp."
SIGNATURE = "Anna Smith\nExample Support GmbH, Main Street 12, 12345 Berlin\nphone +49 30 1234567"
SAID = Said(
    internal=[f"{FIRST}\n\nBob Jones noted (1#4, internal):\n\n{NOTE}\n\n{HEAD}\nJane Doe wrote (1#1):\n\n{PUBLIC}"],
    public=[PUBLIC],
    harmless=["Printer stopped", "Jane Doe <jane@acme.example.net>, Acme"],
)
WORDS = NOTE.split()


def leaks(words: str, said: Said, notes_too: bool = True) -> list[Leak]:
    return leak_guard.leaks(words.split("\n"), said, notes_too)


def broken(width: int, before: str = "", between: str = " ") -> str:
    """The note in lines of so many words."""
    lines = [between.join(WORDS[at : at + width]) for at in range(0, len(WORDS), width)]
    return "\n".join(f"{before.format(number)}{line}" for number, line in enumerate(lines, 1))


FORMS = {
    "as it is": NOTE,
    "a part": " ".join(WORDS[4:13]),
    "in another sentence": f"You should know that {' '.join(WORDS[:9])}, sorry for that.",
    "reflowed": broken(5),
    "one word a line": broken(1),
    "initials": broken(6, "BJ> "),
    "initials without a blank": broken(6, "BJ>"),
    "a word before": broken(5, "Bob "),
    "two words before": broken(5, "| Bob Jones "),
    "numbered": broken(5, "{}: "),
    "numbered with brackets": broken(5, "{}) "),
    "bold": broken(6, "**") + "**",
    "each word bold": " ".join(f"*{word}*" for word in WORDS),
    "arrows": broken(6, "\u2192 "),
    "capitals": NOTE.upper(),
    "letters apart": " ".join(NOTE.replace(" ", "")),
    "without blanks": NOTE.replace(" ", ""),
    "unseen signs": "\u200b".join(NOTE),
    "soft hyphens": NOTE.replace("o", "o\xad"),
    "no-break blanks": NOTE.replace(" ", "\xa0"),
    "hyphenated": NOTE.replace("customer", "custo-\nmer").replace("waiting", "wait-\ning"),
    "typographic": "\u201c" + NOTE.replace(",", " \u2013") + "\u201d",
    "links added": NOTE.replace("customer", "customer<mailto:c@example.com>"),
    "the head": HEAD,
    "the head in one line": HEAD.replace("\n", " "),
    "the first line": FIRST,
    "the first line broken": "> " + FIRST.replace(" is ", "\n> is ").replace("letter", "*letter*"),
}


@pytest.mark.parametrize("how", FORMS)
def test_words_for_staff_stop_a_mail_in_any_form(how: str) -> None:
    assert leaks(f"Hello Jane,\n\nit is done.\n\n{FORMS[how]}\n\nRegards, Anna", SAID)


OTHERS = {
    "words of one's own": "Please unplug it, wait for a minute, and tell me whether the lamp is green now.",
    "public words": f"You wrote: {PUBLIC}",
    "public words reflowed": PUBLIC.replace(" the ", "\nthe ").replace("stopped", "*stopped*"),
    "an answer between public lines": f"> {PUBLIC[:40]}\nWhich one?\n> {PUBLIC[40:]}\nGreen or red?",
    "the title and the name": "Jane Doe <jane@acme.example.net>, Acme: Printer stopped",
    "a date": "It was opened on Mon 2 Mar 2026 12:00 UTC, as you know.",
    "seven words": f"He says: {' '.join(WORDS[:7])}.",
    "the same words in another order": " ".join(sorted(WORDS)),
    "nothing": "",
    "a list of numbers": "1 2 3 4 5 6 7 8 9 10 11 12",
}


@pytest.mark.parametrize("how", OTHERS)
def test_other_words_leave(how: str) -> None:
    assert leaks(OTHERS[how], SAID) == []


COURTESIES = (
    "Please let me know if you have any questions.",
    "Please do not hesitate to contact me if you have any further questions.",
    "Thank you very much for your patience and your understanding, and have a nice day.",
    "Vielen Dank für Ihre Geduld und Ihr Verständnis. Bei Fragen stehe ich Ihnen gerne jederzeit zur Verfügung.",
    "N'hésitez pas à nous contacter si vous avez des questions. Nous restons à votre disposition.",
)


@pytest.mark.parametrize("words", COURTESIES)
def test_courtesy_is_no_secret(words: str) -> None:
    assert leaks(words, Said([f"I told him this.\n{words}"])) == []
    assert leaks(f"{words}\n{NOTE}", Said([f"{words}\n{NOTE}"]))


@pytest.mark.parametrize("words", ["Call him back tomorrow.", "canary: they unplug the wrong one", "Ich rufe an"])
def test_short_notes_stop_nothing(words: str) -> None:
    assert leaks(f"Hello Jane, {words} Regards, Anna", Said([words])) == []


@pytest.mark.parametrize(
    "secret",
    [
        "お客様は三月から料金を支払っていませんので、請求書が処理されるまで対応を保留してください。",
        "Rechnungsprüfungsausschussvorsitzender Donaudampfschifffahrtsgesellschaft zahlungsunfähig Insolvenz",
        "заказчик не платит с марта месяца, поэтому ждём оплаты счёта из берлинского офиса компании",
    ],
)
def test_other_scripts_and_long_words(secret: str) -> None:
    said = Said([f"Bob:\n{secret}"])
    assert leaks(f"Hello,\n{secret}\nAnna", said)
    assert leaks("\n".join(secret[at : at + 25] for at in range(0, len(secret), 25)), said)
    assert leaks(secret[: len(secret) // 5], said) == []


def test_the_sentence_says_where_it_stands_and_the_words_are_those_written() -> None:
    (found,) = leaks(f"Hello. The CUSTOMER {' '.join(WORDS[2:12])} yes", SAID)
    assert found.says == INSIDE
    assert found.words == f"The CUSTOMER {' '.join(WORDS[2:12])}"
    assert {one.says for one in leaks(HEAD, Said())} == {FRAME}


def test_his_own_notes_are_told_apart_and_public_lets_them_go() -> None:
    said = Said(secret=[f"A letter:\n{NOTE}"], notes=[NOTE])
    assert {one.says for one in leaks(NOTE, said)} == {OWN_NOTE}
    assert leaks(NOTE, said, notes_too=False) == []
    assert leaks(NOTE, SAID, notes_too=False)


def test_what_became_public_may_be_said_again() -> None:
    assert leaks(NOTE, Said([NOTE], [f"We wrote: {NOTE.upper()}"])) == []


def test_whole_lines_are_taken_out_and_the_rest_leaves() -> None:
    found = released(f"Hello Jane.\n\n{NOTE}\n\nRegards, Anna", SAID)
    assert (found.leaves, found.stays, found.leaks) == ("Hello Jane.\n\n\nRegards, Anna", NOTE, ())


def test_a_line_that_goes_on_what_was_taken_out_does_not_leave() -> None:
    words = f"We come at ten. {' '.join(WORDS[:6])}\n{' '.join(WORDS[6:])}"
    found = released(words, SAID)
    assert found.stays == " ".join(WORDS[6:])
    assert [one.says for one in found.leaks] == [INSIDE]


@pytest.mark.parametrize(
    "text, found",
    [
        (FIRST, True),
        (HEAD, True),
        ("The incident is yours. The customer is an owner of a house, and the state is good.", False),
        ("PUBLIC: 10.0.0.1\nINTERNAL: 10.0.0.2", False),
        ("Incident: [SIT-1]\nCustomer: you\nState: active", False),
    ],
)
def test_our_frame(text: str, found: bool) -> None:
    assert holds_frame(text) is found


# --- what stands below notes


@pytest.mark.parametrize(
    "below",
    [
        f"\n\nRegards\n{SIGNATURE}",
        f"\n{SIGNATURE}",
        "\n\n______________\nExample Support GmbH, Main Street 12, 12345 Berlin, register of companies HRB 1234 B",
    ],
)
def test_signatures_below_notes_are_no_secret(below: str) -> None:
    bodies = without_footers([("Anna Smith", f"{NOTE}{below}")])
    assert leaks(f"It is done.{below}", Said(secret=bodies)) == []
    assert leaks(NOTE, Said(secret=bodies))


def test_a_footer_that_ends_two_notes_is_no_secret() -> None:
    footer = "Example Support GmbH, Main Street 12, 12345 Berlin, register of companies HRB 1234 B"
    bodies = without_footers([("Anna", f"{NOTE}\n{footer}"), ("Bob", f"He called again and was angry.\n{footer}")])
    assert bodies == [NOTE, "He called again and was angry."]


@pytest.mark.parametrize("note", [NOTE, f"{NOTE}\nAnna said so.", f"Anna\n{NOTE}", "x", ""])
def test_notes_without_a_footer_stay_as_they_are(note: str) -> None:
    assert without_footers([("Anna Smith", note), ("Bob Jones", "Something else.")])[0] == note


# --- files


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("letter.txt", content)
    return made.getvalue()


def encrypted(content: bytes) -> bytes:
    """An archive whose members say that they are encrypted."""
    made = bytearray(zipped(content))
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def spans(content: bytes) -> bytes:
    return b"<html><p>" + b"".join(b"<span>%s </span>" % word for word in content.split()) + b"</p></html>"


def letter_spans(content: bytes) -> bytes:
    return b"<html>" + b"".join(b"<i>%c</i>" % letter for letter in content) + b"</html>"


ONE = NOTE.encode()
WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "upper case": bytes.upper,
    "zip": zipped,
    "stored zip": lambda content: zipped(content, zipfile.ZIP_STORED),
    "bzip2 in zip": lambda content: zipped(content, zipfile.ZIP_BZIP2),
    "gzip": gzip.compress,
    "two gzips": lambda content: gzip.compress(b"nothing") + gzip.compress(content),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
    "base64": base64.encodebytes,
    "base64 in a text": lambda content: b"Here it is:\n\n" + base64.b64encode(content) + b"\n\nBye",
    "quoted-printable": lambda content: quopri.encodestring(content.replace(b"o", "ö".encode())).replace(
        b"=C3=B6", b"o"
    ),
    "spans": spans,
    "letters in elements": letter_spans,
    "entities": lambda content: b"<p>" + b"".join(b"&#%d;" % byte for byte in content) + b"</p>",
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda content: content.decode().encode("utf-16-le"),
    "gzip in zip": lambda content: zipped(gzip.compress(content)),
    "three deep": lambda content: zipped(gzip.compress(base64.encodebytes(content))),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_files_are_looked_into(how: str) -> None:
    for content, leaves in ((ONE, False), (b"nothing that anybody would want to hide from anybody, " * 3, True)):
        made = WRAPPED[how](content)
        found = examined(Attachment("x", "application/octet-stream", len(made), "s", content=made), SAID)
        assert (found.leaves, found.closed) == (leaves, False)


CLOSED = {
    "encrypted": encrypted(ONE),
    "seven zip": b"7z\xbc\xaf\x27\x1c rest",
    "four deep": zipped(gzip.compress(zipped(gzip.compress(ONE)))),
    "broken zip": zipped(ONE)[:60],
    "broken gzip": gzip.compress(ONE * 9)[:-20],
    "a bomb": gzip.compress(bytes(file_contents.OPENED + 1)),
    "a zip bomb": zipped(bytes(file_contents.OPENED + 1)),
    "a bomb in a bomb": gzip.compress(gzip.compress(bytes(50_000_000))),
    "not deflated at all": b"\x1f\x8bnothing of that kind",
    "xz that wants memory": lzma.compress(ONE, filters=[{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 28}]),
}


@pytest.mark.parametrize("how", CLOSED)
def test_what_cannot_be_opened_is_known(how: str) -> None:
    made = CLOSED[how]
    assert examined(Attachment("x", "application/zip", len(made), "s", content=made), Said([])).closed


def test_what_is_known_only_in_part_was_not_looked_into() -> None:
    assert file_contents.opened(b"a", 2).closed
    assert not file_contents.opened(b"\x89PNG\r\n", 20_000_000).closed
    assert not file_contents.opened(zlib.compress(ONE), len(zlib.compress(ONE))).closed
