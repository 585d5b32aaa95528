"""aiosmtpd, the usual SMTP server in Python, as a peer: it receives mails and discards them.

Run as a program (`python -m bench.dropping PORT`), this module is the server; `Dropping` starts it.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from bench.feeding import Phase, Way, feed
from bench.mails import Mail
from bench.processes import port, usage, wait_for_port


class _Drop:
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # the name that aiosmtpd calls
        return "250 dropped"


async def _serve(number: int) -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(_Drop(), hostname="mx.example.com", data_size_limit=100_000_000), "127.0.0.1", number
    )
    await server.serve_forever()


class Dropping:
    def start(self) -> None:
        self.port = port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.dropping", str(self.port)], cwd=Path(__file__).parents[1]
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    async def measure(self, mails: Sequence[Mail], way: Way) -> Phase:
        before = usage(self._process.pid).cpu
        accepted, started = await feed(self.port, mails, way)
        return Phase(len(mails), max(accepted.values()) - started, usage(self._process.pid).cpu - before)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
