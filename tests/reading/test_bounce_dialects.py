"""Delivery reports of mail systems that do not write the fields of RFC 3464, and why letters are refused."""

from datetime import UTC, datetime

import pytest

from sitmail.reading.bounces import plain, retries
from sitmail.reading.bounces.reasons import Report, judge
from sitmail.reading.parse import parse
from tests.growing import LIMIT, ratio

COPY = "\n\n{mark}\n\nReceived: from a.example.com\nMessage-ID: <letter-9@example.com>\nTo: {to}\nSubject: x\n\nx\n"


def report(subject, words, sender="MAILER-DAEMON@mx.example.net", mark="", to="anna@example.org", head=""):
    copy = COPY.format(mark=mark, to=to) if mark else ""
    return parse(f"From: {sender}\nTo: support@example.com\nSubject: {subject}\n{head}\n{words}{copy}".encode())


DIALECTS = {
    "qmail": (
        "failure notice",
        "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<anna@example.org>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)",
        "--- Below this line is a copy of the message.",
        ("failed", "5.1.1", True, "userunknown"),
    ),
    "sendmail": (
        "Returned mail: User unknown",
        "   ----- The following addresses had permanent fatal errors -----\n<anna@example.org>\n\n"
        "   ----- Transcript of session follows -----\n>>> RCPT To:<anna@example.org>\n<<< 550 no such user here",
        "   ----- Original message follows -----",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "a filter after DATA": (
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<anna@example.org>\n\n"
        "   ----- Transcript of session follows -----\n>>> DATA\n<<< 550 Unknown user anna@example.org",
        "   ----- Original message follows -----",
        ("failed", "5.0.0", False, "filtered"),
    ),
    "exchange": (
        "Undeliverable: disk",
        "Your message\n\n  To:      sales@example.com\n  Subject: disk 5.1.1\n\n"
        "did not reach the following recipient(s):\n\n"
        "anna@example.org on Thu, 3 Mar 2011 10:00:00 +0100\n    The recipient name is not recognized",
        "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "x.400": (
        "Undeliverable: disk",
        "Your message\n\ndid not reach the following recipient(s):\n\n"
        "c=US;a= ;p=Firm;o=Site;dda:SMTP=anna@example.org; on Thu, 3 Mar\n    Unknown Recipient",
        "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "domino": (
        "DELIVERY FAILURE: User Anna not listed in directory",
        "Your message\n\n  Subject: disk\n\nwas not delivered to:\n\n  anna@example.org\n\nbecause:\n\n"
        "  User Anna (anna@example.org) not listed in Domino Directory",
        "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "imail": (
        "Undeliverable Mail", "User mailbox exceeds allowed size: anna@example.org", "Original message follows.",
        ("failed", "5.0.0", False, "mailboxfull"),
    ),
    "exim, delayed": (
        "Warning: message 1abc-0001 delayed 24 hours",
        "A message that you sent has not yet been delivered to all its recipients.\n\n  anna@example.org\n\n"
        "Delivery attempts will continue to be made for some time.",
        "",
        ("delayed", "4.0.0", False, "expired"),
    ),
    "german": (
        "Unzustellbar: Platte",
        "Ihre Nachricht konnte an folgende Empfänger nicht zugestellt werden:\n\n  anna@example.org\n"
        "  Der Empfänger ist unbekannt.",
        "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "french": (
        "Message non remis",
        "Votre message n'a pas pu être remis à\nanna@example.org\n\nLa boîte aux lettres est pleine.",
        "", ("failed", "5.0.0", False, "mailboxfull"),
    ),
    "spanish": (
        "Error de entrega",
        "No se pudo entregar su mensaje.\n\n<anna@example.org>: el usuario es desconocido", "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
    "japanese": (
        "\u30e1\u30fc\u30eb\u30a8\u30e9\u30fc\u901a\u77e5",
        "\u9001\u4fe1\u3067\u304d\u307e\u305b\u3093\u3067\u3057\u305f\u3002\n\nanna@example.org\n\n"
        "\u30e1\u30fc\u30eb\u30dc\u30c3\u30af\u30b9\u304c\u4e00\u676f\u3067\u3059\u3002",
        "", ("failed", "5.0.0", False, "mailboxfull"),
    ),
    "russian": (
        "Недоставленное сообщение",
        "Ваше сообщение не было доставлено.\n\nanna@example.org\nпользователь не найден", "",
        ("failed", "5.0.0", True, "userunknown"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_who_failed_and_why(name):
    subject, words, mark, expected = DIALECTS[name]
    bounce = report(subject, words, mark=mark).bounce
    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anna@example.org"]
    assert (bounce.action, bounce.status, bounce.hard, bounce.reason) == expected
    assert bounce.original_message_id == ("<letter-9@example.com>" if mark else "")


@pytest.mark.parametrize("name", DIALECTS)
def test_the_same_words_of_a_person_are_a_letter(name):
    subject, words, mark, _ = DIALECTS[name]
    for sender in ("anna@example.org", "Anna Long <anna.long@example.org>", "bounce@example.org"):
        assert report(subject, words, sender, mark).bounce is None


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Re: our bounce rate", "Your quota is fine, but 5.1.1 errors rise for anna@example.org"),
        ("Monthly report", "12 letters could not be delivered, 550 of them to example.org"),
        ("Mail system maintenance", "The mail system will be down on Sunday. Contact anna@example.org."),
    ],
)
def test_an_administrator_writes_about_bounces(subject, words):
    for sender in ("admin@example.org", "System Support <support@example.org>", "Anna <mail-service@example.org>"):
        assert report(subject, words, sender).bounce is None


def test_a_program_that_is_no_mail_system_needs_nearly_every_sign():
    words = "The message could not be delivered to these recipients:\n\nFailed Recipient: anna@example.org\n550 gone"
    bounce = report("Delivery failure", words, "mail-gateway@example.net").bounce
    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anna@example.org"]
    assert report("Delivery times", words, "mail-gateway@example.net").bounce is None
    assert report("Fwd: Delivery failure", words, "mail-gateway@example.net").bounce is None


def test_several_recipients_each_with_his_own_trouble():
    words = "could not be delivered\n\n<anna@example.org>:\n550 5.1.1 unknown\n\n<bob@example.org>:\n552 5.2.2 full\n"
    bounce = report("failure notice", words).bounce
    assert bounce is not None
    assert [(r.address, r.status, r.hard) for r in bounce.recipients] == [
        ("anna@example.org", "5.1.1", True),
        ("bob@example.org", "5.2.2", False),
    ]


def test_a_report_that_names_nobody_is_of_the_one_the_letter_was_for():
    bounce = report("Returned mail", "Deferred: Connection timed out", mark="--- Unsent message follows ---").bounce
    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anna@example.org"]


@pytest.mark.parametrize(
    ("words", "status", "reason", "hard"),
    [
        ("550 5.1.1 <a@example.org>... User unknown", "5.1.1", "userunknown", True),
        ("450 4.1.1 <a@example.org>: User unknown in virtual alias table (in reply to RCPT TO command)", "4.1.1",
         "userunknown", True),
        ("550 5.1.2 Host unknown", "5.1.2", "hostunknown", True),
        ("Host or domain name not found. Name service error for name=example.org", "5.0.0", "hostunknown", True),
        ("550 5.1.6 recipient no longer on server", "5.1.6", "hasmoved", True),
        ("552 5.2.2 Mailbox full", "5.2.2", "mailboxfull", False),
        ("452 4.2.2 quota exceeded", "4.2.2", "mailboxfull", False),
        ("552 5.3.4 Message size exceeds fixed limit", "5.3.4", "mesgtoobig", False),
        ("550 5.2.1 The email account that you tried to reach is disabled", "5.2.1", "suspend", False),
        ("550 5.7.1 Relaying denied", "5.7.1", "norelaying", False),
        ("550 5.7.1 Service unavailable; client host blocked using dnsbl.example.net", "5.7.1", "blocked", False),
        ("550 5.7.26 This mail is unauthenticated: DMARC policy", "5.7.26", "authfailure", False),
        ("554 5.7.1 Message rejected as spam", "5.7.1", "spamdetected", False),
        ("550 5.7.9 Message not accepted for policy reasons", "5.7.9", "policyviolation", False),
        ("553 5.1.8 Sender address rejected: Domain not found", "5.1.8", "rejected", False),
        ("554 5.4.6 Hop count exceeded - possible mail loop", "5.4.6", "networkerror", False),
        ("451 4.4.1 timed out", "4.4.1", "expired", False),
        ("421 too many connections from your host", "4.0.0", "toomanyconn", False),
        ("user unknown. Command output: procmail: cannot open", "5.0.0", "mailererror", False),
        ("550 5.1.1 user unknown, see https://spam.example.org/blocked-spam", "5.1.1", "userunknown", True),
        ("550 5.1.1 <spam-quota-full@example.org> user unknown", "5.1.1", "userunknown", True),
        # what is refused is said first, and why behind it
        ("550 5.7.26 <a@example.org>: Recipient address rejected: Several authentication checks failed", "5.7.26",
         "authfailure", False),
        ("550 5.7.1 <a@example.org>: Recipient address rejected: Message rejected due to: SPF fail", "5.7.1",
         "authfailure", False),
        ("450 4.2.0 <a@example.org>: Recipient address rejected: Greylisted, see our pages", "4.2.0",
         "policyviolation", False),
        ("451 4.7.1 Greylisting in action, please come back in 5 minutes", "4.7.1", "policyviolation", False),
        ("554 5.7.1 <a@example.org>: Recipient address rejected: Policy restrictions", "5.7.1", "policyviolation",
         False),
        ("550 5.1.1 <a@example.org>: Recipient address rejected: rejected for policy reasons", "5.1.1",
         "policyviolation", False),
        ("450 4.1.1 <a@example.org>: Recipient address rejected: unverified address: connect to mx.example.org: "
         "Connection timed out", "4.1.1", "expired", False),
        ("554 5.7.1 <a@example.org>: Recipient address rejected: Client host blocked", "5.7.1", "blocked", False),
        ("550 5.1.1 <a@example.org>: Recipient address rejected: User unknown in local recipient table", "5.1.1",
         "userunknown", True),
        ("550 5.4.1 Recipient address rejected: Access denied", "5.4.1", "userunknown", True),
        ("550 5.1.1 <a@example.org>: Recipient address rejected: undeliverable address: host said: 550 5.1.1 no user",
         "5.1.1", "userunknown", True),
        # the sender is refused, so it is ours
        ("550 5.1.7 No such domain example.com", "5.1.7", "rejected", False),
        ("553 5.1.8 Domain of sender does not exist", "5.1.8", "rejected", False),
        ("550 No such user here (in reply to MAIL FROM command)", "5.0.0", "rejected", False),
        ("550 5.1.1 <support@example.com>: User unknown in virtual mailbox table", "5.1.1", "rejected", False),
        ("554 Mail from support@example.com rejected for policy reasons (in reply to MAIL FROM command)", "5.0.0",
         "policyviolation", False),
        # a number of a bad mailbox beside words of something else
        ("550 5.1.1 <a@example.org> - 198.51.100.7 has sent to too many recipients this hour", "5.1.1", "speeding",
         False),
        ("550 5.1.1 <a@example.org> rate limit exceeded", "5.1.1", "speeding", False),
        ("550 5.1.1 <a@example.org> too many connections from your host", "5.1.1", "toomanyconn", False),
        ("550 5.1.1 <a@example.org> message too large", "5.1.1", "mesgtoobig", False),
        # time is over
        ("I'm not going to try again; this message has been in the queue too long.", "4.0.0", "expired", False),
        ("all hosts have been failing for a long time and were last tried after this message arrived", "4.0.0",
         "expired", False),
        ("retry timeout exceeded", "4.0.0", "expired", False),
        ("message too long for this mailbox", "5.0.0", "mesgtoobig", False),
        ("550 something else", "5.0.0", "onhold", False),
        ("", "5.0.0", "undefined", False),
    ],
)  # fmt: skip
def test_reasons(words, status, reason, hard):
    around = Report(own=frozenset(("support@example.com",)))
    verdict = judge(words, action="failed", report=around, address="a@example.org")
    assert (verdict.status, verdict.reason, verdict.hard) == (status, reason, hard)


@pytest.mark.parametrize(
    ("declared", "words", "status"),
    [
        ("5.0.0", "550 5.1.1 no", "5.1.1"),
        ("5.0.0", "5.1.0 - Unknown address error 550-'5.7.1 denied'", "5.7.1"),
        ("4.4.7", "550 5.2.2 full", "5.2.2"),
        ("5.1.1", "550 5.0.0 no", "5.1.1"),
        ("5.1.1", "server 5.2.2.1 and version 8.14.4", "5.1.1"),
        ("", "421 later", "4.0.0"),
    ],
)
def test_the_status_that_says_most(declared, words, status):
    assert judge(words, declared).status == status


@pytest.mark.parametrize(
    ("words", "declared", "local", "by_mta", "expected"),
    [
        ("550 <a@example.org>: User unknown", "5.0.0", False, True, ("userunknown", True)),
        ("550 No such user here", "", False, True, ("userunknown", True)),
        ("554 no such user here", "5.0.0", False, True, ("filtered", False)),
        ("550 <a@example.org>: User unknown", "5.0.0", False, False, ("filtered", False)),  # a filter or gateway
        ("550 : User unknown", "5.2.0", False, True, ("filtered", False)),
        ("550 User unknown (in reply to end of DATA command)", "5.0.0", False, True, ("filtered", False)),
        ("user unknown", "5.1.1", True, True, ("userunknown", True)),
        ("mailbox is full", "5.2.2", True, True, ("mailboxfull", False)),
        ("75", "5.0.0", True, True, ("mailererror", False)),
        ("permission denied", "5.0.0", True, True, ("mailererror", False)),
    ],
)
def test_who_reports_decides_how_a_bare_reply_is_believed(words, declared, local, by_mta, expected):
    verdict = judge(words, declared, "failed", Report(local=local, by_mta=by_mta))
    assert (verdict.reason, verdict.hard) == expected


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("550 User unknown. メールアドレスをご確認の上、再送信してください。", "failed"),
        ("<<< 550 User unknown. Please check the address and try again.", "failed"),
        ("451 try later. Will keep trying until message is 5 days old", "delayed"),
        ("メールの再送を続けます。", "delayed"),
        ("421 busy", "delayed"),
        ("421 busy, giving up", "failed"),
    ],
)
def test_a_final_reply_is_a_failure_whatever_the_reader_is_asked_to_do(words, action):
    assert judge(words).action == action


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("anna@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1", ["anna@example.org"]),
        ("anna@example.org, bob@example.org; eve@example.org",
         ["anna@example.org", "bob@example.org", "eve@example.org"]),
        ("Failed recipients: <anna@example.org>, <bob@example.org>", ["anna@example.org", "bob@example.org"]),
        ("Unable to find user: <anna@example.org>", ["anna@example.org"]),
        ('<"anna..long."@example.org>: host said', ['"anna..long."@example.org']),
        ("<anna..long.@example.org>: host said", ["anna..long.@example.org"]),
        ("<ann...@example.org>: host said", []),
    ],
)  # fmt: skip
def test_whom_a_line_names(line, named):
    assert plain.named(f"could not be delivered\n\n{line}\n", set(), "") == named


@pytest.mark.parametrize(
    ("field", "words", "until"),
    [
        ("Sat, 7 Mar 2026 09:00:00 +0100", "", datetime(2026, 3, 7, 8, 0, tzinfo=UTC)),
        ("", "Warning: it will be retried\nuntil it is 5 day(s) old.", datetime(2026, 3, 7, 8, 0, tzinfo=UTC)),
        ("", "The server will retry for 46 more hours.", datetime(2026, 3, 4, 7, 0, tzinfo=UTC)),
        ("", "It will be retried.", None),
        ("soon", "", None),
    ],
)
def test_until_when_a_letter_is_tried(field, words, until):
    arrived, written = "Mon, 2 Mar 2026 08:00:00 +0000", "Mon, 2 Mar 2026 09:00:00 +0000"
    assert retries.until(field, words, arrived, written) == until


def test_a_delayed_report_tells_until_when_it_is_tried_and_a_failed_one_does_not():
    words = "could not be delivered for 4 hours\n\n<anna@example.org>: {0}. It will be tried for another 5 days."
    late = report("Delayed mail", words.format("421 busy"), head="Date: Mon, 2 Mar 2026 09:00:00 +0000\n").bounce
    gone = report("Delayed mail", words.format("550 5.1.1 no"), head="Date: Mon, 2 Mar 2026 09:00:00 +0000\n").bounce
    assert (late.action, late.until) == ("delayed", datetime(2026, 3, 7, 9, 0, tzinfo=UTC))
    assert (gone.action, gone.until) == ("failed", None)


def test_a_late_letter_is_held_against_nobody():
    assert judge("450 4.1.1 user unknown", "4.1.1", "delayed").hard is False


def wrapped(inner):
    return (
        'From: MAILER-DAEMON@gw.example.net\nSubject: Returned mail\nContent-Type: multipart/mixed; boundary="o"\n\n'
        "--o\n\nThe following addresses had permanent delivery errors\n\n--o\nContent-Type: message/rfc822\n\n" + inner
    )


def test_a_gateway_wraps_the_report_of_the_system_behind_it():
    inner = (
        "From: MAILER-DAEMON@mx.example.net\nSubject: Returned mail\nContent-Type: multipart/report; boundary=i\n\n"
        "--i\n\nno\n\n--i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        "Original-Recipient: rfc822;anna@example.org\nFinal-Recipient: x400; /S=anna/C=gb/\nAction: failed\n"
        "Status: 5.1.1\n\n--i--\n--o--\n"
    )
    bounce = parse(wrapped(inner).encode()).bounce
    assert bounce is not None
    assert [(r.address, r.status) for r in bounce.recipients] == [("anna@example.org", "5.1.1")]


def test_a_feedback_report_is_a_machine_but_no_bounce():
    raw = (
        "From: abuse@example.net\nSubject: FW: hello\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        "--b\n\nThis is an abuse report\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n"
        "--b--\n"
    )
    mail = parse(raw.encode())
    assert (mail.bounce, mail.machine) == (None, "feedback-report")
    assert mail.unanswerable


def test_reading_a_report_takes_time_in_proportion_to_its_length():
    line = "<anna@example.org>: unknown user: deliver to a@b, to: c@d, message to e@f could could not not be be\n"

    def work(text):
        plain.named(plain.told(text), set(), "example.org")
        judge(text)

    assert ratio(work, line * 100, line * 400) < LIMIT
