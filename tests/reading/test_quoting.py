"""New words, quotation and signature; an author's words are never lost."""

import random
import re
from collections.abc import Callable

import pytest

from sitmail.reading.text import signature
from sitmail.reading.text.attribution import _VERB, _WHEN, short_attribution
from sitmail.reading.text.client_phrases import CLOSINGS, VERBS, VERBS_INSIDE
from sitmail.reading.text.quoting import split

QUOTE = "> The disk is full.\n> What now?\n"
BLOCK = (
    "From: Desk <support@example.com>\nSent: Monday, 2 November 2026 10:00\n"
    "To: Anna\nSubject: disk\n\nThe disk is full.\n"
)

ABOVE_QUOTES = [
    "On Mon, 2 Nov 2026 at 10:00, Desk <support@example.com> wrote:",
    "On Mon, 2 Nov 2026 at 10:00, A Desk With A Long Name <\nsupport@example.com> wrote:",
    "On Nov 2, 2026, at 10:00 AM, Desk\n<support@example.com>\nwrote:",
    "Am 02.11.2026 um 10:00 schrieb Desk:",
    "Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Desk <support@example.com>:",
    "Le lun. 2 nov. 2026 à 10:00, Desk <support@example.com> a écrit :",
    "El 2/11/2026 10:00, Desk <support@example.com> escribió:",
    "Op ma 2 nov 2026 om 10:00 schreef Desk <support@example.com>:",
    "Il giorno lun 2 nov 2026 alle 10:00 Desk <support@example.com> ha scritto:",
    "W dniu 2.11.2026 10:00, Desk <support@example.com> napisał(a):",
    "Den mån 2 nov. 2026 kl 10:00 skrev Desk <support@example.com>:",
    "2026-11-02 10:00 GMT+01:00 Desk <support@example.com>:",
    "Desk wrote:",
]
ABOVE_ALL_THE_REST = [
    "-----Original Message-----\n",
    "-----Ursprüngliche Nachricht-----\nVon: Desk\n",
    "-------- Message d'origine --------\n",
    BLOCK,
    "________________________________\n" + BLOCK,
    "*From:* Desk <support@example.com>\n*Sent:* Monday, 2 November 2026 10:00\n*Subject:* disk\n\n",
    "Von: Desk <support@example.com>\nGesendet: Montag, 2. November 2026 10:00\nAn: Anna\nBetreff: Platte\n\n",
    "De : Desk <support@example.com>\nEnvoyé : lundi 2 novembre 2026 10:00\nÀ : Anna\nObjet : disque\n\n",
    "De: Desk <support@example.com>\nEnviado: lunes 2 de noviembre\nPara: Anna\nAsunto: disco\n\n",
    "Da: Desk <support@example.com>\nInviato: lunedì 2 novembre\nA: Anna\nOggetto: disco\n\n",
    "Van: Desk <support@example.com>\nVerzonden: maandag 2 november\nAan: Anna\nOnderwerp: schijf\n\n",
    "Från: Desk <support@example.com>\nSkickat: den 2 november\nTill: Anna\nÄmne: disk\n\n",
    "Od: Desk <support@example.com>\nWysłano: 2 listopada\nDo: Anna\nTemat: dysk\n\n",
]


@pytest.mark.parametrize("attribution", ABOVE_QUOTES)
def test_quotations_below_an_answer(attribution):
    got = split(f"Delete the logs.\n\n{attribution}\n\n{QUOTE}", reply=True)
    assert got.new == "Delete the logs."
    assert got.quoted == f"{attribution}\n\n{QUOTE}".strip()


@pytest.mark.parametrize("introduction", ABOVE_ALL_THE_REST)
def test_letters_below_an_answer(introduction):
    got = split(f"Delete the logs.\n\n{introduction}The disk is full.\n\nDesk", reply=True)
    assert got.new == "Delete the logs."
    assert "The disk is full." in got.quoted


def test_an_unmarked_letter_below_an_attribution_with_an_address():
    got = split(
        "Delete the logs.\n\nOn 2 Nov 2026 10:00, Desk <support@example.com> wrote:\n\nThe disk is full.", reply=True
    )
    assert got.new == "Delete the logs."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday Bob wrote: the disk is full",
        "On the surface it works.\nOn 2 servers it does not: see below.\n\nBoth are new.",
        "On 12.05.2026 at 10:30 you wrote:\n\nThat it works. It does not.",
        "The header is\nFrom: nobody\nand that is wrong.",
        "Steps:\n----\n1. start\n----\n2. stop",
        "-- first point\n-- second point\n\nThanks!",
        "The letter was sent from my phone to all users.",
        "2026-11-02 10:00\n02.11.2026 10:00\nare times.",
        "https://example.com/on-date-someone-wrote:",
    ],
)
def test_ordinary_words_stay_whole(text):
    assert split(text, reply=True).new == text


def test_answers_below_are_kept_without_the_quotation():
    got = split(f"Desk wrote:\n{QUOTE}\nDelete the logs.\n", reply=True)
    assert got.new.strip() == "Delete the logs."


@pytest.mark.parametrize(
    "attribution", ["Anna <anna@example.org> wrote:", "On 2 Nov 2026 Anna <anna@example.org> wrote:"]
)
@pytest.mark.parametrize("between", ["\t\n", "\n"])
def test_a_tab_quotes_below_an_attribution(attribution, between):
    """POSIX has mailx write it so, and it may stand above the answer or below."""
    quotation = f"{attribution}\n\n\tIt stopped.\n{between}\t-- \n\tAnna"
    assert split(f"{quotation}\nPress the button.\n\n\tThe red one.").new == "Press the button.\n\n\tThe red one."
    assert split(f"Press the button.\n\n{quotation}").new == "Press the button."


def test_a_tab_alone_quotes_nothing():
    for text in ("The log:\n\n\tpump 3 stopped\n\nSee there.", "It wrote:\n\n\tpump 3 stopped\n\nSee there."):
        assert split(text).new == text


def test_interleaved_answers_stay_with_what_they_answer():
    text = "Hi,\n\nDesk wrote:\n> Is it on?\nYes.\n> Is it full?\nNo.\n> Regards"
    assert split(text, reply=True).new == "Hi,\n\nDesk wrote:\n> Is it on?\nYes.\n> Is it full?\nNo."


def test_an_own_line_directly_above_an_attribution_is_kept():
    text = f"On 2 servers it fails\nOn 2 Nov 2026 at 10:00, Desk <support@example.com> wrote:\n{QUOTE}"
    assert split(text, reply=True).new == "On 2 servers it fails"


def test_wrapped_ends_of_quoted_lines_are_quoted():
    long = "> " + "word " * 14 + "and"
    assert split(f"Yes.\n\nDesk wrote:\n{long}\nso on\n> more\n", reply=True).new == "Yes."


@pytest.mark.parametrize("text", [QUOTE, BLOCK, f"Desk wrote:\n{QUOTE}", f"-----Original Message-----\n{BLOCK}"])
@pytest.mark.parametrize("reply", [True, False])
def test_if_nothing_would_remain_everything_stays(text: str, reply: bool):
    got = split(text, reply)
    assert (got.words.new, got.new, got.quoted) == ("", text.strip("\n"), "")


@pytest.mark.parametrize(
    ("ending", "signature"),
    [
        ("\n-- \nAnna\nExample Ltd", "-- \nAnna\nExample Ltd"),
        ("\n--\nAnna", "--\nAnna"),
        ("\nSent from my phone", "Sent from my phone"),
        ("\nVon meinem iPhone gesendet", "Von meinem iPhone gesendet"),
        ("\n-- \nAnna\n\nSent from my phone\n\n", "-- \nAnna\n\nSent from my phone"),
        ("\n____\nusers mailing list\nusers@example.org", "____\nusers mailing list\nusers@example.org"),
        ("\n--\n" + "more\n" * 20, ""),
    ],
)
def test_signatures(ending, signature):
    got = split("Delete the logs.\n" + ending, reply=True)
    assert got.signature == signature
    assert got.new.startswith("Delete the logs.")
    assert (got.new == "Delete the logs.") == bool(signature)


def test_a_signature_between_answer_and_quotation():
    got = split(f"Yes.\n-- \nAnna\n\nDesk wrote:\n{QUOTE}", reply=True)
    assert (got.new, got.signature) == ("Yes.", "-- \nAnna")


NOTES = [
    '"Desk" <support@example.com> on 04/25/2001 05:08:35 PM\nTo: anna@example.org\ncc:\nSubject: disk\n\n',
    "\tAcme Corp.\n\t\n\tFrom:  Desk                  04/25/2001 05:08 PM\n\t\n\n"
    "To:\tAnna/HQ/ACME@ACME\ncc:\t\nSubject:\tdisk\n\n",
    "Desk@ACME\n04/25/2001 05:08 PM\nTo: Anna Ost/HQ/ACME@ACME, Third\nPerson/HQ/ACME@ACME\ncc:  \nSubject: disk\n\n",
    "\tDesk\n\tSent by: Eve\n\t04/25/2001 05:08 PM\n\t\t \n\t\t To: Anna\n\t\t cc: \n\t\t Subject: disk\n\n",
]


@pytest.mark.parametrize("introduction", NOTES)
def test_letters_of_notes_below_an_answer(introduction):
    got = split(f"Delete the logs.\n\n{introduction}The disk is full.", reply=True)
    assert got.new == "Delete the logs."
    assert got.quoted.endswith("The disk is full.")


TONGUES = [
    "čt 28. 10. 2021 v 12:46 odesílatel Desk <support@example.com> napsal:",
    "Den 28.10.2021 kl. 12.46 skrev Desk:",
    "Kuupäev N, 28. oktoober 2021 kell 12:46, kirjutas Desk <support@example.com>:",
    "to 28. lokak. 2021 klo 12.46 Desk (support@example.com) kirjoitti:",
    "čet, 28. lis 2021. u 12:46 Desk <support@example.com> napisao je:",
    "Desk <support@example.com> ezt írta (időpont: 2021. okt. 28., Cs, 12:46):",
    "2021年10月28日(木) 12:46 Desk <support@example.com>:",
    "2021/10/28 12:46、Desk <support@example.com>のメール:",
    "Desk <support@example.com> escreveu no dia quinta, 28/10/2021 à(s) 12:46:",
    "În joi, 28 oct. 2021 la 12:46, Desk <support@example.com> a scris:",
    "28.10.2021 12:46, Desk пишет:",
    "чт, 28 жовт. 2021 р. о 12:46 Desk <support@example.com> пише:",
    "Dňa 28. 10. 2021 o 12:46 Desk napísal(a):",
    "Desk <support@example.com>, 28 Eki 2021 Per, 12:46 tarihinde şunu yazdı:",
    "Desk <support@example.com> 于2021年10月28日周四 12:46写道：",
    "2021년 10월 28일 (목) 오후 12:46, Desk <support@example.com>님이 작성:",
]


@pytest.mark.parametrize("attribution", TONGUES)
def test_attributions_in_many_languages(attribution):
    for below in (QUOTE, "The disk is full."):
        got = split(f"Delete the logs.\n\n{attribution}\n\n{below}", reply=True)
        assert got.new == "Delete the logs."


LEGAL = "This e-mail is confidential.\nIf you are not the intended recipient, delete it."


def test_a_disclaimer_is_folded_in_an_answer_only():
    got = split(f"Delete the logs.\n\n*****************\n{LEGAL}\n*****************", reply=True)
    assert (got.new, LEGAL in got.signature) == ("Delete the logs.", True)
    assert LEGAL in split(f"The disk is full.\n\n{LEGAL}").new


def test_words_below_what_looks_like_a_disclaimer_are_the_authors():
    text = "This e-mail is confidential, I hope.\n\nSecond, the disk is full again."
    assert split(f"Hello Desk,\n\n{text}", reply=True).new.endswith(text)


def test_a_greeting_alone_says_nothing_so_all_stays():
    text = "Hello\n\n-- \nplease reset my password"
    assert split(text, reply=True).new == text


@pytest.mark.parametrize("ending", ["Best regards,\nAnna Ost\nAcme Ltd\nPhone: 555-1234", "Anna", "Thanks, Anna"])
def test_a_name_at_the_end_is_told_and_stays(ending):
    got = split(f"The disk is full.\n\n{ending}", sender="Anna Ost")
    assert got.signature == ending
    assert got.new == f"The disk is full.\n\n{ending}"


@pytest.mark.parametrize(
    "text", ["Anna", "The disk is full.\n\nPlease ask Anna.", "The error is:\n\nDisk full, sector 1-9-1"]
)
def test_words_are_no_name(text):
    assert split(text, sender="Anna Ost").signature == ""


SHORT = [
    "Desk <support@example.com> schrieb am Fr., 1. Apr 2016 um 20:00 Uhr:",
    "2013/10/2 Desk <support@example.com>",
    "Excerpts from Desk's message of Wed, 2 Oct 2013 23:10 -0400:",
    "Quoting Desk <support@example.com>:",
    "Desk schreef op 2016-03-01 10:12:",
    "---- On Tue, 01 Mar 2016 10:12:00 +0100 Desk <support@example.com> wrote ----",
]


@pytest.mark.parametrize("attribution", SHORT)
def test_short_attributions_count_above_marked_lines(attribution):
    got = split(f"Delete the logs.\n\n{attribution}\n\n{QUOTE}", reply=True)
    assert got.new == "Delete the logs."


PHONES = [
    "Sent from my iPhone. Please excuse typos.",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPad",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "Küldve az iPhone-omról",
    "Trimis de pe iPhone-ul meu",
    "Poslano s mog iPhonea",
    "Saadetud minu iPhone'ist",
    "iPhone'umdan gönderildi",
    "Enviado do meu iPhone",
    "iPhoneから送信",
    "从我的iPhone发送",
    "나의 iPhone에서 보냄",
]


@pytest.mark.parametrize("footer", PHONES)
def test_footers_of_phones(footer):
    got = split(f"Delete the logs.\n\n{footer}", reply=True)
    assert (got.new, got.signature) == ("Delete the logs.", footer)


@pytest.mark.parametrize("changed", [str.lower, str.upper, str.title])
def test_every_closing_is_known(changed: Callable[[str], str]) -> None:
    """Lines that begin with no word of a closing are not looked at closely; those that do are."""
    for closing in CLOSINGS:
        written = changed(closing)
        if signature._CLOSING.match(written):
            text = f"It stopped.\n\n{written},\nAnna"
            assert split(text, sender="Anna Ost").signature == f"{written},\nAnna"


@pytest.mark.parametrize("when", ["2 Mar 2026", "2.3.26, 9h30", "02/03/2026", "\u0662/\u0663/2026"])
@pytest.mark.parametrize("own", ["No digit here.", "Here are 3 of them.", "\u0663 of them.", ""])
def test_lines_above_an_attribution_are_the_authors(own: str, when: str) -> None:
    """Whether they are looked at or not: without a digit no line begins an attribution."""
    text = f"Hello\n{own}\nOn {when}, Anna\n<anna@example.org> wrote:\n> It stopped.\n"
    found = split(text, reply=True)
    assert found.new == f"Hello\n{own}".rstrip()
    assert found.quoted.startswith(f"On {when}") and found.quoted.endswith("> It stopped.")


@pytest.mark.parametrize("changed", [str, str.upper, lambda verb: verb.replace("ı", "i")])
def test_every_verb_is_known_above_marked_lines(changed: Callable[[str], str]) -> None:
    for verb in (*VERBS, *VERBS_INSIDE):
        line = f"Anna {changed(verb)}:"
        assert short_attribution(line) == bool(_VERB.search(line)) is True, line
    assert not short_attribution("These are the steps:")


def test_moments_are_years_times_and_dates() -> None:
    plainly = re.compile(
        r"(?<!\d)(?:19|20)\d\d(?!\d)|\b\d{1,2}[:.hu]\d\d(?!\d)|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b"
    )
    chance = random.Random(7)
    for _ in range(20_000):
        text = "".join(chance.choices("0129120:hu./- aé_\u0662x", k=chance.randrange(1, 16)))
        assert _WHEN.findall(text) == plainly.findall(text), text


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("Anna Ost next door", "Anna Ost next door"),  # `ext` within a word says no number
        ("Anna Ost, next door, ext 7", "Anna Ost, next door, "),
        ("Anna Ost (phone", "Anna Ost ("),
        ("Anna Ost_tel", "Anna Ost_tel"),
        ("Anna Ost anna@example.org", "Anna Ost anna"),
    ],
)
def test_what_stands_before_a_number_or_an_address(line, before):
    assert signature._before_contact(line) == before == signature._CONTACT.split(line)[0]


@pytest.mark.parametrize("ending", ["-- \nAnna", "--\nAnna", "Sent from my iPhone", "___\nlists mailing list"])
@pytest.mark.parametrize("count", [1, 40])
def test_what_ends_a_letter_is_seen_below_many_lines(ending, count):
    assert split("word\n" * count + ending).signature == ending


BLOCKS = [
    "-----Original-Nachricht-----\nBetreff: disk\nDatum: 2026-01-12T16:10\nVon: Erik <erik@example.com>\nAn: Anna",
    "*-------- Original Message --------*\n*Subject:* disk\n*Date:* today\n*From:* Erik <erik@example.com>",
    "---------- Forwarded message ---------\nFrom: Mia <mia@example.org>\nDate: today\nSubject: disk",
    "-------- Välitetty viesti / Fwd.Msg --------\nAihe: disk\nPäiväys: ma\nLähettäjä: Mia <mia@example.org>",
    "Erik West --- disk ---\n\nVon:  Erik <erik@example.com>\nAn  anna@example.org\nDatum:  heute\nBetreff  disk",
    "Von: Erik <erik@example.com>\nAn\tanna@example.org\nDatum: heute",
    "Da: Erik\nRisposta automatica: no\nData: oggi\nA: Anna\nOggetto: disk",
    "From: Erik <erik@example.com>\nLuottamus: oma\nDate: today\nSubject: disk",
    "From: Erik West on 12/01/2026 16:10 CET\nTo: Anna Ost/ACME@ACME, Janine \nSummer/ACME@ACME\ncc: J/ACME@ACME \n\n"
    "Subject: disk",
    "Erik West/ACME on 12-Jan-2026 04:10 PM\nTo: Anna\ncc: \nSubject: disk",
    '"Erik West and Mia, Printers" <printers@example.com> on 01/12/2026 \n04:10:03 PM\nTo: Anna\ncc:  \nSubject: disk',
    "Erik West\n12.01.2026 16:10 MEZ\nAn: Anna\nKopie: \nThema: disk",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_that_programs_write_above_what_is_answered(block):
    mail = split(f"It is empty now.\n\nAnna\n\n{block}\n\nThe disk is full.", reply=True)
    assert mail.new == "It is empty now.\n\nAnna"
    assert "The disk is full." in mail.quoted


@pytest.mark.parametrize(
    "text",
    [
        "Erik West --- disk ---\n\nThat is all.",
        "An  anna@example.org\nBetreff  disk\n\nThat is all.",
        "Forwarded message: see above.\nThat is all.",
        "The red lamp: on\nThe green lamp: off\nThe fan: loud",
        "To: Anna\nThe fan: loud\n\nSubject to change.",
        "Erik wrote this on 12/01/2026 16:10\nTo: whom it may concern\n\nThat is all.",
    ],
)
def test_lines_that_only_look_like_such_blocks_are_the_authors(text):
    assert split(text, reply=True).new == text


@pytest.mark.parametrize(
    "attribution",
    [
        '--- "West, Erik" <erik@example.com>\nwrote:',
        '"West, Erik" <erik@example.com>\nschrieb:',
        "--- Erik <e@x.org> wrote:",
    ],
)
def test_an_attribution_without_a_date_counts_above_marked_lines(attribution):
    assert split(f"Yes.\n\n{attribution}\n> Is it red?", reply=True).new == "Yes."
    assert "wrote" in split("Yes.\n\n--- Erik <e@x.org>\nwrote:\n\nIs it red?", reply=True).new


LONG = "> Please start the program with the option that stands in the handbook, which is"


@pytest.mark.parametrize(
    ("before", "here", "quoted"),
    [
        (LONG, "0xff0000", True),
        (LONG, "I think the second one.", True),
        (LONG, "the second one.", True),
        (LONG[:70], "the second one.", True),
        (LONG[:70], "Yes, it does.", False),
        (LONG + ".", "Yes, it does.", False),
        (LONG + "?", "yes, it does.", False),
        (LONG, "\nYes, it does.", False),
        (LONG, "Yes, it does.\n", False),
    ],
)
def test_the_end_of_a_wrapped_line_without_its_mark(before, here, quoted):
    mail = split(f"Thanks.\n\nOn 2 Nov 2026 Erik <e@example.com> wrote:\n{before}\n{here}\n> Erik", reply=True)
    assert (here.strip() not in mail.new) is quoted


GROUPWISE = [
    ">>> Erik West <erik@example.com> 01/12/26 4:10 PM >>>",
    '>>> "West, Erik" <erik@example.com> 12.01.2026 16:10 >>>',
    ">>> Erik West 2026-01-12 16:10 >>>",
    ">>> On 12/1/2026 at 4:10 PM, in message <A1@example.com>, Erik West <erik@example.com>\nwrote:",
]


@pytest.mark.parametrize("marker", GROUPWISE)
def test_groupwise_writes_its_marker_between_marks(marker):
    mail = split(f"It is empty now.\n\nAnna\n\n{marker}\nHello Anna,\n\nis it full?\n\nErik", reply=True)
    assert mail.new == "It is empty now.\n\nAnna"
    assert "is it full?" in mail.quoted


@pytest.mark.parametrize("line", [">>> see below", ">>> from 10 to 12 >>", ">>>2026 is the year >>>", ">>> 1 < 2 >>>"])
def test_marks_alone_introduce_no_letter(line):
    assert "It is empty now." in split(f"Look:\n\n{line}\nIt is empty now.\n", reply=True).new
