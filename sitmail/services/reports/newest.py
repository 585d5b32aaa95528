"""The newest rows of a list: how many, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select

from sitmail.domain.record import record


@record
class Newest:
    """`limit` 0: all rows; `since` None: from the first one on."""

    limit: int = 0
    since: datetime | None = None

    def of(self, query: Select[Any], at: ColumnElement[datetime], key: ColumnElement[int]) -> Select[Any]:
        """The query for these rows, the newest first.  `at` is what `since` is compared with."""
        if self.since is not None:
            query = query.where(at >= self.since)
        query = query.order_by(key.desc())
        return query.limit(self.limit) if self.limit else query


ALL = Newest()
