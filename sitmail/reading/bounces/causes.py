"""The words by which servers refuse mail, in the order in which they are believed.

Patterns are matched against lower-case text without addresses and links, one pattern a line.  English first, as
nearly every server speaks it, then what desktop servers and providers say in their own languages.  Words in capitals
stand for the alternatives below.
"""

from __future__ import annotations

import re

from sitmail.reading.bounces.patterns import pattern

_FOR = {
    "WHOM": "BOX|address|addressee|local[- ]part|person|mail (?:name|address)|destination|name",
    "BOX": "e-?mail ?box|mail ?box|mail ?folder|mail ?dir|inbox|account|mail ?drop|user|recipient|postfach|"
    "destinat\\w+",
    "VERB": "is |are |was |has |have |could |does |do |were |",
    "GONE": "unknown|no[nt]? (?:be )?(?:exist|found|known|listed|valid|recogni|unique|local|in)|does ?n[o']t exist|"
    "didn't exist|n't (?:be )?(?:exist|found|known|listed|valid)|invalid|unavailable|nonexist|no longer|"
    "rejected(?! by)|undeliverable|cannot be (?:found|verified)",
    "NOSUCH": "unknown|no such|no valid|invalid|bad|non-?exist(?:ent|ing|ant)?|illegal|undeliverable|unverified|"
    "unrecogni[sz]ed",
    "NOWHERE": "does not exist|doesn't exist|unknown|is (?:unknown|invalid)|(?:cannot|couldn't|could not) be found",
    "CLOSED": "suspended|inactive|deactivated|locked|frozen|not active|disabled|expired|closed|not activated|"
    "blocked due to inactiv|terminated|discontinued|out of service",
    "UNSENT": "could not be delivered|cannot send message|undeliver\\w+|queue\\w*|delayed|"
    "not (?:yet )?been delivered|trying",
}

_WORDS = r"""
virusdetected
    \b(?:contains?|infected|found|detected|carr(?:y|ies))\b.{0,40}\b(?:virus|malware|trojan|worm)\b
    \b(?:virus|malware)\b.{0,30}\b(?:found|detected|rejected|infected)|infected (?:file|message|mail)
authfailure
    \bdmarc\b|\bdkim\b.{0,60}(?:fail|did not|invalid|reject|not pass)
    \bspf\b.{0,60}(?:fail|reject|not pass|did not|check|forger|unauth)|sender policy framework
    (?:fail|reject|violat).{0,40}\b(?:spf|dkim)\b|unauthenticated (?:e-?mail|mail|messages?)
    is not (?:authorized|allowed|permitted) to (?:send|use).{0,60}(?:from|domain)|sender authentication
    authentication (?:checks?|tests?) (?:has |have |did )?(?:fail|not pass)
    fail\w* .{0,30}authentication (?:check|test)
    (?:not|n't) (?:pass|meet) .{0,40}authentication|authentication (?:information|requirements?)
mailboxfull
    over ?quota|quota (?:has been )?(?:exceed|violat|limit|full|is)|exceed\w*.{0,40}\bquota|diskspace quota
    disk quota|out of quota|\bquota\b.{0,30}(?:exceed|reached|full)
    BOX.{0,30}\b(?:is |are |was )?(?:almost |too )?full\b|full (?:mail|in)box|mailbox_full
    BOX.{0,60}(?:exceed|over).{0,40}(?:size|limit|storage|space|allowed)|exceeded .{0,20}local limit
    (?:exceed|over|reach)\w* .{0,30}(?:storage|mailbox size|mailbox limit|disk space)
    out of (?:storage|disk) ?(?:space)? ?(?:for|to)|not enough (?:disk|storage|free)? ?space
    too (?:much|many) (?:mail|messages|data|unread)\w*.{0,20} (?:in|stored)|insufficient (?:user|mailbox)
    postfach.{0,30}(?:voll|überfüllt|überschritten)|speicherplatz|kontingent|bo[iî]te.{0,40}(?:pleine|saturée)
    quota.{0,20}(?:dépass|excedid|super|überschr)|buz[oó]n.{0,40}(?:llen|exced)|casella.{0,40}(?:pien|super)
    caixa.{0,40}(?:chei|lotad)|skrzynk\w+.{0,40}(?:pełn|przepełn)|переполнен|ящик.{0,30}полон|postvak.{0,30}vol\b|一杯
    いっぱい|容量.{0,12}(?:超|不足|满|滿)|(?:邮箱|郵箱|信箱).{0,12}(?:满|滿)|꽉
mesgtoobig
    (?:message|mail|e-?mail|size|data|attachment)s?.{0,40}(?:too (?:big|large)|is larger)
    (?:message|e-?mail|size|data|attachment)s? (?:is |was |are )?too long
    (?:exceed|over|larger|bigger)\w* .{0,60}(?:message|mail|maximum|max|size|fixed).{0,20}(?:size|limit|length)
    message size (?:limit|exceed)|size limit|maximum (?:message )?size|message length exceed|zu gro(?:ß|ss)
    trop (?:gros|volumineux|grand)|demasiado grande|troppo grande|大きすぎ|过大|過大
rejected
    sender.{0,30}(?:reject|denied|refused|not allowed|blocked|is not|verif\w+ fail|unknown|invalid|blacklist)
    (?:bad|invalid|unknown|forged|untrusted|illegal) sender|(?:reject|denied|refus)\w*.{0,20} sender
    domain of sender|your (?:e-?mail )?(?:address|domain) (?:is|has been) (?:reject|not|block)
    not accepting mail from|(?:permission|allowed|permitted|authorized|able) to (?:post|send (?:mail )?to)
    (?:only|may not) (?:members|post)|return (?:address|path).{0,30}(?:invalid|reject)|mail from.{0,20}denied
    reverse-path|no (?:permission|rights?) to send|restricted.{0,20}sender|authorization required
mailererror
    command (?:output|died|failed|time|line|returned)|exit(?:ed)? ?(?:with )?(?:status|code|value)|procmail:
    local mailer|pipe to \||mailer (?:error|died|fail)|\bvacation:|maildrop:|deliver:
    smtp plugin|user unknown\. command output
hostunknown
    host (?:or domain (?:name )?)?not found|(?:unknown|no such|invalid|bad|nonexistent) (?:host|domain|mail host)
    \b(?:host|domain|server)(?: name| part)? (?:\S{1,60} )?NOWHERE
    unrout\w* (?:mail )?(?:domain|address)|name service error|name or service not known|nxdomain
    lookups? failed permanently|non-?existent (?:host|domain)|couldn't find any host
    no (?:mx|a|dns) (?:or (?:a|aaaa) )?(?:record|host)s?|dns (?:error|failure).{0,60}not
    domain.{0,20}(?:lookup|resol\w+).{0,20}fail|(?:hôte|domaine|host) inconnu|dominio.{0,20}(?:no existe|non)
    domain\w* (?:existiert|nicht gefunden)|(?:域名|ドメイン).{0,14}(?:不存在|见つかり|存在しません)
notaccept
    does not accept (?:any )?(?:incoming )?(?:e-?mail|mail)\b(?! from)|no smtp service|null ?mx
    does not receive (?:e-?)?mail|not a mail (?:host|server|exchanger)|accepts? no mail
hasmoved
    no longer (?:on (?:this )?server|with|at|works|employed|in use|in service|used)|has (?:moved|left|changed)
    user (?:moved|has moved)|(?:new|changed) (?:e-?mail )?address is|address has been (?:changed|replaced)
    ist (?:nicht mehr|umgezogen)|n'est plus (?:utilis|valable)|ya no (?:trabaja|est)|больше не работает
suspend
    (?:BOX|address|mail).{0,50}\bCLOSED
    (?:disabled|suspended|inactive|frozen|locked|deactivated) (?:user|account|mailbox|address|recipient)
    account (?:that you tried to reach )?is (?:disabled|inactive|over)|user is (?:inactive|disabled)
    konto.{0,20}(?:gesperrt|deaktiviert)|compte.{0,30}(?:désactivé|suspendu|inactif)
    cuenta.{0,30}(?:suspendida|desactivada|deshabilitada)|заблокирован|отключен|неактив|停用|冻结|凍結|利用停止
securityerror
    (?:smtp|sender|requires?|without|turn on|must|need).{0,40}authenticat|authentication (?:required|fail|is)
    must issue a? ?starttls|encryption (?:required|needed)|insecure|verification failed for
    (?:attachment|file|extension)s?.{0,40}(?:not allowed|prohibited|forbidden|blocked|banned)|executable
norelaying
    relay\w*.{0,30}(?:den|not|prohibit|disallow|reject|refus|fail)
    (?:unable|not (?:permitted|allowed)|cannot|refus\w+|won't|denied|do not) (?:to )?relay|open relay
    not (?:a|an) (?:local|open) (?:domain|relay)
    (?:isn't|not) in (?:my|our|the)( list of)? (?:allowed )?(?:rcpthosts|locals|domains?)|not (?:a )?gateway
    we don't handle mail for|(?:domain|host) (?:is )?not (?:local|hosted|accepted|handled|served)
userunknown
    WHOMs? ?(?:name|id|address|part)? ?(?:you \w{4,9}(?: to reach)? )?(?:\S{1,40} )?VERB(?:currently )?GONE
    NOSUCH (?:local |or illegal |e-?mail |mail |virtual |mailbox |delivery ){0,3}(?:WHOM|alias|id\b)
    WHOMs? (?:\S{1,60} )?(?:is )?(?:not|n't) (?:listed|found|known|our|a (?:known|valid)|in)
    not (?:our customer|a known user|a valid WHOM|listed in|known (?:here|at)|found in)
    no (?:mailbox|account|user|one|recipient|such person)\b.{0,30}(?:here|by that|with that|name|exist)
    no such (?:user|a)|does(?: ?n[o']t| not) (?:have an? |seem to )|doesn't have a
    (?:couldn't|could not|can't|cannot) be found|does ?n[o']t exist|do not exist|did not exactly match
    recipnotfound|recipientnotfound|unknown in|recipient name is not recognized|not a (?:valid|known|local)
    (?:addressee|recipient|user|mailbox):? unknown|no valid recipients?|no matches to
    has no (?:mailbox|account|e-?mail)|isn't (?:a valid|here)|unknown (?:user|to)
    (?:benutzer|empfänger|postfach|adresse|konto)\w*.{0,40}(?:unbekannt|existiert|ungültig)
    (?:benutzer|empfänger|postfach|adresse|konto)\w*.{0,40}nicht (?:gefunden|bekannt|vorhanden)
    (?:utilisateur|destinataire|adresse|bo[iî]te).{0,60}(?:inconnu|introuvable|n'existe|invalide|inexistant)
    (?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n).{0,60}(?:desconocid|no (?:existe|v[aá]lid|se encontr)|inexist)
    (?:utente|destinatario|indirizzo|casella).{0,60}(?:sconosciut|inesistent|non (?:esiste|trovat|valid))
    (?:usu[aá]rio|destinat[aá]rio|conta|endere[cç]o).{0,60}(?:desconhecid|inexist|inv[aá]lid|n[aã]o (?:existe|enc))
    (?:gebruiker|ontvanger|postbus|adres).{0,40}(?:onbekend|bestaat niet|niet gevonden)
    (?:mottagar|användar|mottaker|bruker|modtager)\w*.{0,40}(?:okänd|ukjent|ukendt|finn?\w?s (?:inte|ikke)|findes)
    (?:użytkownik|adres\w*|odbiorc\w+|konto).{0,40}(?:nieznan|nie istnieje|nieprawidł)
    (?:uživatel|adres\w+|schránk\w+).{0,40}(?:neexist|neznám|nenalezen)
    (?:пользовател|адресат|получател|ящик|адрес)\w*.{0,50}(?:не (?:сущ|найд|зарег|обнар)|неизвест|недоступ)
    (?:нет|такого) такого
    нет такого
    не існує
    (?:宛先|ユーザ|アドレス|受信者|メールボックス).{0,20}(?:見つかり|存在し|不明|誤り|ありません)
    (?:用户|用戶|收件人|地址|邮箱|信箱|帐号|帳號).{0,10}(?:不存在|无效|無效|未找到|找不到)
    无效.{0,6}(?:收件人|地址|用户)
    没有(?:找到|这个|該)
    (?:사용자|수신자|메일).{0,12}(?:없|존재하지)|kullanıcı.{0,20}(?:bulunam|bilinm|yok)
badreputation
    reputation
toomanyconn
    too many (?:concurrent |simultaneous |smtp )*(?:connection|session)s?|connections? .{0,20}(?:limit|rate)
    frequency limited|(?:concurren|session)\w* (?:limit|exceed)|aup#in-1310
speeding
    rate[ -]?limit|too many (?:messages|mails?|e-?mails?|recipients|errors|invalid)|throttl|too fast
    (?:sent|sending|received?|receiving) .{0,30}too (?:many|much)|slow down
    (?:sending|message|mail|delivery|receiving) rate|exceeded.{0,30}(?:per (?:hour|day|minute)|hourly|daily)
    unusual rate|(?:at|is receiving mail at) (?:a|too)
blocked
    black ?-?list|block ?-?list|\bdn?s?[rb]l\b|\brbl\b|dnsbl|spamhaus|spamcop|sorbs|barracudacentral|surbl
    \bbanned\b|blocked (?:using|by|for|ip|due|at|from)|\b(?:been|is|was|are) blocked|(?<!not )listed (?:at|on|by)\b
    \b(?:ip(?: address)?|client|network|connecting host|connection)\b.{0,40}\b(?:reject|denied|blocked|refused by)
    \b(?:ip(?: address)?|client|network|connecting host|connection)\b.{0,40}\bnot (?:allowed|welcome|authorized)
    \bdenied (?:ip|by)\b|host network not|dynamic ip|residential ip|dial-?up
    \bhelo (?:command )?(?:reject|denied|invalid)|do not accept mail from (?:your|this)
    \b(?:your|this) (?:ip|host|network|server)\b|aup#|smtp server of your (?:isp|provider)
spamdetected
    \bspam\b(?! ?(?:cop|haus))|\buce\b|\bube\b|unsolicited|junk (?:mail|e-?mail)|spam(?:my| ?score|assassin)
    content.{0,30}(?:reject|denied|block|filter)
    (?:message|mail|body|content|header).{0,30}(?:looks? like|identified as|considered|classified)|bulk (?:e-?)?mail
    垃圾|スパム|迷惑メール|спам|스팸
requireptr
    reverse (?:dns|lookup|hostname|mapping)|\bptr\b|\brdns\b|cannot find your (?:reverse )?host ?name
    cannot resolve your (?:address|host)|unresolvable (?:relay|host|client)
notcompliantrfc
    \brfc ?-?(?:5322|2822|822|5321|2821)\b|(?:multiple|duplicate|missing) .{0,20}headers?
filtered
    domain[ -]filter|(?:recipient|user)'?s? (?:filter|settings|preferences)|refused to receive
    rejected by (?:the )?(?:recipient|addressee|a remote mail|user)|was rejected by a remote mail server
    not accept(?:ing)? (?:mail|messages?|e-?mail) from (?:you|this)|message filtered|mail filtered|content filter
    because the recipient is (?:not accepting|only accepting)|account not subscribed|受信(?:拒否|制限)|拒收|拒絕|拒绝
networkerror
    too many hops|(?:mail|routing|forwarding|delivery) loop|loops? (?:back|detected)|\bloop(?:ing)?\b|hop count
    connection (?:refused|reset|lost|closed|dropped|died)|no route to host|network (?:is )?unreachable
    refused connection|(?:could|can|was|were) ?n[o']t (?:able to )?connect|unable to connect|could not initiate
    establish an? smtp connection|host is unreachable|(?:host|server).{0,20}(?:did not|not) respond|bad dns
    host(?: name)? lookup|conversation with
expired
    tim(?:e|ed)[ -]?out|(?:delivery|message|retry) (?:time )?(?:has )?expired|time-expired|expired
    UNSENT.{0,40}(?:for|after|within|than|last) .{0,20}(?:hour|day|minute|week)
    fail\w* (?:for|after) (?:a |too |very )*long|(?:queue|undelivered|wait\w*|trying|tried) .{0,20}(?:too|so|very) long
    too long in the (?:mail )?queue|maximum (?:queue|delivery|retry) (?:time|age|attempts)
    queue too long|retry timeout|too long in|will not be retried|giving up|\bdeferred\b|delivery attempts
    still in the (?:mail )?queue
systemfull
    insufficient (?:system |disk )*(?:storage|space|resources)|no space left|disk full|out of disk
contenterror
    bare lf|\bmime\b.{0,20}(?:error|invalid)|illegal (?:character|header)|8-?bit|charset|malformed|unbalanced
systemerror
    system (?:error|problem|failure|config)|internal (?:server )?error|local (?:error|configuration|problem)
    (?:server|i/o|read|write|software) error|config\w+ error|can't (?:create|open)|cannot (?:create|open|append)
    unexpected|try again later|temporar\w+ (?:fail|unavail|error|local)
securityerror
    access (?:is )?denied|not authori[sz]ed|permission denied
syntaxerror
    syntax error|(?:command|parameter).{0,20}(?:not |un)(?:recogni|implement)|bad (?:command|sequence)|error_code
policyviolation
    gr[ea]y-?list|\bpolic(?:y|ies)\b|prohibited|violat|not (?:allowed|permitted|acceptable)|restrict|disallow
filtered
    mailbox unavailable|requested action not taken|not deliverable|refuse|rejected
"""


def _causes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    blocks = re.split(r"^(\w+)\n", _WORDS, flags=re.MULTILINE)[1:]
    return tuple((reason, pattern(lines, _FOR)) for reason, lines in zip(blocks[::2], blocks[1::2], strict=True))


CAUSES = _causes()
