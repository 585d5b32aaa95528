"""Runs Roundup in its own process, with the Python of its own environment, so that nothing of sitmail is imported.

    python roundup_inside.py HOME CONTACTS < phases.json > measured.json

Its mail gateway is called as its own script calls it, without starting that script for every mail.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import time
from io import BytesIO
from typing import Any


def main(home: str, contacts: int) -> None:
    import roundup.instance  # type: ignore[import-not-found]
    from roundup import mailgw
    from roundup.scripts.roundup_mailgw import parse_arguments  # type: ignore[import-not-found]

    instance = roundup.instance.open(home)
    db = instance.open("admin")
    for number in range(contacts):
        address = f"person{number}@site{number // 5}.example.org"
        db.user.create(username=f"person{number}", realname=f"Person {number}", address=address, roles="User")
    db.commit()
    db.close()
    gateway = mailgw.MailGW(instance, parse_arguments([home])[1])
    gateway.trapExceptions = 0
    numbers: dict[int, Any] = {}
    measured = []
    for phase in json.load(sys.stdin):
        mails = [(case, base64.b64decode(content)) for case, content in phase]
        started, cpu = time.perf_counter(), time.process_time()
        for case, content in mails:
            if case in numbers:
                content = re.sub(
                    rb"\r\nSubject: Re: ", b"\r\nSubject: Re: [issue%s] " % numbers[case], content, count=1
                )
                gateway.main(BytesIO(content))
            else:
                numbers[case] = str(gateway.main(BytesIO(content))).encode()
        measured.append((time.perf_counter() - started, time.process_time() - cpu))
    db = instance.open("admin")
    json.dump({"measured": measured, "issues": len(db.issue.list()), "messages": len(db.msg.list())}, sys.stdout)
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
