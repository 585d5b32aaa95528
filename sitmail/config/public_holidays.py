"""Public holidays of a country or a part of it, as the `holidays` package knows them.

The package is imported where a calendar with `holidays_of` is computed: it costs a quarter of a second of CPU.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import metadata

from sitmail.domain.record import record


@record
class PublicHolidays:
    """Those of `of`: ISO 3166 codes, `GB` or `DE-BY`.  A country that is `unknown` has none."""

    of: str

    @property
    def edition(self) -> str:
        """Changes with the version of the package, which may know other days."""
        return f"{self.of} {metadata.version('holidays')}"

    def days(self, year: int) -> frozenset[date]:
        """Those of one year."""
        return _days(self.of, year)


@cache
def _days(of: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415

    country, _, part = of.partition("-")
    return frozenset() if unknown(of) else frozenset(holidays.country_holidays(country, part or None, years=year))


@cache
def unknown(of: str) -> str:
    """Why no holidays are known of it, as the end of a sentence for people; "" if they are."""
    import holidays  # noqa: PLC0415

    country, _, part = of.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        return f'no public holidays are known of "{country}"; expected ISO 3166 codes such as GB or DE-BY'
    if part and part not in known[country]:
        parts = ", ".join(known[country][:20]) or "none"
        return f'no public holidays are known of "{part}" in {country}; its known parts: {parts}'
    return ""
