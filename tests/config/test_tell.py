"""`[tell]` offers what the table of who is told leaves to the configuration, and nothing else."""

from __future__ import annotations

from typing import get_args

from sitmail.config.tables import Tell
from sitmail.domain.who_is_told import Role, choices


def test_what_may_be_chosen_is_what_the_table_leaves_open() -> None:
    offered = {name: get_args(get_args(field.annotation)[0]) for name, field in Tell.model_fields.items()}
    assert offered == {str(role): tuple(map(str, choices(role))) for role in Role if choices(role)}
