"""The LMTP door (RFC 2033): for an MTA on the same machine.

It differs from SMTP in its greeting and in this: after the final dot there is one reply for every accepted
recipient, whatever the reply is.  A client that misses one takes the next reply it sees for it, and the mail is lost.
Lone CR and LF are kept as they are: what reaches us here was accepted from its author already, and a refusal would
only make the MTA write to a forged sender.
"""

from __future__ import annotations

from aiosmtpd.lmtp import LMTP

from sitmail.receiving.door import Accepts, Deliver, Door, DoorSettings, Guard
from sitmail.receiving.smtp import SmtpSession
from sitmail.receiving.spool import Spool


class LmtpSession(SmtpSession, LMTP):
    """One connection."""

    door_name = "lmtp"
    protocol_name = "LMTP"
    refuses_bare_newlines = False

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:  # noqa: ARG002  # aiosmtpd would ask for HELO
        return await super().check_helo_needed("LHLO")

    def _replies_after(self, recipients: list[str]) -> int:
        """RFC 2033 section 4.2; upstream's LMTP class says one."""
        return len(recipients)


def lmtp_door(
    settings: DoorSettings, spool: Spool, accepts: Accepts, deliver: Deliver, guard: Guard = lambda: ""
) -> Door:
    """A door that speaks LMTP; give it to `create_server`, `create_unix_server` or `open_listeners`."""
    return Door(LmtpSession, settings, spool, accepts=accepts, deliver=deliver, guard=guard)
