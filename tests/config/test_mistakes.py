"""The sentences for mistakes in the file, one row for each: (TOML, the lines expected)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail import config
from sitmail.config.duty import FORMS

DESK = '[desk]\naddress = "support@example.com"\n'
ABSENT = 'expected such as "2026-12-24 to 2027-01-02", "2026-12-23 13:00 to 2026-12-23 18:00" or "2026-12-28"'
ALICE = '[[engineer]]\nid = "alice"\naddresses = ["alice@example.com"]\n'
GOLD = '[[service_level]]\nname = "gold"\n'
NO_VALUE = 'no value; a text stands in quotes, such as "text", and true and false are written so'
DURATION = 'expected a duration such as "30m" or "2h"'

CASES: dict[str, tuple[str, list[str]]] = {
    # --- not TOML
    "no value": ("[desk]\naddress =\n", [f"line 2, column 10: {NO_VALUE}"]),
    "no quotes": (DESK + "name = Support", [f"line 3, column 8: {NO_VALUE}"]),
    "capital truth": (DESK + "plus = True", [f"line 3, column 8: {NO_VALUE}"]),
    "cut off": ('[desk]\naddress = "x', ["at its end: the text is not closed; its last quotation mark is missing"]),
    "a word of a list that may be empty": (
        DESK + ALICE + 'every_incident = "al"\n',
        ["engineer[0].every_incident: expected all, digest, exceptions or none (did you mean 'all'?), not 'al'"],
    ),
    "hour of the morning": (
        DESK + 'morning = "8 am"\n' + ALICE + 'morning = "never"\n',
        [
            "desk.morning: expected an hour such as \"08:00\", not '8 am'",
            'engineer[0].morning: expected an hour such as "08:00", or "off", not \'never\'',
        ],
    ),
    "feedback": (
        DESK + '[feedback]\nafter = "a day"\nscale = 11\nclosed_as = ["sloved"]\n',
        [
            'feedback.after: expected a duration such as "30m" or "2h", not \'a day\'',
            "feedback.scale: expected a number of at most 10, not 11",
            "feedback.closed_as[0]: expected sent-information, solved, reported-bug, action-taken, duplicate, "
            "no-longer-relevant, unsupported, support-expired, unsolved or escalated "
            "(did you mean 'solved'?), not 'sloved'",
        ],
    ),
    "every number would be low": (
        DESK + "[feedback]\nscale = 2\n",
        ["feedback.low: the best number is 2, so every answer would be a low one"],
    ),
    "every incident, no admin": (
        DESK + ALICE + 'every_incident = "all"\n',
        ["engineer[0].every_incident: only an admin hears of every incident"],
    ),
    "a page of no paper": (
        DESK + ALICE + 'role = "admin"\nevery_incident = "digest"\nmorning = "off"\n',
        ["engineer[0].every_incident: it is a page of the paper, which morning stops"],
    ),
    "cut off in the middle": (
        '[desk]\naddress = "x\nname = "y"\n',
        ["line 2, column 13: the text is not closed on its line; its last quotation mark is missing"],
    ),
    "list without end": (DESK + "former_tags = ['a(1)'\n", ["at its end: the list is not closed; its ] is missing"]),
    "key twice": (
        DESK + 'name = "a"\nname = "b"\n',
        ["line 4, column 11: this key stands twice in its table; keep one"],
    ),
    "YAML": (
        "desk:\n  address: support@example.com\n",
        ['line 1, column 5: expected = behind the key, such as name = "Support"'],
    ),
    "two keys on a line": (DESK + 'name = "a" tag = "B"', ["line 3, column 12: expected nothing more on this line"]),
    "backslash": (
        DESK + 'name = "a\\d"',
        ["line 3, column 12: write \\\\ for \\, or put the text in single quotes: 'text'"],
    ),
    "a password without quotes": (
        DESK + '[relay]\nurl = "smtps://example.com"\nuser = "bob"\npassword = hunter2\n',
        [f"line 6, column 12: {NO_VALUE}"],
    ),
    "twice": (
        "[desk]\n[desk]\n",
        ["line 2, column 6: [desk] stands twice; a table of which there are several is written [[desk]]"],
    ),
    "engineer twice": (
        DESK + '[engineer]\nid = "a"\n[engineer]\nid = "b"\n',
        ["line 5, column 10: [engineer] stands twice; a table of which there are several is written [[engineer]]"],
    ),
    "one bracket, then two": (
        DESK + '[engineer]\nid = "a"\n[[engineer]]\nid = "b"\n',
        ["line 5, column 11: [[engineer]] stands beside [engineer]; write all of them as [[engineer]]"],
    ),
    "curly quotes": (
        "[desk]\naddress = \u201csupport@example.com\u201d",
        ['line 2, column 11: \u201c is a typographic quotation mark; write straight ones: "'],
    ),
    "low quotes": (
        DESK + "name = \u201eSupport\u201c",
        ['line 3, column 8: \u201e is a typographic quotation mark; write straight ones: "'],
    ),
    "guillemets": (
        DESK + "name = \u00abSupport\u00bb",
        ['line 3, column 8: \u00ab is a typographic quotation mark; write straight ones: "'],
    ),
    "curly apostrophes": (
        DESK + "name = \u2018Support\u2019",
        ['line 3, column 8: \u2018 is a typographic quotation mark; write straight ones: "'],
    ),
    "too deep": (f"x = {'[' * 5000}", ["lists or tables stand too deep in each other"]),
    # --- keys
    "nothing": ("", ['desk.address: missing, but needed, such as address = "support@example.com"']),
    "unknown key": (DESK + 'nmae = "x"', ["desk.nmae: unknown key (did you mean 'name'?)"]),
    "unknown table": (DESK + "[realy]", ["realy: unknown key (did you mean 'relay'?)"]),
    "strange key": (DESK + '"a\\u0007 b" = 1', ["desk.'a\\x07 b': unknown key"]),
    "deep key": (
        DESK + GOLD + '[[service_level.target]]\npriority = "low"\nrespond = "1h"',
        ["service_level[0].target[0].respond: unknown key"],
    ),
    "one bracket": (
        DESK + '[engineer]\nid = "x"',
        ["engineer: expected tables [[engineer]] in double brackets, not a table"],
    ),
    "two brackets": (DESK + "[[relay]]", ["relay: expected a table [relay], not a list"]),
    "no table": ("engineer = [1]\n" + DESK, ["engineer[0]: expected a table [[engineer]], not 1"]),
    "missing in a row": (
        DESK + "[[engineer]]\n" + 'id = "bob"',
        ['engineer[0].addresses: missing, but needed, such as addresses = ["alice@example.com"]'],
    ),
    # --- values
    "tag": (DESK + 'tag = "A1"', ["desk.tag: expected 2 to 10 letters such as \"SIT\", not 'A1'"]),
    "number": (DESK + 'former_offset = "7"', ["desk.former_offset: expected a whole number, not '7'"]),
    "truth": (DESK + "plus = 1", ["desk.plus: expected true or false, not 1"]),
    "text": (DESK + "name = 1", ["desk.name: expected a text in quotes, not 1"]),
    "control character": (
        DESK + 'name = "a\\r\\nBcc: x"',
        ["desk.name: expected one line of at most 200 characters, not 'a\\r\\nBcc: x'"],
    ),
    "bound": (DESK + "[limits]\ndigest_above = -1", ["limits.digest_above: expected a number of at least 0, not -1"]),
    "duration": (DESK + 'send_delay = "soon"', [f"desk.send_delay: {DURATION}, not 'soon'"]),
    "duration as number": (DESK + "send_delay = 30", [f"desk.send_delay: {DURATION}, not 30"]),
    "no time at all": (
        DESK + GOLD + '[[service_level.target]]\npriority = "low"\nresolution = "0m"',
        [
            "service_level[0].target[0].resolution: expected a duration longer than nothing "
            "(leave the key out to promise nothing), not '0m'"
        ],
    ),
    "warn_at": (
        DESK + GOLD + '[[service_level.target]]\npriority = "low"\nwarn_at = [0.5, 1]',
        [
            "service_level[0].target[0].warn_at: expected a list of numbers between 0 and 1, "
            "such as [0.75, 0.9], not [0.5, 1]"
        ],
    ),
    "size": (
        DESK + '[attachments]\nrelay_max = "big"',
        ["attachments.relay_max: expected a size such as \"50 MB\", or a number of bytes, not 'big'"],
    ),
    "zone": (
        DESK + 'timezone = "Europe/Lodnon"',
        [
            'desk.timezone: expected a time zone such as "Europe/London" '
            "(did you mean 'Europe/London'?), not 'Europe/Lodnon'"
        ],
    ),
    "zone that is a folder": (
        DESK + 'timezone = "../UTC"',
        ["desk.timezone: expected a time zone such as \"Europe/London\" (did you mean 'UTC'?), not '../UTC'"],
    ),
    "word": (
        DESK + '[trust]\nunknown_sender = "hodl"',
        ["trust.unknown_sender: expected open, hold or reject (did you mean 'hold'?), not 'hodl'"],
    ),
    "address": (
        '[desk]\naddress = "support at example.com"',
        ["desk.address: expected a mail address such as \"alice@example.com\", not 'support at example.com'"],
    ),
    "pattern without place": (
        DESK + 'reply_address = "support@example.com"',
        [
            "desk.reply_address: expected an address with exactly one {} before the @, "
            "such as \"support-{}@example.com\", not 'support@example.com'"
        ],
    ),
    "pattern with two places": (
        DESK + 'reply_address = "{}-{}@example.com"',
        [
            "desk.reply_address: expected an address with exactly one {} before the @, "
            "such as \"support-{}@example.com\", not '{}-{}@example.com'"
        ],
    ),
    "pattern in the domain": (
        DESK + 'reply_address = "support@{}.example.com"',
        ["desk.reply_address: expected the {} before the @, not 'support@{}.example.com'"],
    ),
    "listener": (
        DESK + '[smtp]\nlisten = ["8025"]',
        ['smtp.listen[0]: expected "host:port" or "unix:path", such as "127.0.0.1:8025", not \'8025\''],
    ),
    "TLS first without a certificate": (
        DESK + '[smtp]\nlisten = ["tls:0.0.0.0:465"]',
        ['smtp.listen: "tls:" needs tls_cert'],
    ),
    "TLS first where there is none": (
        DESK + '[lmtp]\nlisten = ["tls:127.0.0.1:24"]',
        ['lmtp.listen[0]: expected "host:port" or "unix:path", such as "127.0.0.1:8025", not \'tls:127.0.0.1:24\''],
    ),
    "balancer": (
        DESK + '[smtp]\nproxy_from = ["192.0.2.1/8"]',
        [
            'smtp.proxy_from[0]: expected an address or a network such as "192.0.2.1" or "192.0.2.0/24", '
            "not '192.0.2.1/8'"
        ],
    ),
    "no connection at all": (
        DESK + "[smtp]\nmax_connections = 0",
        ["smtp.max_connections: expected a number of at least 1, not 0"],
    ),
    "passwords in a folder": (DESK + '[smtp]\npasswords = "."', ["smtp.passwords: '.' is no name of a file"]),
    "former tag without group": (
        DESK + "former_tags = ['#\\d+']",
        [
            "desk.former_tags[0]: expected a regular expression with one group, the number, "
            "such as \"#(\\d+)\", not '#\\d+'"
        ],
    ),
    "former tag that is none": (
        DESK + "former_tags = ['(']",
        ["desk.former_tags[0]: expected a regular expression of RE2's syntax (missing ): (), not '('"],
    ),
    "id": (
        DESK + '[[team]]\nid = "front desk"',
        ["team[0].id: expected an id of letters, digits, and . _ - / (at most 64, no blanks), not 'front desk'"],
    ),
    "id with a meaning": (
        DESK + '[[team]]\nid = "me"',
        ["team[0].id: expected another id: me has a meaning of its own in commands, not 'me'"],
    ),
    # --- calendars
    "hours": (
        DESK + '[[calendar]]\nname = "x"\nweek = { mon = ["9-17"] }',
        ["calendar[0].week.mon[0]: expected hours such as \"09:00-17:30\", not '9-17'"],
    ),
    "hours over midnight": (
        DESK + '[[calendar]]\nname = "x"\nweek = { mon = ["22:00-06:00"] }',
        [
            "calendar[0].week.mon[0]: expected hours that end after they begin "
            "(a night is written on two days), not '22:00-06:00'"
        ],
    ),
    "hours after midnight": (
        DESK + '[[calendar]]\nname = "x"\nweek = { mon = ["22:00-24:01"] }',
        ["calendar[0].week.mon[0]: expected hours between 00:00 and 24:00, not '22:00-24:01'"],
    ),
    "overlap": (
        DESK + '[[calendar]]\nname = "x"\nweek = { mon = ["12:00-17:00", "09:00-12:01"] }',
        ["calendar[0].week.mon: expected hours that do not overlap, not ['12:00-17:00', '09:00-12:01']"],
    ),
    "never open": (
        DESK + '[[calendar]]\nname = "x"\nweek = {}',
        ["calendar[0].week: no day is open, so nothing would ever be due"],
    ),
    "weekday": (
        DESK + '[[calendar]]\nname = "x"\nweek = { mo = ["09:00-17:00"] }',
        ["calendar[0].week.mo: unknown key (did you mean 'mon'?)"],
    ),
    "holiday": (
        DESK + '[[calendar]]\nname = "x"\nholidays = ["25.12.2026"]',
        ["calendar[0].holidays[0]: expected a date such as 2026-12-25, not '25.12.2026'"],
    ),
    "no country": (
        DESK + '[[calendar]]\nname = "x"\nholidays_of = "XX"',
        ['calendar[0].holidays_of: no public holidays are known of "XX"; expected ISO 3166 codes such as GB or DE-BY'],
    ),
    "a country by name": (
        DESK + '[[calendar]]\nname = "x"\nholidays_of = "Germany"',
        ['calendar[0].holidays_of: expected a country such as "GB", or a part of one such as "DE-BY", not \'Germany\''],
    ),
    "no part of a country": (
        DESK + '[[calendar]]\nname = "x"\nholidays_of = "GB-LON"',
        ['calendar[0].holidays_of: no public holidays are known of "LON" in GB; its known parts: ENG, NIR, SCT, WLS'],
    ),
    "hours of a single day": (
        DESK + '[[calendar]]\nname = "x"\nexceptions = { "2026-12-24" = ["12:00-09:00"], "24.12." = [] }',
        [
            "calendar[0].exceptions.2026-12-24[0]: expected hours that end after they begin "
            "(a night is written on two days), not '12:00-09:00'",
            "calendar[0].exceptions.'24.12.': expected a date such as 2026-12-25, not '24.12.'",
        ],
    ),
    "an escalation told again at once": (
        DESK + '[[escalation]]\nto = ["on-duty"]\nrepeat = "0m"',
        [
            "escalation[0].repeat: expected a duration longer than nothing (without the key it is not done again), "
            "not '0m'"
        ],
    ),
    "an escalation to nobody we know, and one that does nothing": (
        DESK + '[[escalation]]\nto = ["boss"]\n[[escalation]]\ntarget = "unowned"\nat = 2.0',
        [
            "escalation[0].to: 'boss' is no engineer, nor one of owner, temporary-owner, team, on-duty, manager, "
            "account-manager, contact",
            "escalation[1]: does nothing; it needs to, set_priority, set_status, set_owner or event",
            "escalation[1].target: nothing is timed while nobody owns it; set [desk] unowned_every",
        ],
    ),
    # --- names that lead nowhere
    "no team": (
        DESK + ALICE + 'teams = ["support", "suport"]\n[[team]]\nid = "support"',
        ["engineer[0].teams: no team 'suport' (did you mean 'support'?)"],
    ),
    "desk's team and owner": (
        DESK + 'team = "x"\ndefault_owner = "alcie"\n' + ALICE,
        ["desk.team: no team 'x'", "desk.default_owner: no engineer 'alcie' (did you mean 'alice'?)"],
    ),
    "engineers": (
        DESK + ALICE + 'manager = "bob"\nsubstitute = "carol"',
        ["engineer[0].manager: no engineer 'bob'", "engineer[0].substitute: no engineer 'carol'"],
    ),
    "substitutes by skill": (
        DESK + ALICE + 'substitutes = { network = "bob" }\n[[skill]]\nid = "networks"',
        [
            "engineer[0].substitutes.network: no engineer 'bob'",
            "engineer[0].substitutes.network: no skill 'network' (did you mean 'networks'?)",
        ],
    ),
    "absences": (
        DESK + ALICE + 'absences = ["24 dec", "2026-12-24 to 2026-12-20", { to = "2026-12-24" }, "2026-13-01", 3]',
        [
            "engineer[0].absences[0]: " + ABSENT + ", not '24 dec'",
            "engineer[0].absences[1]: expected an end that comes after the beginning, not '2026-12-24 to 2026-12-20'",
            "engineer[0].absences[2]: " + ABSENT + ", or a table with from and to, not a table",
            "engineer[0].absences[3]: " + ABSENT + ", not '2026-13-01'",
            "engineer[0].absences[4]: " + ABSENT + ", not 3",
        ],
    ),
    "leave": (DESK + ALICE + 'leave = "maybe"', ["engineer[0].leave: expected free or granted, not 'maybe'"]),
    "mailbox": (
        DESK + '[[mailbox]]\naddress = "s@example.com"\nteam = "t"\nowner = "o"\nproduct = "p"',
        ["mailbox[0].team: no team 't'", "mailbox[0].owner: no engineer 'o'", "mailbox[0].product: no product 'p'"],
    ),
    "route": (
        DESK + '[[route]]\nmailbox = "s@example.com"\nproduct = "p"\nowner = "o"\nteam = "t"',
        [
            "route[0].mailbox: no mailbox 's@example.com' (did you mean 'support@example.com'?)",
            "route[0].product: no product 'p'",
            "route[0].owner: no engineer 'o'",
            "route[0].team: no team 't'",
        ],
    ),
    "route to nobody": (DESK + '[[route]]\nwords = ["x"]', ["route[0]: leads nowhere; it needs owner or team"]),
    "service level": (
        DESK + GOLD + 'calendar = "ofice"\n[[service_level.target]]\npriority = "hihg"',
        [
            "service_level[0].calendar: no calendar 'ofice' (did you mean 'office'?)",
            "service_level[0].target[0].priority: no priority 'hihg' (did you mean 'high'?)",
        ],
    ),
    "built-in names go with own tables": (
        DESK + GOLD + '[[service_level.target]]\npriority = "low"\n[[priority]]\nid = "p1"',
        ["service_level[0].target[0].priority: no priority 'low'"],
    ),
    "on duty by week": (DESK + '[[team]]\nid = "t"\non_duty = [["x"]]', ["team[0].on_duty: no engineer 'x'"]),
    "on duty by calendar": (
        DESK + ALICE + '\n[[team]]\nid = "t"\non_duty = [{ calendar = "night", engineers = ["alcie"] }]',
        [
            "team[0].on_duty[0].engineers: no engineer 'alcie' (did you mean 'alice'?)",
            "team[0].on_duty[0].calendar: no calendar 'night'",
        ],
    ),
    "on duty in no form": (
        DESK + ALICE + '\n[[team]]\nid = "t"\non_duty = ["alice", ["alice"]]',
        [f"team[0].on_duty: {FORMS}, not a list"],
    ),
    "on duty": (DESK + '[[team]]\nid = "t"\non_duty = ["x"]', ["team[0].on_duty: no engineer 'x'"]),
    # --- said twice
    "ids": (
        DESK + '[[team]]\nid = "a"\n[[team]]\nid = "b"\n[[team]]\nid = "A"',
        ["team[2].id: 'A' is already team[0]"],
    ),
    "mailboxes": (
        DESK + '[[mailbox]]\naddress = "a@example.com"\n[[mailbox]]\naddress = "A@example.com"',
        ["mailbox[1].address: 'A@example.com' is already mailbox[0]"],
    ),
    "defaults": (
        DESK + GOLD + 'default = true\n[[service_level]]\nname = "b"\ndefault = true',
        ["service_level[1].default: service_level[0] is it already"],
    ),
    "targets": (
        DESK + GOLD + '[[service_level.target]]\npriority = "low"\n[[service_level.target]]\npriority = "low"',
        ["service_level[0].target[1].priority: 'low' is already target[0]"],
    ),
    "shared address": (
        DESK + ALICE + '[[engineer]]\nid = "bob"\naddresses = ["bob@example.com", "Alice@example.com"]',
        ["engineer[1].addresses: 'Alice@example.com' is already an address of engineer[0]"],
    ),
    "the desk's own": (
        DESK + '[[vendor]]\nid = "v"\naddresses = ["support+x@example.com"]',
        ["vendor[0].addresses: 'support+x@example.com' is the desk's own address (desk.address)"],
    ),
    # --- addresses that would grow too long
    "36 octets": (
        f'[desk]\naddress = "{"s" * 36}@example.com"',
        [
            "desk.address: signed reply addresses would have 65 octets before the @, and only 64 are allowed; "
            "shorten it by 1"
        ],
    ),
    "37 octets of pattern": (
        DESK + f'reply_address = "{"s" * 37}{{}}@example.com"',
        [
            "desk.reply_address: signed reply addresses would have 65 octets before the @, and only 64 are allowed; "
            "shorten it by 1"
        ],
    ),
    # --- relay, store, files
    "relay": (
        DESK + '[relay]\nurl = "https://user:secret@example.com"',
        [
            "relay.url: expected smtp://, smtps:// or smtp+starttls:// and host[:port], "
            "or \"maildir:folder\", not 'https://***@example.com'"
        ],
    ),
    "password alone": (
        DESK + '[relay]\npassword_file = "config.toml"',
        ["relay.user: missing, but needed beside a password"],
    ),
    "password in the clear": (
        DESK + '[relay]\nurl = "smtp://me:geheim@example.com"',
        ["relay.url: a login is sent under TLS only; write smtp+starttls:// or smtps://"],
    ),
    "greeting": (
        DESK + '[smtp]\nhostname = "our host"',
        ["smtp.hostname: expected the name of this machine, such as \"mail.example.com\", not 'our host'"],
    ),
    "quiet hours": (
        DESK + ALICE + 'quiet = "ten to seven"',
        [
            "engineer[0].quiet: expected hours such as \"22:00-07:00\", or a list of such hours, not 'ten to seven'",
        ],
    ),
    "always quiet": (
        DESK + ALICE + 'quiet = ["07:00-22:00", "22:00-07:00"]',
        [
            "engineer[0].quiet: expected hours that leave some of the day: what waits would never be sent, "
            "not ['07:00-22:00', '22:00-07:00']",
        ],
    ),
    "quiet round the clock": (
        DESK + ALICE + 'quiet = "00:00-24:00"',
        [
            "engineer[0].quiet: expected hours that leave some of the day: what waits would never be sent, "
            "not '00:00-24:00'",
        ],
    ),
    "level without end": (
        DESK
        + '[[calendar]]\nname = "seldom"\nweek = { mon = ["09:00-09:01"] }\nday = "24h"\n'
        + '[[priority]]\nid = "p1"\nlate = "5d"\n[[priority]]\nid = "p2"\nlate = "5d"\nbasis = "business"',
        ["priority[1].late: would take more than 100 years on its calendar"],
    ),
    "level for a customer": (
        DESK + '[[priority]]\nid = "p1"\nlate = "5d"\n[[escalation]]\ntarget = "late"\nto = ["contact"]',
        ["escalation[0].to: no customer is promised 'late'; leave contact out"],
    ),
    "level of no priority": (
        DESK + '[[escalation]]\ntarget = "followup"\nto = ["owner"]',
        ["escalation[0].target: no priority has that level; give a [[priority]] followup"],
    ),
    "promise without end": (
        DESK
        + '[[calendar]]\nname = "often"\n[[calendar]]\nname = "seldom"\nweek = { mon = ["09:00-09:01"] }\nday = "24h"\n'
        + GOLD
        + '[[service_level.target]]\npriority = "low"\nresolution = "5d"\n'
        + '[[service_level]]\nname = "silver"\ncalendar = "seldom"\n'
        + '[[service_level.target]]\npriority = "low"\nfirst_response = "1m"\nresolution = "5d"',
        ["service_level[1].target[0].resolution: would take more than 100 years on the calendar 'seldom'"],
    ),
    "password that is no text": (
        DESK + "[relay]\npassword = 12345",
        ["relay.password: expected a text in quotes, not what is there"],
    ),
    "no such file": (
        DESK
        + '[relay]\nurl = "smtps://example.com"\nuser = "x"\npassword_file = "absent"\n'
        + '[smtp]\ntls_cert = "cert"\n[directory]\nfiles = ["no"]',
        [
            "smtp.tls_cert: there is no file 'cert'",
            "relay.password_file: there is no such file",
            "directory.files[0]: there is no file 'no'",
        ],
    ),
    "key without certificate": (
        DESK + '[smtp]\ntls_key = "config.toml"',
        ["smtp.tls_key: needs tls_cert beside it"],
    ),
    "store": (
        DESK + '[store]\nurl = "sqlite://"',
        ['store.url: expected "sqlite:///file" or "postgresql+psycopg://user@host/name", not \'sqlite://\''],
    ),
    "user without a password": (
        DESK + '[relay]\nurl = "smtps://example.com"\nuser = "bob"',
        ["relay.password_file: missing, but needed beside a user"],
    ),
    "metrics on a socket": (
        DESK + '[metrics]\nlisten = "unix:metrics.sock"',
        ['metrics.listen: expected "host:port", such as "127.0.0.1:9725", not \'unix:metrics.sock\''],
    ),
    "the desk's own domain is blocked": (
        DESK + '[[block]]\naddresses = ["@example.net", "@example.com"]',
        ["block[0].addresses: '@example.com' is the desk's own"],
    ),
    "the desk itself is blocked": (
        DESK + '[[block]]\naddresses = ["support+x@example.com"]',
        ["block[0].addresses: 'support+x@example.com' is the desk's own"],
    ),
    "an engineer is blocked": (
        DESK + ALICE + '[[block]]\naddresses = ["spam@example.net", "Alice@example.com"]',
        ["block[0].addresses: 'alice@example.com' would block the engineer 'alice'"],
    ),
    "a form without the customer, with a field of nobody, a label twice and no such priority": (
        DESK
        + ALICE
        + '[[form]]\naddresses = ["alice@example.com"]\nhosts = ["192.0.2.1"]\npriority_at_most = "hihg"\n'
        + 'fields = { titel = "Subject", text = "Message", name = "message:" }',
        [
            "form[0].priority_at_most: no priority 'hihg' (did you mean 'high'?)",
            "form[0].fields: needs 'contact', the field with the customer's address",
            "form[0].fields.titel: no [[field]] 'titel' (did you mean 'title'?)",
            "form[0].fields.name: 'message:' is 'text' already",
            "form[0].addresses: 'alice@example.com' is the engineer 'alice', whose mails would count as a form's",
        ],
    ),
    "an engineer's mails would be reports": (
        DESK + ALICE + '[[monitor]]\naddresses = ["mon@example.net", "Alice@example.com"]',
        ["monitor[0].addresses: 'alice@example.com' is the engineer 'alice', whose mails would count as a machine's"],
    ),
    "an engineer's domain is blocked": (
        DESK + ALICE.replace("example.com", "example.org") + '[[block]]\naddresses = ["@Example.org"]',
        ["block[0].addresses: '@example.org' would block the engineer 'alice'"],
    ),
    # --- secrets in the wrong place are not printed back
    "a password as the name of its file": (
        DESK + '[relay]\nurl = "smtps://example.com"\nuser = "bob"\npassword_file = "hunter2"',
        ["relay.password_file: there is no such file"],
    ),
    "a password as the name of the key's file": (
        DESK + '[smtp]\ntls_cert = "config.toml"\ntls_key = "hunter2"',
        ["smtp.tls_key: there is no such file"],
    ),
    "a key instead of its file": (
        DESK + '[smtp]\ntls_cert = "config.toml"\ntls_key = """-----BEGIN A KEY-----\nhunter2"""',
        ["smtp.tls_key: expected the name of a file, not what stands in it"],
    ),
    "a password as the relay": (
        DESK + '[relay]\nurl = "hunter2"',
        ['relay.url: expected smtp://, smtps:// or smtp+starttls:// and host[:port], or "maildir:folder"'],
    ),
    "a password with an @ and a slash in the relay's url": (
        DESK + '[relay]\nurl = "smtps://bob:hun/ter@2@example.com:25:25"',
        [
            'relay.url: expected smtp://, smtps:// or smtp+starttls:// and host[:port], or "maildir:folder", '
            "not 'smtps://***@example.com:25:25'"
        ],
    ),
    "a password in the store's url": (
        DESK + '[store]\nurl = "postgres://bob:hun/ter2@example.com/sitmail"',
        [
            'store.url: expected "sqlite:///file" or "postgresql+psycopg://user@host/name", '
            "not 'postgres://***@example.com/sitmail'"
        ],
    ),
    "a password under an unknown key": (
        DESK + '[relay]\npasswd = "hunter2"',
        ["relay.passwd: unknown key (did you mean 'password'?)"],
    ),
    "a password in the wrong table": (DESK + 'password = "hunter2"', ["desk.password: unknown key"]),
    "a password as a list": (
        DESK + '[relay]\npassword = ["hunter2"]',
        ["relay.password: expected a text in quotes, not what is there"],
    ),
    "a token in a command that is cut off": (
        DESK + '[[imap]]\nhost = "imap.example.com"\nuser = "support@example.com"\ntoken_command = "print \'hunter2"',
        ["imap[0].token_command: expected a command with its quotes closed"],
    ),
    # --- in one go
    "types and names together": (
        DESK + 'tag = 1\nteam = "x"\n' + ALICE + 'role = "amdin"\nmanager = "bob"',
        [
            'desk.tag: expected 2 to 10 letters such as "SIT", not 1',
            "engineer[0].role: expected engineer, manager or admin (did you mean 'admin'?), not 'amdin'",
            "desk.team: no team 'x'",
            "engineer[0].manager: no engineer 'bob'",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_each_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    with pytest.raises(config.ConfigError) as caught:
        config.load(path, {})
    assert caught.value.lines == [f"config.toml: {line}" for line in expected]


def test_longest_addresses_that_fit(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[desk]\naddress = "{"s" * 35}@example.com"')
    assert config.load(path, {}).policy.desk.reply == "s" * 35 + "+{}@example.com"
    path.write_text(DESK + f'reply_address = "{"s" * 36}{{}}@example.com"')
    assert config.load(path, {}).policy.desk.reply == "s" * 36 + "{}@example.com"


def test_without_plus_no_address_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[desk]\naddress = "{"s" * 60}@example.com"\nplus = false')
    assert config.load(path, {}).policy.desk.reply == ""


def test_there_are_many_rows_and_none_prints_a_secret() -> None:
    assert len(CASES) >= 80
    assert [name for name, (_, lines) in CASES.items() if "hunter2" in " ".join(lines)] == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SITMAIL_RELAY_URL", "SITMAIL_RELAY__URL"),
        ("SITMAIL_DESK_REPLY_ADDRESS", "SITMAIL_DESK__REPLY_ADDRESS"),
        ("SITMAIL_SMTP___LISTEN", "SITMAIL_SMTP__LISTEN"),
        ("SITMAIL_SMTP_MAX_MESSAGE_SIZE", "SITMAIL_SMTP__MAX_MESSAGE_SIZE"),
    ],
)
def test_a_variable_with_the_wrong_number_of_underscores(tmp_path: Path, name: str, meant: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(DESK)
    with pytest.raises(config.ConfigError) as caught:
        config.load(path, {name: "hunter2"})
    assert caught.value.lines == [f"{name}: unknown variable; write {meant}, with two underscores between names"]


WARNINGS = {
    "no file of a pattern": (
        '[directory]\nfiles = ["customers/*.toml"]',
        "config.toml: directory.files[0]: no file matches 'customers/*.toml'",
    ),
    "hops without an id": (
        "[trust]\nauthserv_hops = 1",
        "config.toml: trust.authserv_hops: has no effect without authserv_id, the name in Authentication-Results",
    ),
    "hops that nobody strips": (
        '[trust]\nauthserv_id = "mx.example.com"\nauthserv_hops = 1',
        "config.toml: trust.authserv_hops: above 0 nothing is believed without authserv_strips = true",
    ),
    "warned after it is late": (
        '[[priority]]\nid = "p1"\nfollowup = "1h"\nwarning = "5h"\nlate = "3h"',
        "config.toml: priority[0].warning: is longer than late of the same priority",
    ),
    "first response after the resolution": (
        GOLD + '[[service_level.target]]\npriority = "low"\nfirst_response = "3d"\nresolution = "1h"',
        "config.toml: service_level[0].target[0].first_response: is longer than the resolution of the same priority",
    ),
    "a form that everybody is": (
        '[[form]]\naddresses = ["form@example.net"]\nhosts = ["127.0.0.1"]\nfields = { contact = "Mail" }',
        "config.toml: form[0].hosts: '127.0.0.1/32': whatever a mail server on this machine hands over by SMTP would "
        "count as its mail",
    ),
    "a form that nothing proves": (
        '[[form]]\naddresses = ["form@example.net"]\nfields = { contact = "Mail" }',
        "config.toml: form[0]: nothing can prove its mail; it needs hosts, [trust] authserv_id or [smtp] passwords",
    ),
    "a contact who is a monitor": (
        '[[monitor]]\naddresses = ["alice@example.com"]\n[directory]\nfiles = ["people.toml"]',
        "directory: contact Alice: 'alice@example.com' is also a [[monitor]], so fresh mail from there is a machine's "
        "report",
    ),
    "a contact who is an engineer": (
        ALICE + '[directory]\nfiles = ["people.toml"]',
        "directory: contact Alice: 'alice@example.com' is also the engineer alice; a fresh mail from there "
        "counts as the contact's",
    ),
    "a site of free mail": (
        '[directory]\nfiles = ["people.toml"]',
        "directory: site all: 'gmail.com' is a domain where anybody may have an address, so strangers would belong to "
        "this site",
    ),
}
PEOPLE = """
[[site]]
id = "all"
domains = ["gmail.com"]
[[contact]]
name = "Alice"
addresses = ["alice@example.com"]
"""


@pytest.mark.parametrize(("text", "expected"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_is_allowed_and_seldom_meant_is_a_warning(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "people.toml").write_text(PEOPLE)
    path = tmp_path / "config.toml"
    path.write_text(DESK + text)
    assert expected in config.load(path, {}).warnings


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            '[[site]]\nid = "s"\n[[contract]]\nid = "c"\nsite = "s"\nstarts = 2026-02-01\nexpires = 2026-01-01',
            "directory: contract c: expires on 2026-01-01, before it starts on 2026-02-01",
        ),
        (
            '[[contact]]\nname = "Desk"\naddresses = ["support+n1.x@example.com"]',
            "directory: contact Desk: 'support+n1.x@example.com' is an address of the desk",
        ),
    ],
)
def test_rows_of_the_directory_that_cannot_be_meant(tmp_path: Path, rows: str, expected: str) -> None:
    (tmp_path / "people.toml").write_text(rows)
    path = tmp_path / "config.toml"
    path.write_text(DESK + '[directory]\nfiles = ["people.toml"]')
    with pytest.raises(config.ConfigError) as caught:
        config.load(path, {})
    assert caught.value.lines == [expected]
