"""The newest rows of a list: how many, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select

from sitmail.domain.record import record


@record
class Newest:
    """How many rows, and from when on.  `limit` 0: all; `since` None: from the first row."""

    limit: int = 0
    since: datetime | None = None

    def of(self, query: Select[Any], at: ColumnElement[datetime], key: ColumnElement[int]) -> Select[Any]:
        """The query limited to these rows, the newest first.  `since` is compared with the column `at`."""
        if self.since is not None:
            query = query.where(at >= self.since)
        query = query.order_by(key.desc())
        return query.limit(self.limit) if self.limit else query


ALL = Newest()
