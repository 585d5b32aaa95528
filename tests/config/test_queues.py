"""Queues and standard answers of the configuration, checked as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.config import load
from sitmail.config.mistakes import ConfigError
from sitmail.domain.queues import BUILT_IN, Queue, queue_named, with_built_in

PLAIN = """
[desk]
address = "support@example.com"
name = "Example"
[relay]
url = "smtp://127.0.0.1:25"
"""


def written(folder: Path, queue: str) -> Path:
    path = folder / "config.toml"
    path.write_text(PLAIN + queue)
    return path


def test_a_declared_queue_takes_the_place_of_a_built_in_one() -> None:
    mine = Queue("mine", "owner:me")
    assert with_built_in((mine,)) == (*BUILT_IN[1:], mine)
    assert queue_named("MIN", with_built_in((mine,))) is mine


def test_a_queue_is_found_by_the_beginning_of_its_name_if_no_other_begins_so() -> None:
    queues = (Queue("network", "open"), Queue("net-out", "open"))
    with pytest.raises(ValueError, match="net"):
        queue_named("net", queues)
    assert queue_named("netw", queues).name == "network"


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("statsu:open", "no filter 'statsu'; did you mean 'status='?"),
        ("priority:urgent", "no priority 'urgent'"),
        ("since:soon", "'soon' is no day I can read"),
    ],
)
def test_a_search_that_nobody_could_read_is_a_mistake(tmp_path: Path, search: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, f'[[queue]]\nname = "one"\nsearch = "{search}"\n'), {})
    assert f"config.toml: queue[0].search: {says}" in str(refused.value)


def test_a_field_that_no_standard_answer_has_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, '[[answer]]\nid = "one"\ntext = "Hi {nmae}"\ntexts = { de = "Hallo {naem}" }\n'), {})
    said = str(refused.value)
    assert "answer[0].text: {nmae} is no field; there are {name}" in said
    assert "answer[0].texts.de: {naem} is no field" in said
