"""Words that mail programs write into letters, in many languages: labels, markers, verbs, closings.

Data only, in lower case.  `attribution`, `forwarding` and `signature` use them.
"""

from __future__ import annotations


def _phrases(written: str) -> tuple[str, ...]:
    """The phrases of a text in which `|` separates them.  Line breaks count as blanks."""
    return tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in written.split("|") if phrase.strip()))


# --- labels of a header block inside a text; a blank stands for any white space

_LABELS = {
    "from": """from|von|отправитель|de|da|van|fra|från|lähettäjä|od|od koho|od kogo|от|от кого|від|від кого|
        gönderen|kimden|remetente|expéditeur|absender|desde|feladó|nadawca|odesílatel|odosielateľ|expeditor|
        de la|saatja|kellelt|pošiljatelj|šalje|mittente|remitente|afzender|afsender|avsender|avsändare|发件人|
        寄件者|寄件人|差出人|送信元|送信者|보낸사람|보낸 사람|발신|من|מאת|από|подател|пошиљалац|шаље|siuntėjas|
        nuo|sūtītājs|frá|sendandi|dari|pengirim|nork|remitent|người gửi|ผู้ส่ง|จาก|از""",
    "date": """date|sent|datum|data|dato|fecha|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|inviato|
        inviato il|verzonden|skickat|sendt|sendt den|lähetetty|wysłano|wysłane|päivämäärä|päiväys|pvm|
        отправлено|дата|дата отправки|відправлено|надіслано|gönderildi|gönderilen|gönderme tarihi|
        gönderim tarihi|tarih|odesláno|odoslané|trimis|dată|elküldve|dátum|poslano|saadetud|kuupäev|saatmisaeg|
        发送时间|发送日期|寄件日期|傳送時間|時間|送信日時|日付|日時|送信日|日期|时间|보낸날짜|보낸 날짜|
        보낸 시간|날짜|received|data de envio|enviada em|enviado em|enviada|message du|התאריך|נשלח|תאריך|
        ημερομηνία|التاريخ|sent on|sent at|изпратено|датум|послато|išsiųsta|datums|nosūtīts|dagsetning|
        sent þann|tanggal|dikirim|enviat|bidalita|ngày|đã gửi|วันที่|ส่งเมื่อ|تاریخ""",
    "to": """to|an|primatelj|destinatar|получатель|одержувач|отримувач|à|a|para|per|aan|til|till|vastaanottaja|
        do|dla|komu|adresát|кому|kime|alıcı|către|catre|címzett|destinataire|destinataires|destinatario|
        destinatário|empfänger|pour|za|prima|prima/kome|kellele|saaja|mottaker|modtager|mottagare|收件人|收件者|
        宛先|送信先|받는사람|받는 사람|수신|إلى|אל|προς|pre|adresat|pentru|получател|прималац|до|за|prejemnik|
        gavėjas|kam|saņēmējs|viðtakandi|kepada|nori|destinatari|per a|người nhận|đến|tới|ถึง|به""",
    "cc": """cc|kopie|kopie (cc)|copia|cópia|copie|copie à|copie de|kopia|kopio|kopi|kopija|kópia|копия|копія|
        bilgi|kopií|másolat|másolatot kap|másolatot|dw|do wiadomości|koopia|抄送|副本|참조|κοιν|копие|kp|afrit|
        tembusan|salinan|còpia|สำเนา|رونوشت|עותק|نسخة""",
    "bcc": """bcc|blindkopie|cci|cco|ccn|bcc skrytá|udw|密送|密件抄送""",
    "subject": """subject|naslov|betreff|thema|objet|sujet|asunto|oggetto|onderwerp|emne|ämne|aihe|temat|тема|
        konu|assunto|předmět|predmet|subiect|subiectul|tárgy|teema|主题|主旨|主題|件名|题目|제목|الموضوع|נושא|θέμα|
        относно|наслов|zadeva|temats|tēma|efni|perihal|subjek|assumpte|gaia|chủ đề|tiêu đề|เรื่อง|หัวข้อ|موضوع|
        المواضيع""",
    "reply-to": """reply-to|reply to|antwort|antwort an|antworten an|reply|répondre|répondre à|responder a|
        responder para|rispondi a|antwoord aan|svar til|svar till|svara till|odpověď na|odpovědět komu|
        odpovedať|odpowiedź do|odpowiedz do|válaszcím|vastaus|vastausosoite|yanıt adresi|odgovori|odgovor|
        răspuns către|ответ|ответить|кому відповісти|відповідь до|vasta|返信先|回复|回覆|회신|risposta|
        rispondere a|respuesta|réponse|resposta""",
    "other": """importance|priority|wichtigkeit|priorität|attachments|anlagen|message-id|organization|
        newsgroups|pièces jointes|importancia|adjuntos|allegati|bijlagen|prioridade|anexos|sensitivity|cc'd""",
}
LABELS: dict[str, str] = {word: kind for kind, words in _LABELS.items() for word in _phrases(words)}

# --- markers of a forwarded letter, with or without dashes around them

FORWARDED = _phrases(
    """
    begin forwarded message|start of forwarded message|forwarded message|forwarded mail|
    anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|weitergeleitete nachricht|
    weitergeleitete e-mail|weitergeleitete email|weitergeleitete mail|début du message réexpédié|
    début du message transféré|message transféré|message réexpédié|message transmis|
    inicio del mensaje reenviado|mensaje reenviado|inizio messaggio inoltrato|inizio del messaggio inoltrato|
    messaggio inoltrato|begin doorgestuurd bericht|doorgestuurd bericht|início da mensagem reencaminhada|
    início da mensagem encaminhada|mensagem reencaminhada|mensagem encaminhada|
    początek przekazywanej wiadomości|początek przekazanej wiadomości|przekazana wiadomość|
    przekazywana wiadomość|przesłana wiadomość|przesyłana wiadomość|treść przekazanej wiadomości|
    wiadomość przekazana|wiadomość przesłana dalej|vidarebefordrat mejl|vidarebefordrat meddelande|
    vidarebefordrat brev|vidarebefordrat e-postmeddelande|börja vidarebefordrat meddelande|
    början på vidarebefordrat meddelande|början på vidarebefordrat mejl|start på videresendt besked|
    start på videresendt meddelelse|videresendt meddelelse|videresendt besked|videresendt mail|
    start på videresendt melding|videresendt melding|videresendt e-post|videresendt e-postmelding|
    begynnelse på videresendt melding|välitetty viesti alkaa|välitetty viesti|edelleenlähetetty viesti|
    edelleen lähetetty viesti|välitetyn viestin alku|начало переадресованного сообщения|
    начало пересылаемого сообщения|пересылаемое сообщение|пересланное сообщение|переадресованное сообщение|
    перенаправленное сообщение|початок листа, що пересилається|початок переадресованого повідомлення|
    переслане повідомлення|пересланий лист|переадресоване повідомлення|ileti başlangıcı|iletilen mesaj|
    iletilen ileti|yönlendirilmiş ileti|yönlendirilen ileti|yönlendirilen mesaj|iletilmiş ileti|
    iletilen mesajın başlangıcı|iletilen iletinin başlangıcı|začátek přeposílané zprávy|přeposlaná zpráva|
    přeposílaná zpráva|předaná zpráva|začiatok preposlanej správy|preposlaná správa|preposielaná správa|
    továbbított levél kezdete|továbbított üzenet kezdete|továbbított üzenet|továbbított levél|
    továbbított e-mail|începe mesajul redirecționat|începutul mesajului redirecționat|mesaj redirecționat|
    mesaj redirecţionat|mesaj înaintat|mesaj transmis mai departe|mesajul redirecționat|
    započni proslijeđenu poruku|početak proslijeđene poruke|proslijeđena poruka|prosljeđena poruka|
    edastatud kiri|edastatud sõnum|edasisaadetud kiri|edasi saadetud kiri|edastatud kirja algus|
    edastatud sõnumi algus|algab edastatud kiri|开始转发的邮件|以下是转发的邮件|下面是被转发的邮件|
    被转发邮件信息|转发的邮件|转发邮件信息|转发邮件|转发的消息|已转发邮件|开始轉寄郵件|開始轉寄郵件|轉寄郵件|
    轉寄的郵件|轉寄訊息|轉寄信件|轉發郵件|転送されたメッセージ|転送メッセージ|転送メール|転送されたメール|
    転送されたメッセージの始まり|전달된 메시지|전달된 메일|전달된 이메일|전달 메시지|원본 메시지 전달|
    välitetty sähköposti|edelleenlähetetty sähköposti|メッセージを転送|iletilen e-posta|yönlendirilen e-posta|
    iletilmiş mesaj|перенаправлене повідомлення|переспрямоване повідомлення|переадресований лист|
    пересланное письмо|перенаправленное письмо|початок пересланого повідомлення|прослеђена порука|
    препратено съобщение|препратено писмо|προωθημένο μήνυμα|μήνυμα που προωθήθηκε|posredovano sporočilo|
    persiųstas laiškas|persiunčiamas laiškas|pārsūtītā ziņa|pārsūtīts ziņojums|missatge reenviat|
    birbidalitako mezua|mensaxe reenviada|framsend skilaboð|áframsent skeyti|áframsend skilaboð|pesan terusan|
    pesan diteruskan|thư được chuyển tiếp|tin nhắn đã chuyển tiếp|ข้อความที่ส่งต่อ|הודעה שהועברה|הודעה מועברת|
    رسالة معاد توجيهها|الرسالة المعاد توجيهها|رسالة محولة|پیام هدایت‌شده|przekierowana wiadomość|
    przesłana dalej wiadomość|mesajul transmis mai departe|preposlaný e-mail|preposlaný email|přeposlaný e-mail|
    přeposlaný email|videresendt e-mail|vidarebefordrat e-post|vidarebefordrad post|doorgestuurde e-mail|
    doorgezonden bericht|e-mail transféré|courriel transféré|correo reenviado|email inoltrata|e-mail encaminhado
    """
)
# Notes writes into the marker who forwarded the letter, and when.
FORWARDED_BY = _phrases(
    """
    forwarded by|weitergeleitet von|transféré par|transmis par|réacheminé par|reenviado por|inoltrato da|
    doorgestuurd door|encaminhado por|reencaminhado por|vidarebefordrat av|videresendt af|videresendt av|
    przesłane przez|przekazane przez|továbbította|転送者
    """
)

# --- the ruled line above a quoted letter

ORIGINAL = _phrases(
    """
    original|originalnachricht|original-nachricht|originalmeddelande|originalmelding|originalmeddelelse|
    originaltext|ursprüngliche|ursprungliga|ursprungligt|message d'origine|message d’origine|message original|
    message initial|e-mail d'origine|mensaje original|mensaje inicial|messaggio originale|mensagem original|
    oorspronkelijk|oorspronkelijke|origineel|oprindelig|oprindelige|opprinnelig|opprinnelige|alkuperäinen|
    wiadomość oryginalna|oryginalna|исходное|оригинальное|первоначальное|оригінальне|вихідне|початкове|původní|
    pôvodná|pôvodný|eredeti|özgün|orijinal|orjinal|mesaj original|mesajul original|mesaj|izvorna|originalna|
    algne|algkiri|algsõnum|reply message|replied message|antwort|原始邮件|原始郵件|原始訊息|邮件原件|
    元のメッセージ|オリジナルメッセージ|original message|원본 메시지|원본 메일|원본메시지|الرسالة الأصلية|
    ההודעה המקורית
    """
)

# --- verbs that end an attribution (`... wrote:`), and those that may stand inside it

VERBS = _phrases(
    """
    wrote|writes|said|schrieb|geschrieben|écrit|ecrit|escribió|escribio|escreveu|ha scritto|scrive|schreef|
    geschreven|skrev|skrev følgende|skrev följande|følgende|följande|kirjoitti|kirjutas|napisał|napisała|
    napisał(a)|pisze|пишет|написал|написала|написал(а)|написал (-а)|пише|написав|написав(ла)|писав(ла)|yazdı|
    yazmış|napsal|napsala|napsal(a)|napísal|napísala|napísal(a)|napísal/a|napisao|napisala|napisao je|
    napisala je|napisao/la|napisao/la je|je napisao|je napisao/la|je napisala|je napisao(la)|píše|írta|ezt írta|
    a scris|έγραψε|写道|写到|写入|寫道|のメール|さんは書きました|さんが書きました|は書きました|작성|님이 작성|
    님이 씀|כתב|כתב/ה|كتب
    """
)
VERBS_INSIDE = _phrases(
    """
    schrieb|schreef|skrev|escribió|escreveu|kirjoitti|kirjutas|írta|heeft|napisał|написал|napsal|wrote|пише|
    a scris|ha scritto|a écrit|yazdı
    """
)

# --- closings, such as `kind regards`

CLOSINGS = _phrases(
    """
    regards|best regards|kind regards|warm regards|best|best wishes|all the best|cheers|many regards|
    with regards|with kind regards|with best regards|rgds|br|sincerely|sincerely yours|yours sincerely|
    yours truly|yours faithfully|yours|respectfully|cordially|thanks|thank you|many thanks|thanks again|
    thanks in advance|thank you in advance|thx|ta|thanks and regards|thanks & regards|thank you and regards|
    thanks a lot|thanks so much|love|take care|talk soon|see you|later|warmly|warmest regards|kindest regards|
    your pal|mit freundlichen grüßen|mit freundlichem gruß|mit freundlichen grüssen|mit besten grüßen|mfg|lg|
    freundliche grüße|freundliche grüsse|viele grüße|viele grüsse|beste grüße|liebe grüße|schöne grüße|
    herzliche grüße|grüße|gruß|gruss|danke|vielen dank|besten dank|vg|cordialement|bien cordialement|
    bien à vous|salutations|meilleures salutations|merci|amicalement|saludos|un saludo|saludos cordiales|
    atentamente|gracias|muchas gracias|un cordial saludo|cordiali saluti|distinti saluti|saluti|un saluto|
    grazie|atenciosamente|cumprimentos|com os melhores cumprimentos|obrigado|obrigada|abraços|
    met vriendelijke groet|vriendelijke groet|met vriendelijke groeten|groeten|groet|mvg|bedankt|
    med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar|hälsningar|mvh|tack|med venlig hilsen|
    venlig hilsen|hilsen|tak|med vennlig hilsen|vennlig hilsen|takk|ystävällisin terveisin|terveisin|kiitos|
    parimat|lugupidamisega|tervitades|aitäh|pozdrawiam|z poważaniem|serdecznie pozdrawiam|dziękuję|s pozdravem|
    s přátelským pozdravem|hezký den|děkuji|s pozdravom|ďakujem|üdvözlettel|üdv|tisztelettel|köszönettel|
    köszönöm|cu stimă|cu respect|mulțumesc|lijep pozdrav|pozdrav|srdačan pozdrav|hvala|с уважением|
    с наилучшими пожеланиями|спасибо|з повагою|дякую|saygılarımla|saygılar|iyi çalışmalar|teşekkürler|此致|敬礼|
    谢谢|よろしくお願いします|よろしくお願いいたします|以上|감사합니다|고맙습니다
    """
)
GREETINGS = _phrases(
    """
    hello|hi|hey|dear|hallo|guten tag|moin|bonjour|salut|hola|buenos días|ciao|buongiorno|olá|bom dia|dag|
    goedendag|hej|hei|tere|cześć|dzień dobry|ahoj|dobrý den|dobrý deň|szia|bună|bună ziua|bok|привет|
    здравствуйте|добрый день|вітаю|добрий день|merhaba|你好|您好|こんにちは|안녕하세요
    """
)
