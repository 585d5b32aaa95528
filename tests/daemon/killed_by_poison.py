"""Runs a desk whose process is killed by every mail that has "poison" in its subject, as a fault of some library might:
`killed_by_poison.py run --config FILE`.  Only a test starts this.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sitmail.__main__ import main
from sitmail.daemon import intake_loop

honest = intake_loop.process_mail.process


def process(connection: Any, tasks: Any) -> Any:
    if any("poison" in task.arrival.mail.subject for task in tasks):
        os.kill(os.getpid(), signal.SIGKILL)
    return honest(connection, tasks)


intake_loop.process_mail.process = process
sys.exit(main())
