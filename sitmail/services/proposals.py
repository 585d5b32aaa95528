"""The effect that asks somebody whether the directory is to be changed: a question of its own, open for long."""

from __future__ import annotations

import hashlib

from sitmail.domain import effects as e
from sitmail.domain.directory_effects import Propose
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.trust import PROVES_FOR
from sitmail.services.notifications import was_told
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork


def propose(unit: UnitOfWork, _entry: PendingDecision, effect: Propose) -> None:
    """Each reader is asked once about the same change, however often it is written."""
    changes = [[one.kind, one.key, one.field, one.value, one.by] for one in effect.changes]
    cause = f"proposal:{hashlib.sha256(repr(changes).encode()).hexdigest()[:20]}"
    for reader in effect.readers:
        if was_told(unit.connection, [reader], NoticePurpose.PROPOSAL, cause):
            continue
        key, expires = unit.key("confirmation"), unit.now + PROVES_FOR
        row = {"id": key, "person": reader.id, "mails": [], "issued": unit.now, "expires": expires}
        unit.put("confirmation", row | {"changes": changes, "proposal": True})
        unit.tells.append(e.Tell(reader, NoticePurpose.PROPOSAL, detail=effect.detail, cause=cause, number=key))
