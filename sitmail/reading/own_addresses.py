"""Mail in which an address of ours stands as that of its writer, or as the one to answer.

A group, a form or a shared mailbox sends what others wrote in our name.  Such a mail is theirs: whom it names besides
is its sender, without any proof.  Our own letters are known by their Message-IDs, which is not asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sitmail.domain.address import addr_spec
from sitmail.domain.mail import Mail


def told_apart(mail: Mail, is_ours: Callable[[str], bool]) -> Mail:
    """The mail with a sender who is not ourselves, and without our addresses in `reply_to`.

    From is replaced by the one mailbox of Reply-To, X-Original-From or X-Original-Sender, the first that is not ours;
    without any the mail has no identity, and is held.
    """
    answers = tuple([one for one in mail.reply_to if not is_ours(one.address)])
    if answers != mail.reply_to:
        mail = replace(mail, reply_to=answers)
    if not mail.identity or not is_ours(mail.identity):
        return mail
    named = (*(answers if len(answers) == 1 else ()), *mail.originals)
    for one in named:
        identity = addr_spec(one.address)
        if identity and not is_ours(identity):
            return replace(mail, sender=one, identity=identity, in_our_name=mail.identity, reply_to=())
    return replace(mail, identity="", in_our_name=mail.identity)
