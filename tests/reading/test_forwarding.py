"""Forwarded mail: attached or in the text."""

import re

import pytest

from sitmail.domain.mail import Address
from sitmail.reading.text.forwarding import find

EN = (
    "From: Anna <anna@example.org>\nDate: Mon, 2 Nov 2026\nSubject: disk\n"
    "To: <bob@example.org>\nCc: Eve <eve@example.org>\n"
)
MARKED = [
    "---------- Forwarded message ---------\n" + EN,
    "Begin forwarded message:\n\n" + EN,
    "-------- Forwarded Message --------\n" + EN.replace(": ", ": \t"),
    "---------- Weitergeleitete Nachricht ---------\nVon: Anna <anna@example.org>\nDatum: heute\nBetreff: disk\n"
    "An: bob@example.org\nCc: eve@example.org\n",
    "-------- Message transféré --------\nSujet : disk\nDate : x\nDe : Anna <anna@example.org>\n"
    "Pour : bob@example.org\n"
    "Copie à : eve@example.org\n",
    "---------- Mensaje reenviado ---------\nDe: Anna <anna@example.org>\nAsunto: disk\nPara: bob@example.org\n"
    "CC: eve@example.org\n",
    "Inizio messaggio inoltrato:\n\nDa: Anna <anna@example.org>\nOggetto: disk\nA: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Begin doorgestuurd bericht:\n\nVan: Anna <anna@example.org>\nOnderwerp: disk\nAan: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Início da mensagem encaminhada:\n\nDe: Anna <anna@example.org>\nAssunto: disk\nPara: bob@example.org\n"
    "Cc: eve@example.org\n",
    "-------- Przekazana wiadomość --------\nOd: Anna <anna@example.org>\nTemat: disk\nDo: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Vidarebefordrat brev:\n\nFrån: Anna <anna@example.org>\nÄmne: disk\nTill: bob@example.org\n"
    "Kopia: eve@example.org\n",
    "----- Forwarded Message ----- From: Anna <anna@example.org>To: bob@example.orgCc: Eve <eve@example.org>"
    "Sent: Monday, 09:26:50 AM GMT+1Subject: disk\n",
]


@pytest.mark.parametrize("block", MARKED)
def test_blocks_with_a_marker(block):
    found = find(f"Please see below.\n\n{block}\nThe disk is full.\n", "whatever")
    assert found is not None
    letter = found.forwarded
    assert found.own == "Please see below."
    assert letter.sender == Address("Anna", "anna@example.org")
    assert [p.address for p in letter.to] == ["bob@example.org"]
    assert [p.address for p in letter.cc] == ["eve@example.org"]
    assert (letter.subject, letter.text) == ("disk", "The disk is full.")


def test_quoted_blocks_lose_their_marks():
    quoted = "".join(f"> {line}\n" for line in f"Begin forwarded message:\n\n{EN}\nThe disk\nis full.".split("\n"))
    found = find(quoted, "")
    assert found is not None
    assert found.forwarded.text == "The disk\nis full."


OUTLOOK = "From: Anna <anna@example.org>\nSent: Monday\nTo: Bob\nSubject: disk\n\nThe disk is full."


def test_a_header_block_alone_needs_the_subject_of_a_forward():
    assert find("See.\n\n" + OUTLOOK, "FW: disk") is not None
    assert find("See.\n\n" + OUTLOOK, "disk") is None
    assert find("See.\n\n________________________________\n" + OUTLOOK, "disk") is not None


@pytest.mark.parametrize("text", [*MARKED, OUTLOOK, "-----Original Message-----\n" + OUTLOOK])
def test_a_reply_is_never_a_forward(text):
    assert find(text, "Re: disk", answers=True) is None


def test_an_answer_without_prefix_is_no_forward_by_a_ruled_line():
    assert find("Yes.\n\n-----Original Message-----\n" + OUTLOOK, "disk", answers=True) is None


def test_an_attribution_is_a_forward_only_with_its_subject():
    text = 'FYI\n\nOn 28/10/2026 12:46, "Anna" <anna@example.org> wrote:\n\n    The disk is full.\n'
    found = find(text, "FW: disk")
    assert found is not None
    assert (found.own, found.forwarded.subject) == ("FYI", "disk")
    assert found.forwarded.sender == Address("Anna", "anna@example.org")
    assert find(text, "disk") is None


def test_words_about_forwarding_are_no_forward():
    assert find("I forwarded message 3 to Bob.\nForwarded message: none arrived.", "mail") is None


BY = "------------- Forwarded by Bob Zed/HQ/ACME on 04/26/2001 08:20 AM -------------\n"
NOTES = [
    '\n"Anna" <anna@example.org> on 04/25/2001 05:08:35 PM\nTo: bob@example.org\ncc:\nSubject: disk\n\n',
    "\n\tFrom:  Anna              04/25/2001 05:08 PM\n\t\n\nTo:\tBob Zed/HQ/ACME@ACME\ncc:\t\nSubject:\tdisk\n\n",
    "-----Original Message-----\nFrom: Anna <anna@example.org>\nSent: Monday\nTo: Bob\nSubject: disk\n\n",
]


@pytest.mark.parametrize("block", NOTES)
@pytest.mark.parametrize("title", ["disk", "Re: disk", "Fwd: disk"])
def test_forwards_of_notes(block, title):
    found = find(f"FYI\n\n{BY}{block}The disk is full.", title)
    assert found is not None
    assert found.forwarded.sender is not None
    assert (found.own, found.forwarded.sender.name, found.forwarded.subject) == ("FYI", "Anna", "disk")
    assert found.forwarded.text == "The disk is full."


@pytest.mark.parametrize("above", ["On Mon, 2 Nov 2026 at 10:00, A <a@example.org> wrote:\n\n", "> "])
def test_a_reply_that_quotes_a_forward_of_notes_is_a_reply(above):
    assert find(f"Yes.\n\n{above}{BY}{NOTES[0]}x", "Re: disk") is None


TONGUES = [
    "cs|Od|Datum|Komu|Kopie|Předmět|Začátek přeposílané zprávy",
    "da|Fra|Dato|Til|Cc|Emne|Start på videresendt besked",
    "et|Saatja|Kuupäev|Saaja|Koopia|Teema|Edastatud kirja algus",
    "fi|Lähettäjä|Päiväys|Vastaanottaja|Kopio|Aihe|Välitetty viesti alkaa",
    "hr|Šalje|Datum|Prima|Kopija|Predmet|Započni proslijeđenu poruku",
    "hu|Feladó|Dátum|Címzett|Másolatot kap|Tárgy|Továbbított levél kezdete",
    "it|Da|Data|A|Cc|Oggetto|Inizio messaggio inoltrato",
    "ja|差出人|日付|宛先|CC|件名|転送されたメッセージ",
    "nl|Van|Datum|Aan|Kopie|Onderwerp|Begin doorgestuurd bericht",
    "no|Fra|Dato|Til|Kopi|Emne|Videresendt melding",
    "pl|Od|Data|Do|DW|Temat|Początek przekazywanej wiadomości",
    "pt|De|Data|Para|Cc|Assunto|Início da mensagem reencaminhada",
    "ro|Expeditor|Dată|Către|Cc|Subiect|Începe mesajul redirecționat",
    "ru|От|Дата|Кому|Копия|Тема|Начало переадресованного сообщения",
    "sk|Od|Dátum|Komu|Kópia|Predmet|Začiatok preposlanej správy",
    "sv|Från|Datum|Till|Kopia|Ämne|Vidarebefordrat mejl",
    "tr|Kimden|Tarih|Kime|Bilgi|Konu|İleti başlangıcı",
    "uk|Від|Дата|Кому|Копія|Тема|Початок листа, що пересилається",
    "zh|发件人|日期|收件人|抄送|主题|开始转发的邮件",
    "ko|보낸 사람|날짜|받는 사람|참조|제목|전달된 메시지",
]


@pytest.mark.parametrize("words", TONGUES)
@pytest.mark.parametrize("colon", [":", " :", "："])
def test_forwards_in_many_languages(words, colon):
    _, sender, date, to, cc, title, marker = words.split("|")
    values = {sender: "Anna <anna@example.org>", date: "2.11.2026 10:00", to: "bob@example.org", title: "disk"}
    block = "\n".join(f"{name}{colon} {value}" for name, value in (values | {cc: "Eve <eve@example.org>"}).items())
    for above, subject in (
        (f"{marker}:\n\n", ""),
        ("________________________________\n", "Fwd: disk"),
        ("", "Fwd: disk"),
    ):
        found = find(f"Please see.\n\n{above}{block}\n\nThe disk is full.", subject)
        assert found is not None
        letter = found.forwarded
        assert (found.own, letter.subject, letter.text) == ("Please see.", "disk", "The disk is full.")
        assert letter.sender == Address("Anna", "anna@example.org")
        assert [p.address for p in (*letter.to, *letter.cc)] == ["bob@example.org", "eve@example.org"]


# Marker, then the labels of sender, recipient, copy and subject as the programs of that language write them.
MARKERS = [
    ("-------- Välitetty viesti / Fwd.Msg --------", "Lähettäjä: Vastaanottaja: Kopio: Aihe:"),
    ("----- Välitetty viesti -----", "Lähettäjä: Vastaanottaja: Kopio: Aihe:"),
    ("-------- Preposlaná správa --- Forwarded Message --------", "Od: Pre: Kópia: Predmet:"),
    ("---------- Preposlaná správa ---------", "Od: Komu: Kópia: Predmet:"),
    ("-------- Přeposlaná zpráva --------", "Od: Komu: Kopie: Předmět:"),
    ("---------- メッセージを転送 ---------", "送信元： 送信先： CC： 件名："),
    ("転送されたメッセージ：", "差出人: 宛先: Cc: 件名:"),
    ("-------- İletilmiş Mesaj --------", "Kimden: Kime: Bilgi: Konu:"),
    ("----- İletilen ileti -----", "Gönderen: Alıcı: Bilgi: Konu:"),
    ("-------- Перенаправлене повідомлення --------", "Від: Кому: Копія: Тема:"),
    ("---------- Переслане повідомлення ---------", "Від кого: Кому: Копія: Тема:"),
    ("-------- Перенаправленное сообщение --------", "От: Кому: Копия: Тема:"),
    ("-------- Mesaj redirecționat --------", "De la: Către: Copie: Subiect:"),
    ("-------- Mesaj înaintat --------", "Expeditor: Pentru: Copie: Subiect:"),
    ("-------- Treść przekazanej wiadomości --------", "Nadawca: Adresat: Kopia: Temat:"),
    ("---------- Wiadomość przesłana dalej ---------", "Od: Do: DW: Temat:"),
    ("-------- Videresendt melding --------", "Fra: Til: Kopi: Emne:"),
    ("-------- Препратено съобщение --------", "От: До: Копие: Относно:"),
    ("-------- Προωθημένο μήνυμα --------", "Από: Προς: Κοιν: Θέμα:"),
    ("-------- Posredovano sporočilo --------", "Od: Za: Kp: Zadeva:"),
    ("*-------- Forwarded Message --------*", "*From:* *To:* *CC:* *Subject:*"),
]


@pytest.mark.parametrize(("marker", "labels"), MARKERS)
@pytest.mark.parametrize("quoted", ["", "> "])
def test_markers_and_labels_of_many_languages(marker, labels, quoted):
    values = ("Anna <anna@example.org>", "bob@example.org", "Eve <eve@example.org>", "disk")
    words = re.findall(r"[^:：]+[:：]\*?", labels)
    block = [marker, *(f"{label.strip()} \t{value}" for label, value in zip(words, values, strict=True))]
    text = "\n".join(quoted + line for line in (*block, "", "The disk is full."))
    found = find(f"Please see below.\n\n{text}\n", "disk", answers=True)
    assert found is not None
    letter = found.forwarded
    assert found.own == "Please see below."
    assert letter.sender == Address("Anna", "anna@example.org")
    assert ([p.address for p in letter.to], [p.address for p in letter.cc]) == (
        ["bob@example.org"],
        ["eve@example.org"],
    )
    assert (letter.subject, letter.text) == ("disk", "The disk is full.")


@pytest.mark.parametrize(
    "line",
    [
        "   ----- Перенаправлене повідомлення ----- Від: Anna <anna@example.org>Кому: bob@example.orgТема: disk",
        "----- İletilmiş Mesaj ----- Kimden: Anna <anna@example.org>Kime: bob@example.orgKonu: disk",
        "----- Välitetty viesti ----- Lähettäjä: Anna <anna@example.org>Vastaanottaja: bob@example.orgAihe: disk",
        "----- Mesaj redirecționat ----- De la: Anna <anna@example.org>Către: bob@example.orgSubiect: disk",
    ],
)
def test_a_whole_block_in_the_line_of_its_marker(line):
    found = find(f"{line}\n\nThe disk is full.", "disk")
    assert found is not None
    letter = found.forwarded
    assert (letter.sender, letter.subject) == (Address("Anna", "anna@example.org"), "disk")
    assert ([p.address for p in letter.to], letter.text) == (["bob@example.org"], "The disk is full.")


NORSE = "Fra: Anna <anna@example.org>\nSendt: mandag\nTil: Bob\nEmne: disk\n\nThe disk is full."
FINNISH = "Lähettäjä: Anna <anna@example.org>\nLähetetty: ma\nVastaanottaja: Bob\nAihe: disk\n\nThe disk is full."


@pytest.mark.parametrize(
    ("title", "text", "answers", "forward"),
    [
        ("VS: disk", NORSE, False, True),
        ("VS: disk", f"Please look.\n\n{NORSE}", True, True),
        ("VS: disk", OUTLOOK, False, True),  # nothing of his own: no answer
        ("VS: disk", f"It is empty now.\n\n{OUTLOOK}", False, False),
        ("VS: disk", f"It is empty now.\n\n{FINNISH}", True, False),
        ("VS: disk", FINNISH, True, False),
        ("VS: disk", "It is empty now.", False, False),
        ("VS: disk", "On 2 Nov 2026 Anna <anna@example.org> wrote:\n\nThe disk is full.", False, False),
        ("Re: VS: disk", NORSE, False, False),
        ("SV: disk", NORSE, False, False),
    ],
)
def test_a_prefix_that_forwards_in_one_language_and_answers_in_another(title, text, answers, forward):
    assert (find(text, title, answers) is not None) is forward


@pytest.mark.parametrize(
    ("prefixes", "forward"),
    [("Fwd FW WG W W. TR RV I PD VL VB Doorst ENC İLT ilt Videresend Videresendt FS 转发 轉寄 転送", True),
     ("Wtr Re AW SV Odp Vá R На", False)],
)  # fmt: skip
def test_prefixes_of_forwards(prefixes, forward):
    for prefix in prefixes.split():
        assert (find(OUTLOOK, f"{prefix}: disk") is not None) is forward, prefix
