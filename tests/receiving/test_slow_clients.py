"""A thousand connections that drip bytes: an honest one gets its turn as if there were a few.

The promise is two seconds.  Asserted is what makes it true on any machine: how often every slow client gets a byte
through while the honest one holds its conversation.  That must not depend on how many they are; then the delay is that
number times what a round of a thousand bytes costs (some 10 to 20 ms of a core, so below two seconds even here,
where each drips as fast as it can instead of now and then).
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from pathlib import Path

from tests.receiving.doorstep import KEPT, Client, Open, opened

FEW, MANY = 10, 1000
MAIL = b"Subject: honest\r\n\r\nx\r\n"
# What a drip goes on with for ever: a command without end, a mail without end, a command that comes to nothing.
DRIPS = (b"EHLO ", b"EHLO x\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n", b"NOOP")


async def drip(client: Client, sent: list[int], at: int) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            client.writer.write(b"x")
            sent[at] += 1
            await asyncio.sleep(0)


async def honest(client: Client) -> None:
    await client.begin()
    await client.send(MAIL + b".\r\n")
    assert await client.reply() == KEPT
    assert (await client.say("QUIT")).startswith("221")


async def rounds(one: Open, crowd: int) -> int:
    """How many bytes of each of so many slow clients come in while one honest mail does."""
    clients = [await one.client() for _ in range(crowd)]
    for at, client in enumerate(clients):
        await client.send(DRIPS[at % len(DRIPS)])
    while len(one.door.sessions) < crowd:
        await asyncio.sleep(0.01)
    sent = [0] * crowd
    tasks = [asyncio.create_task(drip(client, sent, at)) for at, client in enumerate(clients)]
    while min(sent) < 3:
        await asyncio.sleep(0)
    before = max(sent)
    await honest(await one.client())
    found = max(sent) - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in clients:
        client.reset()
    await one.empty()
    return found


async def test_a_thousand_slow_clients_delay_nobody_more_than_ten_do(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * MANY + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2 * MANY + 200, hard))
    async with opened(tmp_path, max_sessions_per_client=MANY + 10) as one:
        few = await rounds(one, FEW)
        many = await rounds(one, MANY)
    assert one.desk.mails == [MAIL] * 2
    assert many <= 2 * few + 10, f"{many} rounds among {MANY}, {few} among {FEW}"


async def test_one_address_cannot_take_all_places(tmp_path: Path) -> None:
    """From one address no more than its share gets in, so a thousand slow ones must have many addresses."""
    cap = 20
    async with opened(tmp_path, max_sessions_per_client=cap) as one:
        answers = [(await (await one.client()).reply())[:3] for _ in range(cap + 5)]
    assert answers == ["220"] * cap + ["421"] * 5
