"""The relay client: every reply a server may give, and which of them must not count as sent."""

from __future__ import annotations

import asyncio
import shutil
import smtplib
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.sending.relay import MaildirRelay, Relay, open_relay
from sitmail.sending.relay_smtp import Patience, stuffed
from sitmail.sending.replies import Fate, Garbled, Reply, judge, take, taken, welcome
from tests.wire import Sink, send

ANN, BOB = "support+b1@example.com", "bob@example.org"
LETTER = b"Subject: x\r\n\r\nHello\r\n"


def relay_to(
    sink: Sink, scheme: str = "smtp", user: str = "", tls: ssl.SSLContext | None = None, **patience: float
) -> Relay:
    return open_relay(
        f"{scheme}://127.0.0.1:{sink.port}", user, "s3cret", "desk.example.com", tls=tls, patience=Patience(**patience)
    )


@pytest.fixture(params=[True, False], ids=["pipelining", "step by step"])
def sink(request: pytest.FixtureRequest) -> Sink:
    return Sink() if request.param else Sink(extensions=("SIZE 50000000",))


async def test_letters_arrive_whole_on_one_kept_connection(sink: Sink) -> None:
    bodies = [
        b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\nend\r\n",
        b".\r\n",
        b"x",
        b"Subject: y\r\n\r\n" + b"z" * 78 + b"\r\n",
        LETTER,
    ]
    async with sink:
        relay = relay_to(sink)
        for body in bodies:
            assert (await relay.send(ANN, BOB, body)).fate is Fate.SENT
        await relay.close()
    assert [message.data for message in sink.messages] == [b if b.endswith(b"\r\n") else b + b"\r\n" for b in bodies]
    assert {(m.sender, *m.recipients) for m in sink.messages} == {(ANN, BOB)}
    assert sink.connections == 1
    assert (sink.commands[0], sink.commands[1]) == ("EHLO desk.example.com", f"MAIL FROM:<{ANN}> SIZE={len(bodies[0])}")
    assert sink.commands[-1] == "QUIT"


async def test_a_long_letter_arrives_whole(sink: Sink) -> None:
    body = b"".join(b"%07d%s\r\n" % (line, b"." * 60) for line in range(30_000))
    async with sink:
        relay = relay_to(sink)
        assert (await relay.send(ANN, BOB, body)).fate is Fate.SENT
        await relay.close()
    assert sink.messages[0].data == body


async def test_pipelining_says_three_words_in_one_packet() -> None:
    packets: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in ("220 x\r\n", "250-x\r\n250 PIPELINING\r\n", "250 a\r\n250 b\r\n354 c\r\n", "250 d\r\n"):
            if packets or answer[0:3] != "220":
                packets.append(await reader.read(9999))
            writer.write(answer.encode())
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        relay = open_relay(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        await relay.close()
    assert packets[1:] == [f"MAIL FROM:<{ANN}>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n".encode(), LETTER + b".\r\n"]


@pytest.mark.parametrize(
    ("step", "answer", "fate"),
    [
        ("MAIL", "451 busy", Fate.DOWN),
        ("MAIL", "550 5.7.1 not you", Fate.DOWN),
        ("MAIL", "552 5.3.4 too big", Fate.PERMANENT),
        ("MAIL", "421 closing", Fate.DOWN),
        ("RCPT", "450 4.2.1 later", Fate.TEMPORARY),
        ("RCPT", "550 5.1.1 no such user", Fate.PERMANENT),
        ("RCPT", "421 closing", Fate.DOWN),
        ("DATA", "451 later", Fate.TEMPORARY),
        ("DATA", "554 no", Fate.PERMANENT),
        (".", "452 disk", Fate.TEMPORARY),
        (".", "554 5.6.0 no", Fate.PERMANENT),
        (".", "421 closing", Fate.DOWN),
        ("CONNECT", "554 go away", Fate.DOWN),
        ("CONNECT", "421 busy", Fate.DOWN),
        ("CONNECT", None, Fate.DOWN),
        ("CONNECT", "SSH-2.0", Fate.DOWN),
        ("EHLO", "502 no", Fate.DOWN),
        ("EHLO", None, Fate.DOWN),
        ("MAIL", None, Fate.LOST),
        ("RCPT", None, Fate.LOST),
        ("DATA", None, Fate.LOST),
        (".", None, Fate.LOST),
        (".", "99 bottles", Fate.LOST),
        ("DATA", "250 ok", Fate.LOST),
        ("DATA", "503 out of step", Fate.LOST),
        ("RCPT", "354 go", Fate.LOST),
        ("MAIL", "250-ok\n251 ok", Fate.LOST),
    ],
)  # fmt: skip
async def test_every_refusal_is_told_and_the_next_letter_goes(
    sink: Sink, step: str, answer: str | None, fate: Fate
) -> None:
    async with sink:
        sink.replies[step] = [answer]
        relay = relay_to(sink)
        verdict = await relay.send(ANN, BOB, LETTER)
        assert verdict.fate is fate
        assert verdict.ambiguous is (step == "." and fate is Fate.LOST)
        if answer and fate is not Fate.LOST and answer[0].isdigit():
            assert answer in verdict.text
        before = len(sink.messages)
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        assert len(sink.messages) == before + 1
        await relay.close()


async def test_a_kept_connection_that_died_is_replaced_unnoticed(sink: Sink) -> None:
    async with sink:
        relay = relay_to(sink)
        for answer in (None, "421 idle", "drop", "drop, and noticed"):
            assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
            if answer and answer.startswith("drop"):
                sink.drop_all()
                await asyncio.sleep(0.02 if "noticed" in answer else 0)
            else:
                sink.replies["MAIL"] = [answer]
            assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        await relay.close()
    assert len(sink.messages) == 8


async def test_a_connection_lost_after_the_dot_is_not_tried_twice(sink: Sink) -> None:
    async with sink:
        relay = relay_to(sink)
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        sink.swallow_then_drop = 1
        verdict = await relay.send(ANN, BOB, LETTER)
        await relay.close()
    assert (verdict.fate, verdict.ambiguous, len(sink.messages)) == (Fate.LOST, True, 2)


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_a_reply_nobody_asked_for_never_shifts_the_others(sink: Sink, step: str) -> None:
    usual = {"CONNECT": "220 x", "EHLO": "250-x\n250 PIPELINING", "DATA": "354 go"}.get(step, "250 ok")
    async with sink:
        sink.replies[step] = [f"{usual}\n250 ok", f"{usual}\n250 ok"]
        relay = relay_to(sink)
        verdicts = [await relay.send(ANN, BOB, LETTER + b"%d\r\n" % n) for n in range(3)]
        sink.refused["carl@example.org"] = "550 no such user"
        verdicts.append(await relay.send(ANN, "carl@example.org", LETTER))
        await relay.close()
    assert sum(v.fate is Fate.SENT for v in verdicts) == len(sink.messages)
    assert verdicts[-1].fate is Fate.PERMANENT
    assert verdicts[2].fate is Fate.SENT


async def test_a_word_too_many_before_the_letter_is_not_taken_for_its_receipt(sink: Sink) -> None:
    async with sink:
        sink.replies["DATA"] = ["354 go\n250 taken"]
        sink.replies["."] = ["554 no"]
        relay = relay_to(sink)
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.LOST
        await relay.close()


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_silence_ends(sink: Sink, step: str) -> None:
    async with sink:
        sink.replies[step] = [""]
        relay = relay_to(sink, greeting=0.1, command=0.1, data=0.1, dot=0.1)
        verdict = await relay.send(ANN, BOB, LETTER)
        assert verdict.fate is (Fate.DOWN if step in ("CONNECT", "EHLO") else Fate.LOST)
        pipelined = "PIPELINING" in sink.extensions  # there the next reply takes the place of the missing one
        assert "in time" in verdict.text or (pipelined and step in ("MAIL", "RCPT"))
        await relay.close()


async def test_a_flood_of_words_is_cut_off(sink: Sink) -> None:
    async with sink:
        sink.replies["RCPT"] = ["250-" + "x" * 3_000_000]
        sink.replies["."] = ["250-x\n" * 200 + "250 x"]
        relay = relay_to(sink)
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.LOST
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.LOST
        await relay.close()


WORLDWIDE = "To: <jörg@example.org>\r\n\r\nx\r\n".encode()


@pytest.mark.parametrize("pipelining", [("PIPELINING",), ()])
async def test_an_address_beyond_ascii_needs_a_relay_that_takes_it(pipelining: tuple[str, ...]) -> None:
    async with Sink(extensions=(*pipelining, "8BITMIME", "SMTPUTF8")) as sink:
        relay = relay_to(sink)
        assert (await relay.send(ANN, "jörg@example.org", WORLDWIDE)).fate is Fate.SENT
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        await relay.close()
    said = [line.encode("latin-1").decode() for line in sink.commands]  # the sink writes down bytes
    assert [line for line in said if line[:4] in ("MAIL", "RCPT")] == [
        f"MAIL FROM:<{ANN}> SMTPUTF8", "RCPT TO:<jörg@example.org>", f"MAIL FROM:<{ANN}>", f"RCPT TO:<{BOB}>"
    ]  # fmt: skip


async def test_a_relay_that_does_not_take_it_is_not_asked() -> None:
    async with Sink(extensions=("PIPELINING",)) as sink:
        relay = relay_to(sink)
        verdict = await relay.send(ANN, "jörg@example.org", WORLDWIDE)
        assert (verdict.fate, "SMTPUTF8" in verdict.text) == (Fate.PERMANENT, True)
        await relay.close()
    assert not [line for line in sink.commands if line.startswith("MAIL")]


async def test_what_is_too_big_is_not_even_announced() -> None:
    async with Sink(extensions=("PIPELINING", "SIZE 10")) as sink:
        relay = relay_to(sink)
        verdict = await relay.send(ANN, BOB, LETTER)
        assert verdict.fate is Fate.PERMANENT
        assert "limit of 10" in verdict.text
        await relay.close()
    assert sink.commands == ["EHLO desk.example.com", "QUIT"]


@pytest.mark.parametrize(
    ("sender", "recipient", "data"),
    [
        (ANN, BOB, b"a\n.\r\nMAIL FROM:<x@example.net>\r\n"),
        (ANN, BOB, b"a\r.\r\n"),
        (ANN, "bob@example.org>\r\nRCPT TO:<x@example.net", LETTER),
        ("", BOB, LETTER),
    ],
)
async def test_what_could_be_read_as_a_command_is_not_sent(sender: str, recipient: str, data: bytes) -> None:
    async with Sink() as sink:
        with pytest.raises(ValueError, match=r"not an address|lone CR or LF"):
            await relay_to(sink).send(sender, recipient, data)
    assert sink.connections == 0


@given(st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x", b"x."]), max_size=12))
def test_stuffing_is_what_rfc_5321_says(lines: list[bytes]) -> None:
    data = b"".join(line + b"\r\n" for line in lines)
    expected = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
    assert stuffed(data) == (expected or b"\r\n")


async def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    relay = open_relay(f"smtp://127.0.0.1:{port}")
    verdict = await relay.send(ANN, BOB, LETTER)
    assert verdict.fate is Fate.DOWN
    assert f"127.0.0.1:{port}" in await relay.probe()


# --- TLS and logging in


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sink -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=f"{certificate}.crt")


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("ways", [(), ("AUTH LOGIN",)], ids=["plain", "login"])
async def test_letters_and_passwords_under_tls(
    scheme: str, ways: tuple[str, ...], server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    extensions = ("PIPELINING", *ways)
    sink = Sink(extensions=extensions, tls=server_tls, implicit=scheme == "smtps", logins={"desk": "s3cret"})
    async with sink:
        relay = relay_to(sink, scheme, "desk", trusting)
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.SENT
        await relay.close()
    assert len(sink.messages) == 2
    assert sink.seen["AUTH"] == 1
    assert sink.commands.index("EHLO desk.example.com") == 0
    if scheme != "smtps":
        assert sink.commands[1:3] == ["STARTTLS", "EHLO desk.example.com"]


async def test_a_wrong_password_is_the_desks_trouble_and_is_not_told(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with Sink(tls=server_tls, logins={"desk": "other"}) as sink:
        relay = relay_to(sink, "smtp+starttls", "desk", trusting)
        verdict = await relay.send(ANN, BOB, LETTER)
        assert verdict.fate is Fate.DOWN
        assert "535" in verdict.text
        assert "s3cret" not in repr((verdict, relay))
        assert await relay.probe() == verdict.text


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_certificate_nobody_signed_is_refused(scheme: str, server_tls: ssl.SSLContext) -> None:
    async with Sink(tls=server_tls, implicit=scheme == "smtps", logins={"desk": "s3cret"}) as sink:
        verdict = await relay_to(sink, scheme, "desk").send(ANN, BOB, LETTER)
    assert verdict.fate is Fate.DOWN
    assert "certificate" in verdict.text.lower()
    assert sink.seen["AUTH"] == sink.seen["MAIL"] == 0


@pytest.mark.parametrize("answer", ["", "454 not now", "220 go\n250 injected", "220 go\n235 welcome"])
@pytest.mark.parametrize("user", ["desk", ""])
async def test_without_tls_nothing_is_said(
    user: str, answer: str, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with Sink(tls=server_tls if answer else None, logins={"desk": "s3cret"}) as sink:
        sink.always["STARTTLS"] = answer
        relay = relay_to(sink, "smtp+starttls", user, trusting, connect=0.3)
        verdict = await relay.send(ANN, BOB, LETTER)
    assert verdict.fate is Fate.DOWN
    assert not any(verb in sink.seen for verb in ("AUTH", "MAIL", "RCPT"))


@pytest.mark.parametrize(
    ("url", "user", "sentence"),
    [
        ("smtp://mail.example.com", "desk", "TLS only"),
        ("imap://mail.example.com", "", "is no relay"),
        ("mail.example.com", "", "is no relay"),
        ("smtp://", "", "is no relay"),
        ("smtp://u:p@mail.example.com", "", "keys of their own"),
        ("smtp://mail.example.com:x", "", "Port"),
        ("maildir:", "", "folder"),
    ],
)
def test_wrong_settings_are_told(url: str, user: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        open_relay(url, user)


# --- replies


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"250", b"451", b"-", b" ", b"x", b"\r\n", b"\n"])).map(b"".join)
)
def test_any_bytes_are_a_reply_or_garbled_or_not_yet_whole(data: bytes) -> None:
    buffer = bytearray(data)
    try:
        reply = take(buffer)
    except Garbled:
        return
    assert (reply is None) == (len(buffer) == len(data))


def test_replies_of_several_lines_arrive_in_pieces() -> None:
    buffer = bytearray()
    for byte in b"250-a\r\n250-b c\r\n250\r":
        buffer.append(byte)
        assert take(buffer) is None
    buffer += b"\n354 go\r\n"
    assert take(buffer) == Reply(250, ("a", "b c", ""))
    assert take(buffer) == Reply(354, ("go",))
    assert Reply(550, ("no\x1b[31m", "\ufffd")).text == "550 no [31m \ufffd"


# --- Maildir, and the fakes themselves


async def test_a_maildir_holds_whole_letters(tmp_path: Path) -> None:
    relay = open_relay(f"maildir:{tmp_path / 'out going'}")
    assert isinstance(relay, MaildirRelay)
    assert await relay.probe() == ""
    verdicts = [await relay.send(ANN, BOB, LETTER) for _ in range(3)]
    assert {v.fate for v in verdicts} == {Fate.SENT}
    files = sorted((tmp_path / "out going" / "new").iterdir())
    assert [f.name for f in files] == [v.text for v in verdicts]
    assert files[0].read_bytes() == f"Return-Path: <{ANN}>\nDelivered-To: {BOB}\n".encode() + LETTER.replace(b"\r", b"")
    assert list((tmp_path / "out going" / "tmp").iterdir()) == []
    await relay.close()


async def test_a_maildir_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    relay = open_relay(f"maildir:{tmp_path / 'file'}")
    assert (await relay.send(ANN, BOB, LETTER)).fate is Fate.DOWN
    assert str(tmp_path) in await relay.probe()


def test_the_sink_serves_plain_tests_too() -> None:
    with Sink().in_thread() as sink:
        sink.refused["carl@example.org"] = "550 no"
        replies = send(sink.port, ANN, [BOB, "carl@example.org"], b"Subject: x\n\n.\n")
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            client.sendmail(ANN, [BOB], b"Subject: y\r\n\r\n.dot\r\n")
        assert [m.data for m in sink.wait_for(2)] == [b"Subject: x\r\n\r\n.\r\n", b"Subject: y\r\n\r\n.dot\r\n"]
    assert [reply[:3] for reply in replies] == ["220", "250", "250", "250", "550", "354", "250", "221"]


@pytest.mark.parametrize(
    "answers, good",
    [
        (b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n", True),
        (b"250\r\n251 will forward\r\n354\r\n", True),
        (b"250 ok\r\n250 ok\r\n", False),
        (b"250 ok\r\n250 ok\r\n354 go on\r\n250 more\r\n", False),
        (b"250-ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n", False),
        (b"250 ok\r\n550 no\r\n354 go on\r\n", False),
        (b"250 ok\r\n250 ok\r\n250 ok\r\n", False),
        (b"250 ok\r\n250 ok\r\n355 go on\r\n", False),
        (b"250 ok\r\n250 a\nb\r\n354 go on\r\n", False),
        (b"", False),
    ],
)
def test_answers_that_need_no_judge(answers: bytes, good: bool) -> None:
    buffer = bytearray(answers)
    assert welcome(buffer) is good
    assert buffer == (b"" if good else answers)


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (b"250 2.0.0 ok: queued as 17 \r\n", True),
        (b"250\r\n", True),
        (b"299 " + b"x" * 400 + b"\r\n", True),
        (b"299 " + b"x" * 600 + b"\r\n", False),
        (b"250-two\r\n250 lines\r\n", False),
        (b"250 ok\r\n421 bye\r\n", False),
        (b"250 \xc3\xb6\r\n", True),
        (b"250 \x1b[0m\r\n", True),
        (b"250 ok", False),
        (b"354 go on\r\n", False),
        (b"503 out of step\r\n", False),
        (b"", False),
    ],
)
def test_an_answer_to_the_dot_that_needs_no_judge(answer: bytes, good: bool) -> None:
    buffer, again = bytearray(answer), bytearray(answer)
    verdict = taken(buffer)
    assert buffer == (b"" if good else answer)
    if good:
        reply = take(again)
        assert reply is not None
        assert verdict == judge(".", reply)
    else:
        assert verdict is None


async def test_a_dot_that_is_never_answered_is_not_waited_for_as_long_as_a_command() -> None:
    async with Sink() as sink:
        sink.always["."] = ""
        verdict = await asyncio.wait_for(relay_to(sink, command=300, dot=0.1).send(ANN, BOB, LETTER), 20)
    assert (verdict.fate, verdict.ambiguous) == (Fate.LOST, True)
