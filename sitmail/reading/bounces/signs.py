"""Is a mail without the fields of RFC 3464 a delivery report?  By who speaks and by what he says.

People write about bounces, forward and paste them.  So the writer must be a mail system, by a null sender or its
name, and at least two signs must agree; a writer that only sounds like a program needs nearly all of them.
"""

from __future__ import annotations

import re

from sitmail.domain.mail import Address
from sitmail.reading.bounces import plain
from sitmail.reading.bounces.patterns import pattern
from sitmail.reading.mime import Part

RETURNED = frozenset(("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"))
_ROBOTS = frozenset(
    ("mailerdaemon", "postmaster", "maildaemon", "mdaemon", "maildeliverysystem", "maildeliverysubsystem", "mailsystem",
     "mailadmin", "maildelivery", "mailadministrator", "systemadministrator", "mailerror", "smtpdaemon")
)  # fmt: skip
_ROBOT_NAME = re.compile(
    r"(?:mail|message|e-?mail) (?:deliver\w* |transfer |transport )?(?:system|sub-?system|daemon|service|agent|"
    r"administrator|error|server)|mailer[- ]?daemon|post ?master|(?:system|ndr) ?administrator",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"admin|system|mailer|daemon|delivery|postmaster|service|gateway|no-?reply|do-?not-?reply|\bndr\b|smtp|exchange|"
    r"anti-?virus|firewall|filter|notif",
    re.IGNORECASE,
)

_SEPARATORS = '-_. "\\'

SUBJECT = pattern(
    r"""
    undeliver|un-deliver|non[- ]?deliver|not delivered|returned (?:mail|e?-?mail|to sender|message)|\bfailure:
    deliver\S* (?:status|failure|problem|error|report|fail|notif|delay|warning|has fail)
    return(?:ing)? (?:message|mail|to sender)|(?:failure|warning|error) (?:notice|delivery|message|sending)
    mail (?:delivery|system|failure|failed|fail|could|not|error|undeliver|status)
    message (?:delayed|status|deliver|not|you sent|could|has not|\S{1,40} delayed|undeliv|rejected|bounced|failed)
    could not (?:be )?(?:send|sent|deliver)|cannot (?:be )?(?:send|deliver)|unable to (?:deliver|send)
    (?:user|address|recipient|mailbox|host) (?:unknown|not found|disabled)|bounce|rejected|failed mail|failed:
    processing error|mail not sent|email (?:failed|rejected|not)|delayed (?:mail|message)|over ?quota|quota exceed
    mailbox (?:is )?full|unzustell|nicht zu(?:ge)?stell|zustell\S* (?:fehl|verz|nicht)|fehler (?:bei|beim)
    non (?:remis|distribu|livr)|impossible de (?:remettre|transmettre|livrer)|échec de
    no (?:se )?(?:ha )?(?:podido )?entregad|no se puede entregar|error (?:de|en la) entrega
    non recapit|mancat\S (?:recapit|consegna)|impossibile (?:recapit|consegn)|n[aã]o (?:foi )?entreg|falha n
    nie ?(?:dostarcz|przekaz|doręcz)|onbestelbaar|niet bezorg|ikke levert|ej levererat|kan inte levereras
    (?:går|gik|kunde?) (?:ikke|inte|ej) (?:at )?levere|ei voitu toimittaa|nedoru[cč]|nelze doru[cč]|kézbesít
    nu a (?:putut fi|fost) livrat|teslim edilem|недостав|не доставл|невозможно доставить
    配信(?:でき|不能|失敗|エラー)|配送|送信(?:でき|エラー)|メール.{0,6}エラー|エラーメール|不達
    退信|投递失败|(?:邮件|郵件|系统).{0,10}(?:失败|失敗|退)|無法(?:傳|遞|投)|无法(?:投|发|送)|未送达
    배달|반송|전송 ?실패
    """,
    flags=re.IGNORECASE,
)
BODY = pattern(
    r"""
    (?:could|can|was|were|has|have|is|did) ?n[o'][t ](?:t )? ?(?:yet )?(?:be |been |able to ){0,2}SENT
    cannot be (?:deliver|sent)|unable to (?:be )?(?:deliver|send|relay)|undeliver|not delivered|non-delivery report
    failed (?:address|recip|to deliver|to send)|permanent (?:fatal )?(?:error|failure)|following (?:address|recipient)
    delivery (?:to the following|failed|fail|errors?|problems|has failed|not |of (?:e-?mail|your))
    fatal errors|did not reach|returned (?:to|mail|because)|unknown (?:user|recipient|address|host)
    user (?:unknown|not known)|no such (?:user|mailbox)|deferred|still trying|mailbox (?:is )?full|quota|bounced
    mail has been returned|no valid recipients|has not been delivered|encountered (?:an error|delivery)
    unable to (?:find|locate|reach|contact) (?:the )?(?:user|recipient|mailbox|address|host|account)
    (?:user|recipient|mailbox|address|account)\b.{0,60} (?:(?:was |is )?not found|does ?n[o']t exist|is invalid)
    (?:could not|cannot|can't|unable to) (?:find|locate) (?:the )?(?:user|recipient|mailbox|address)
    wurde nicht zugestellt|nicht zustell|konnte nicht (?:zu)?ge
    konnten? .{0,80}nicht (?:zugestellt|erreicht|ausgeliefert|übermittelt)
    n'a pas (?:pu|été)|n'ont pas pu|no (?:se )?(?:pudo|puede|ha podido)|non (?:è stato|ha raggiunto|può essere)
    n[aã]o (?:foi|pôde|pode)|nie (?:można|mógł|została|dostarcz)|niet (?:worden )?(?:bezorgd|afgeleverd)
    kunde inte levereras|kunne ikke (?:leveres|levere)|nelze doručit|nepodařilo (?:se )?doru
    не (?:может быть|было|удалось) (?:доставл|достав)|не доставл
    送信できませんでした|送信に失敗|配信できません|配送できません|届けることができません
    无法(?:被)?(?:投递|发送|送达|到达)|無法(?:傳送|送達|投遞)|投递失败|退回|전송(?:되지|하지)|배달(?:되지|할)
    """,
    {"SENT": "deliver|sent|send|reach|successfully"},
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\s*(?:re|aw|sv|antw|fw|fwd|wg|tr|rv|vs|odp|回复|答复|转发)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def robot(address: str, name: str = "") -> bool:
    """A mail system's own address, whatever its domain, or a name only mail systems have."""
    local = address.rpartition("@")[0].lower() or address.lower()
    for separator in _SEPARATORS if not local.isalnum() else "":
        local = local.replace(separator, "")
    return local in _ROBOTS or bool(name and _ROBOT_NAME.fullmatch(name.strip()))


def program(sender: Address) -> bool:
    """The sender sounds like a program; a person may, too."""
    return bool(_PROGRAM.search(f"{sender.address.rpartition('@')[0]} {sender.name}"))


def count(root: Part, leaves: list[Part], title: str, text: str, head: str) -> int:
    """How much speaks for a report in plain words; one sign alone is an accident."""
    return sum(
        (
            bool(SUBJECT.search(title[:300])) and not _ANSWERED.match(title),
            bool(BODY.search(head)),
            plain.numbered(head),
            root.parameters.get("report-type", "").lower() == "delivery-status",
            len(head) < len(text[: plain.SCANNED]) or any(p.type in RETURNED for p in leaves),
        )
    )


def formal(title: str, head: str) -> bool:
    """The subject and the first lines say so both, and nobody answers or forwards."""
    return bool(SUBJECT.search(title[:300]) and not _ANSWERED.match(title) and BODY.search(head[:1500]))
