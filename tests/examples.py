"""How many examples hypothesis tries for a property: fewer in `make quick`, many more in `make long`."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

SHARE = float(os.environ.get("EXAMPLES", "1"))  # of the usual number


def examples(usual: int, **more: Any) -> settings:
    """Settings for a test that usually tries so many."""
    return settings(max_examples=max(5, round(usual * SHARE)), **more)
