"""What the mails of one batch have drawn from pools so far: each is decided as if those before it were applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sitmail.domain.effects import Decision, Draw
from sitmail.domain.facts import Contract, Facts, Site
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import contract_pools


def draw(unit: UnitOfWork, _entry: PendingDecision, effect: Draw) -> None:
    """The effect: an incident is drawn, or given back."""
    contract_pools.draw(unit.connection, effect.contract, effect.site, effect.by, bounded=not effect.again)


class DrawnPools:
    """Counts the draws of a batch; nothing is kept beyond it."""

    def __init__(self) -> None:
        self._contracts: Counter[str] = Counter()
        self._sites: Counter[str] = Counter()

    def note(self, decision: Decision) -> None:
        for effect in decision.effects:
            if type(effect) is Draw:
                if effect.contract:
                    self._contracts[effect.contract] += effect.by
                else:
                    self._sites[effect.site] += effect.by

    def seen_by(self, facts: Facts) -> Facts:
        """The facts about the next mail of the batch."""
        if not self._contracts and not self._sites:
            return facts
        contracts = tuple([self._drawn(one) for one in facts.contracts])
        return replace(facts, contracts=contracts, sites=self._free(facts.sites))

    def _drawn(self, one: Contract) -> Contract:
        drawn = self._contracts[one.id]
        return replace(one, used=one.used + drawn) if drawn else one

    def _free(self, sites: Mapping[str, Site]) -> Mapping[str, Site]:
        return {
            key: replace(one, free_used=one.free_used + self._sites[key]) if self._sites[key] else one
            for key, one in sites.items()
        }
