"""Metrics for Prometheus, over HTTP and as a file: they count what the desk did and contain no address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from sitmail.daemon.metrics import DeskCollector
from sitmail.services.reports import without_database
from tests.running_desk import Desk, free_port, mail, wait_for


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.stop()


@pytest.mark.slow
def test_what_the_desk_did_is_counted(desk: Desk) -> None:
    port = free_port()
    desk.configure(more=f'[metrics]\nlisten = "127.0.0.1:{port}"\ntextfile = "sitmail.prom"')
    desk.start()

    def page() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text: str = answer.read().decode()
            return text

    assert "sitmail_relay_up 1.0" in page()
    mail(desk)
    wait_for(lambda: 'sitmail_mails_total{ending="new"} 1.0' in page())
    wait_for(lambda: 'sitmail_letters_total{state="sent"}' in page())
    text = page()
    for line in (
        "sitmail_healthy 1.0",
        'sitmail_incidents{state="open"} 1.0',
        'sitmail_inbox_mails{state="waiting"} 0.0',
    ):
        assert line in text
    for secret in ("jane", "example", "lamp", "dark"):
        assert secret not in text
    wait_for(lambda: "sitmail_relay_up 1.0" in (desk.folder / "sitmail.prom").read_text())
    assert f"metrics 127.0.0.1:{port}" in desk.sitmail("status").stdout


@pytest.mark.slow
def test_a_port_in_use_is_a_sentence(desk: Desk) -> None:
    desk.configure(more=f'[metrics]\nlisten = "127.0.0.1:{desk.port}"')
    done = desk.sitmail("run")
    assert done.returncode == 69
    assert done.stderr.startswith(f"cannot start: 127.0.0.1:{desk.port} is in use by another program")


def test_a_broken_database_leaves_what_is_known() -> None:
    registry = CollectorRegistry()
    registry.register(DeskCollector(lambda: without_database("disk I/O error", None), {("mail", "new"): 3}))
    text = generate_latest(registry).decode()
    assert "sitmail_database_up 0.0" in text
    assert "sitmail_healthy 0.0" in text
    assert 'sitmail_mails_total{ending="new"} 3.0' in text
    assert "sitmail_inbox_mails" not in text
