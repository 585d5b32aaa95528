"""The words that mail programs write into letters, in the languages they are sold in: labels, markers, verbs, closings.

Data only; `introduction`, `forwarding` and `signature` know what they mean where they stand.  All in lower case.
"""

from __future__ import annotations

# --- labels of a header block inside a text; a blank stands for any white space

_LABELS = {
    "from": """from|von|отправитель|de|da|van|fra|från|lähettäjä|od|od koho|od kogo|от|от кого|від|від кого|
        gönderen|kimden|remetente|expéditeur|absender|desde|feladó|nadawca|odesílatel|odosielateľ|expeditor|de la|
        saatja|kellelt|pošiljatelj|šalje|mittente|remitente|afzender|afsender|avsender|avsändare|发件人|寄件者|寄件人|差出人|送信元|
        送信者|보낸사람|보낸 사람|발신|
        من|מאת|από""",
    "date": """date|sent|datum|data|dato|fecha|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|inviato|
        inviato il|verzonden|skickat|sendt|sendt den|lähetetty|wysłano|wysłane|päivämäärä|päiväys|pvm|отправлено|
        дата|дата отправки|відправлено|надіслано|gönderildi|gönderilen|gönderme tarihi|gönderim tarihi|tarih|odesláno|
        odoslané|trimis|dată|elküldve|dátum|poslano|saadetud|kuupäev|saatmisaeg|发送时间|发送日期|寄件日期|傳送時間|時間|
        送信日時|日付|日時|送信日|日期|时间|보낸날짜|
        보낸 날짜|보낸 시간|날짜|received|data de envio|enviada em|enviado em|enviada|message du|התאריך|
        נשלח|תאריך|ημερομηνία|التاريخ|sent on|sent at""",
    "to": """to|an|primatelj|destinatar|получатель|одержувач|отримувач|
        à|a|para|per|aan|til|till|vastaanottaja|do|dla|komu|adresát|кому|kime|alıcı|către|catre|címzett|
        destinataire|destinataires|destinatario|destinatário|empfänger|pour|za|prima|prima/kome|kellele|saaja|mottaker|
        modtager|mottagare|收件人|收件者|宛先|送信先|받는사람|받는 사람|수신|إلى|אל|προς""",
    "cc": """cc|kopie|kopie (cc)|copia|cópia|copie|copie à|copie de|kopia|kopio|kopi|kopija|kópia|копия|копія|
        bilgi|kopií|másolat|másolatot kap|másolatot|dw|do wiadomości|koopia|抄送|副本|참조|κοιν""",
    "bcc": "bcc|blindkopie|cci|cco|ccn|bcc skrytá|udw|密送|密件抄送",
    "subject": """subject|naslov|betreff|objet|sujet|asunto|oggetto|onderwerp|emne|ämne|aihe|temat|тема|konu|assunto|
        předmět|predmet|subiect|subiectul|tárgy|teema|主题|主旨|主題|件名|题目|제목|الموضوع|נושא|θέμα""",
    "reply-to": """reply-to|reply to|antwort|antwort an|antworten an|reply|répondre|répondre à|responder a|
        responder para|rispondi a|antwoord aan|svar til|svar till|svara till|odpověď na|odpovědět komu|odpovedať|
        odpowiedź do|odpowiedz do|válaszcím|vastaus|vastausosoite|yanıt adresi|odgovori|odgovor|răspuns către|ответ|
        ответить|кому відповісти|відповідь до|vasta|返信先|回复|回覆|회신""",
    "other": """importance|priority|wichtigkeit|priorität|attachments|anlagen|message-id|organization|newsgroups|
        pièces jointes|importancia|adjuntos|allegati|bijlagen|prioridade|anexos|priorität|sensitivity|cc'd""",
}
LABELS: dict[str, str] = {
    " ".join(word.split()): kind for kind, words in _LABELS.items() for word in words.replace("\n", " ").split("|")
}

# --- what only a forward says, with or without dashes around it

FORWARDED = (
    *("begin forwarded message", "start of forwarded message", "forwarded message", "forwarded by", "forwarded mail"),
    *("anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "weitergeleitete nachricht"),
    *("weitergeleitete e-mail", "weitergeleitete email", "weitergeleitete mail", "weitergeleitet von"),
    *("début du message réexpédié", "début du message transféré", "message transféré", "message réexpédié"),
    *("message transmis", "transféré par", "transmis par", "réacheminé par"),
    *("inicio del mensaje reenviado", "mensaje reenviado", "reenviado por"),
    *("inizio messaggio inoltrato", "inizio del messaggio inoltrato", "messaggio inoltrato", "inoltrato da"),
    *("begin doorgestuurd bericht", "doorgestuurd bericht", "doorgestuurd door"),
    *("início da mensagem reencaminhada", "início da mensagem encaminhada", "mensagem reencaminhada"),
    *("mensagem encaminhada", "encaminhado por", "reencaminhado por"),
    *("początek przekazywanej wiadomości", "początek przekazanej wiadomości", "przekazana wiadomość"),
    *("przekazywana wiadomość", "przesłana wiadomość", "przesyłana wiadomość", "treść przekazanej wiadomości"),
    *("wiadomość przekazana", "wiadomość przesłana dalej", "przesłane przez", "przekazane przez"),
    *("vidarebefordrat mejl", "vidarebefordrat meddelande", "vidarebefordrat brev", "vidarebefordrat e-postmeddelande"),
    *("börja vidarebefordrat meddelande", "början på vidarebefordrat meddelande", "början på vidarebefordrat mejl"),
    *("vidarebefordrat av", "start på videresendt besked", "start på videresendt meddelelse", "videresendt meddelelse"),
    *(
        "videresendt besked",
        "videresendt mail",
        "videresendt af",
        "start på videresendt melding",
        "videresendt melding",
    ),
    *("videresendt e-post", "videresendt e-postmelding", "videresendt av", "begynnelse på videresendt melding"),
    *("välitetty viesti alkaa", "välitetty viesti", "edelleenlähetetty viesti", "edelleen lähetetty viesti"),
    *("välitetyn viestin alku", "начало переадресованного сообщения", "начало пересылаемого сообщения"),
    *("пересылаемое сообщение", "пересланное сообщение", "переадресованное сообщение", "перенаправленное сообщение"),
    *("початок листа, що пересилається", "початок переадресованого повідомлення", "переслане повідомлення"),
    *("пересланий лист", "переадресоване повідомлення", "переслане повідомлення"),
    *("ileti başlangıcı", "iletilen mesaj", "iletilen ileti", "yönlendirilmiş ileti", "yönlendirilen ileti"),
    *("yönlendirilen mesaj", "iletilmiş ileti", "iletilen mesajın başlangıcı", "iletilen iletinin başlangıcı"),
    *("začátek přeposílané zprávy", "přeposlaná zpráva", "přeposílaná zpráva", "předaná zpráva"),
    *("začiatok preposlanej správy", "preposlaná správa", "preposielaná správa"),
    *("továbbított levél kezdete", "továbbított üzenet kezdete", "továbbított üzenet", "továbbított levél"),
    *("továbbított e-mail", "începe mesajul redirecționat", "începutul mesajului redirecționat", "mesaj redirecționat"),
    *("mesaj redirecţionat", "mesaj înaintat", "mesaj transmis mai departe", "mesajul redirecționat"),
    *("započni proslijeđenu poruku", "početak proslijeđene poruke", "proslijeđena poruka", "prosljeđena poruka"),
    *("edastatud kiri", "edastatud sõnum", "edasisaadetud kiri", "edasi saadetud kiri", "edastatud kirja algus"),
    *("edastatud sõnumi algus", "algab edastatud kiri"),
    *(
        "开始转发的邮件",
        "以下是转发的邮件",
        "下面是被转发的邮件",
        "被转发邮件信息",
        "转发的邮件",
        "转发邮件信息",
        "转发邮件",
    ),
    *(
        "转发的消息",
        "已转发邮件",
        "开始轉寄郵件",
        "開始轉寄郵件",
        "轉寄郵件",
        "轉寄的郵件",
        "轉寄訊息",
        "轉寄信件",
        "轉發郵件",
    ),
    *("転送されたメッセージ", "転送メッセージ", "転送メール", "転送されたメール", "転送されたメッセージの始まり"),
    *("전달된 메시지", "전달된 메일", "전달된 이메일", "전달 메시지", "원본 메시지 전달"),
)
# One of these stands in every marker: a text without any is not looked at line by line.
FORWARD_HINTS = (
    *("forward", "weitergel", "transf", "réexp", "transmis", "réachem", "reenviad", "inoltrat", "doorgestuurd"),
    *("ncaminhad", "przekaz", "przesł", "przesyłan", "vidarebefordra", "videresend", "välitet", "edelleen"),
    *("пересыл", "переадрес", "пересл", "перенаправ", "пересил", "iletilen", "ileti başl", "yönlendiril", "iletilmiş"),
    *("přepos", "předan", "prepos", "tovább", "redirec", "înaintat", "proslij", "prosljeđ", "edastat", "edasi"),
    *("转发", "轉寄", "轉發", "転送", "전달"),
)

# --- the ruled line above a quoted letter

ORIGINAL = (
    *("original", "originalnachricht", "originalmeddelande", "originalmelding", "originalmeddelelse", "originaltext"),
    *("ursprüngliche", "ursprungliga", "ursprungligt", "message d'origine", "message d’origine", "message original"),
    *("message initial", "e-mail d'origine", "mensaje original", "mensaje inicial", "messaggio originale"),
    *(
        "mensagem original",
        "oorspronkelijk",
        "oorspronkelijke",
        "origineel",
        "oprindelig",
        "oprindelige",
        "opprinnelig",
    ),
    *(
        "opprinnelige",
        "alkuperäinen",
        "wiadomość oryginalna",
        "oryginalna",
        "исходное",
        "оригинальное",
        "первоначальное",
    ),
    *(
        "оригінальне",
        "вихідне",
        "початкове",
        "původní",
        "pôvodná",
        "pôvodný",
        "eredeti",
        "özgün",
        "orijinal",
        "orjinal",
    ),
    *("mesaj original", "mesajul original", "mesaj", "izvorna", "originalna", "algne", "algkiri", "algsõnum"),
    *("reply message", "replied message", "antwort", "原始邮件", "原始郵件", "原始訊息", "邮件原件", "元のメッセージ"),
    *(
        "オリジナルメッセージ",
        "original message",
        "원본 메시지",
        "원본 메일",
        "원본메시지",
        "الرسالة الأصلية",
        "ההודעה המקורית",
    ),
)

# --- who wrote: verbs that end an attribution, and those that may stand inside of one

VERBS = (
    *("wrote", "writes", "said", "schrieb", "geschrieben", "écrit", "ecrit", "escribió", "escribio", "escreveu"),
    *("ha scritto", "scrive", "schreef", "geschreven", "skrev", "skrev følgende", "skrev följande", "følgende"),
    *("följande", "kirjoitti", "kirjutas", "napisał", "napisała", "napisał(a)", "pisze", "пишет", "написал"),
    *("написала", "написал(а)", "написал (-а)", "пише", "написав", "написала", "написав(ла)", "писав(ла)", "yazdı"),
    *("yazmış", "napsal", "napsala", "napsal(a)", "napísal", "napísala", "napísal(a)", "napísal/a", "napisao"),
    *("napisala", "napisao je", "napisala je", "napisao/la", "napisao/la je", "je napisao", "je napisao/la"),
    *("je napisala", "je napisao(la)", "píše", "írta", "ezt írta", "a scris", "έγραψε", "写道", "写到", "写入", "寫道"),
    *(
        "のメール",
        "さんは書きました",
        "さんが書きました",
        "は書きました",
        "작성",
        "님이 작성",
        "님이 씀",
        "כתב",
        "כתב/ה",
        "كتب",
    ),
)
VERBS_INSIDE = (
    *("schrieb", "schreef", "skrev", "escribió", "escreveu", "kirjoitti", "kirjutas", "írta", "heeft", "napisał"),
    *("написал", "napsal", "wrote", "пише", "a scris", "ha scritto", "a écrit", "yazdı"),
)

# --- how a letter ends

CLOSINGS = (
    *("regards", "best regards", "kind regards", "warm regards", "best", "best wishes", "all the best", "cheers"),
    *("many regards", "with regards", "with kind regards", "with best regards", "rgds", "br", "sincerely"),
    *("sincerely yours", "yours sincerely", "yours truly", "yours faithfully", "yours", "respectfully", "cordially"),
    *("thanks", "thank you", "many thanks", "thanks again", "thanks in advance", "thank you in advance", "thx", "ta"),
    *("thanks and regards", "thanks & regards", "thank you and regards", "thanks a lot", "thanks so much", "love"),
    *("take care", "talk soon", "see you", "later", "warmly", "warmest regards", "kindest regards", "your pal"),
    *("mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen grüssen", "mit besten grüßen", "mfg", "lg"),
    *("freundliche grüße", "freundliche grüsse", "viele grüße", "viele grüsse", "beste grüße", "liebe grüße"),
    *("schöne grüße", "herzliche grüße", "grüße", "gruß", "gruss", "danke", "vielen dank", "besten dank", "vg"),
    *(
        "cordialement",
        "bien cordialement",
        "bien à vous",
        "salutations",
        "meilleures salutations",
        "merci",
        "amicalement",
    ),
    *("saludos", "un saludo", "saludos cordiales", "atentamente", "gracias", "muchas gracias", "un cordial saludo"),
    *("cordiali saluti", "distinti saluti", "saluti", "un saluto", "grazie", "atenciosamente", "cumprimentos"),
    *(
        "com os melhores cumprimentos",
        "obrigado",
        "obrigada",
        "abraços",
        "met vriendelijke groet",
        "vriendelijke groet",
    ),
    *(
        "met vriendelijke groeten",
        "groeten",
        "groet",
        "mvg",
        "bedankt",
        "med vänlig hälsning",
        "med vänliga hälsningar",
    ),
    *("vänliga hälsningar", "hälsningar", "mvh", "tack", "med venlig hilsen", "venlig hilsen", "hilsen", "tak"),
    *("med vennlig hilsen", "vennlig hilsen", "takk", "ystävällisin terveisin", "terveisin", "kiitos", "parimat"),
    *("lugupidamisega", "tervitades", "aitäh", "pozdrawiam", "z poważaniem", "serdecznie pozdrawiam", "dziękuję"),
    *("s pozdravem", "s přátelským pozdravem", "hezký den", "děkuji", "s pozdravom", "ďakujem", "üdvözlettel", "üdv"),
    *("tisztelettel", "köszönettel", "köszönöm", "cu stimă", "cu respect", "mulțumesc", "lijep pozdrav", "pozdrav"),
    *("srdačan pozdrav", "hvala", "с уважением", "с наилучшими пожеланиями", "спасибо", "з повагою", "дякую"),
    *("saygılarımla", "saygılar", "iyi çalışmalar", "teşekkürler", "此致", "敬礼", "谢谢", "よろしくお願いします"),
    *("よろしくお願いいたします", "以上", "감사합니다", "고맙습니다"),
)
GREETINGS = (
    *("hello", "hi", "hey", "dear", "hallo", "guten tag", "moin", "bonjour", "salut", "hola", "buenos días", "ciao"),
    *("buongiorno", "olá", "bom dia", "dag", "goedendag", "hej", "hei", "tere", "cześć", "dzień dobry", "ahoj"),
    *("dobrý den", "dobrý deň", "szia", "bună", "bună ziua", "bok", "привет", "здравствуйте", "добрый день", "вітаю"),
    *("добрий день", "merhaba", "你好", "您好", "こんにちは", "안녕하세요"),
)
