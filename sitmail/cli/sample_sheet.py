"""Invented data for the sheet about a customer: a full one, and one with as little as possible (`cli/samples`)."""

from __future__ import annotations

from datetime import UTC, datetime

from sitmail.services.sheet_views import ContractView, EarlierView, ServiceView, SheetView, UnitView

PREPAID = (
    ServiceView("Block of hours", "8h 30m", "10h", "2026-12-31", "90 EUR", "PO-4711"),
    ServiceView("Block", "3h", "10h", "", "", ""),
)
SHEET = SheetView(
    name="Carla Jones",
    addresses=("carla@example.com", "c.jones@example.com"),
    phone="+44 20 7946 0000",
    manager="Dan Jones",
    admin=True,
    do_not_mail=True,
    site="Acme Ltd",
    account_manager="Ana Lind",
    territory="north",
    notes="Ring the bell twice.",
    free_left=1,
    contracts=(
        ContractView("acme-2026", "gold", "current", "2026-12-31", 10, 7, False, PREPAID),
        ContractView("acme-2025", "", "ended", "2025-12-31", None, 0, True),
        ContractView("acme-2027", "", "not begun", "", None, 0, True),
        ContractView("acme-router", "", "used up", "", 3, 0, True),
    ),
    units=(
        UnitView("SN-1001", "router", "acme-router", "2027-12-31", True, "in the cellar"),
        UnitView("SN-1002", "printer", "", "2025-12-31", False, ""),
        UnitView("SN-1003", "", "", "", False, ""),
    ),
    more_units=True,
    earlier=(EarlierView("[SIT-9]", "Scanner", "Closed", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 9),),
)
BARE_SHEET = SheetView("", SHEET.addresses, site="Acme Ltd")
