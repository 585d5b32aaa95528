"""Effects that change the directory by mail; `apply` calls these."""

from __future__ import annotations

from sitmail.domain import directory_effects as e
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import directory_changes, merged_contacts


def change(unit: UnitOfWork, _entry: PendingDecision, effect: e.ChangeDirectory) -> None:
    one = directory_changes.Change(effect.kind, effect.key, effect.field, effect.value, effect.by, unit.now)
    directory_changes.change(unit.connection, one)
    _forget(unit)


def name_contact(unit: UnitOfWork, _entry: PendingDecision, effect: e.NameContact) -> None:
    directory_changes.name(unit.connection, effect.contract, effect.address, effect.by, unit.now, undo=effect.undo)
    _forget(unit)


def merge_contacts(unit: UnitOfWork, _entry: PendingDecision, effect: e.MergeContacts) -> None:
    merged_contacts.merge(unit.connection, effect.gone.id, effect.stays.id, effect.by, unit.now)


def _forget(unit: UnitOfWork) -> None:
    """The daemon remembers sites."""
    unit.desk.memory.sites = {}
