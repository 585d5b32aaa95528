"""The verbs of staff (behaviour 3): one table.  Help letters, the reference page and refusals are made from it.

Those of customers: `domain/customer_verbs`.
"""

from __future__ import annotations

from sitmail.domain.authority import Reach
from sitmail.domain.record import record
from sitmail.domain.trust import Power

FREE_TEXT = "TEXT"  # an argument that may be any words


@record
class Verb:
    """`arguments` as help shows them; `power` that it needs, `reach` as `authority` has it.

    `later`: known, but refused as "not yet".  `before_words`: what stands behind it on its line are words of the mail.
    """

    name: str
    arguments: str
    does: str
    power: Power = Power.NOTE
    example: str = ""
    later: bool = False
    before_words: bool = False
    reach: Reach = Reach.TEAM

    @property
    def takes_argument(self) -> bool:
        return self.later or (bool(self.arguments) and not self.before_words)


def table(*verbs: Verb) -> dict[str, Verb]:
    return {verb.name: verb for verb in verbs}


STAFF = table(
    Verb("take", "", "makes you the owner", example="/take", reach=Reach.ANY),
    Verb("assign", "WHO", "gives it to an engineer, a team, me or account-manager", Power.ANSWER, "/assign bob"),
    Verb("temp", "WHO", "gives it to an engineer for a while; the owner stays", Power.ANSWER, "/temp bob"),
    Verb(
        "colleague",
        "WHO",
        "asks an engineer, who has it until his note answers; your words are a note",
        example="/colleague bob",
    ),
    Verb(
        "back",
        "[N]",
        "gives it back to its owner; about no incident: you are here again, or take back what you planned",
        example="/back",
        reach=Reach.DESK,
    ),
    Verb(
        "away",
        "[until D | D | D to D | work]",
        "you are away, and your substitute stands in; work: you get no new work; alone it lists what is planned",
        example="/away until friday",
        reach=Reach.DESK,
    ),
    Verb(
        "new",
        "for ADDRESS [via CHANNEL] | to ADDRESS",
        "in a fresh email: opens an incident; your words are what they said (for), or are sent to them (to)",
        example="/new for jane@example.com via phone",
        reach=Reach.DESK,
    ),
    Verb("status", "STATUS", "sets the status", example="/status research"),
    Verb("research", "", "sets the status research", example="/research"),
    Verb("wait", "[D]", "waits for the customer; after D it is followed up", example="/wait 3d"),
    Verb(
        "hold",
        "D [firm]",
        "puts it on hold until D, or until the customer writes; firm: whatever he writes",
        example="/hold 3d",
    ),
    Verb(
        "next",
        '"LABEL" D',
        "reminds the owner at D of what is to be done next",
        example='/next "ring them" tomorrow',
    ),
    Verb("priority", "PRIORITY", "sets the priority; targets are computed again", Power.ANSWER, "/priority high"),
    Verb("contract", "C", "puts it under another contract", Power.ANSWER, "/contract acme-1"),
    Verb("unit", "SERIAL", "names its unit, whose contract or warranty counts", Power.ANSWER, "/unit SN-1001"),
    Verb("title", FREE_TEXT, "gives it another title", example="/title Printer on the third floor"),
    Verb(
        "note",
        "[TEXT]",
        "the lines under it are read by staff only",
        example="/note the spare part is ordered",
        before_words=True,
    ),
    Verb(
        "public",
        "[TEXT]",
        "sends your words to the customer, whatever letter you answer",
        Power.ANSWER,
        "/public",
        before_words=True,
    ),
    Verb(
        "keep",
        "[TEXT]",
        "sends your answer; the next step stays with us",
        Power.ANSWER,
        "/keep",
        before_words=True,
    ),
    Verb(
        "later",
        "D|off",
        "your answer leaves at D, unless the customer writes before; off takes it back",
        Power.ANSWER,
        "/later friday 9:00",
    ),
    Verb("cc", "add|del ADDRESS", "adds or removes a participant", Power.ADD_SAME_SITE, "/cc add jane@example.com"),
    Verb(
        "vendor",
        "NAME [REF]",
        "the words under it go to that vendor alone; REF is its number for this",
        Power.ANSWER,
        "/vendor acme SR-99",
    ),
    Verb("dup", "N", "closes it as a duplicate of incident N", Power.ANSWER, "/dup 12"),
    Verb(
        "split",
        "[N#K] [TITLE]",
        "makes what a customer wrote an incident of its own: update K, or what you answer",
        Power.ANSWER,
        "/split 12#5",
    ),
    Verb(
        "share",
        "[N]#K",
        "makes a note, or what a vendor wrote, public: its words are sent, its author is not named",
        Power.SHARE,
        "/share 12#5",
    ),
    Verb("merge", "N", "its log and its people go to incident N", Power.ANSWER, "/merge 12"),
    Verb(
        "parent",
        "[N]",
        "makes it a part of incident N, which is its parent; without N it stands alone",
        Power.ANSWER,
        "/parent 12",
    ),
    Verb(
        "bug",
        FREE_TEXT,
        "reports a defect: the words under it go to the tracker alone, with the steps to reproduce it",
        Power.ANSWER,
        "/bug Lamp burns red",
    ),
    Verb(
        "order",
        "REF|new [TYPE]",
        "links an order; new: the words under it go to the order desk alone",
        Power.ANSWER,
        "/order SRO-778 rma",
    ),
    Verb(
        "link",
        "[del] KIND REF",
        "links a bug, order, feature or url elsewhere, which staff alone read; del takes it off",
        example="/link feature https://example.com/F-7",
    ),
    Verb(
        "watch",
        "[site|contact|contract [NAME]] [off]",
        "sends you a copy of everything on this incident, or on all of a site, contact or contract; off ends it",
        example="/watch site acme",
        reach=Reach.ANY,
    ),
    Verb(
        "close",
        "[CLOSING-STATUS] [KBn]",
        "closes it at once; KBn is the article that solved it",
        Power.ANSWER,
        "/close solved",
    ),
    Verb("reopen", "", "makes a closed incident active again", Power.ANSWER, "/reopen"),
    Verb(
        "event",
        "TYPE [DURATION] [TEXT]",
        "logs a call, or another event; DURATION is the time it took",
        example="/event call-out 15m spoke to Jane",
    ),
    Verb("type", "TYPE", "says what kind of request it is", example="/type bug"),
    Verb("reason", "GENERAL[/SPECIFIC]", "says why it came", example="/reason network/dns"),
    Verb("severity", "SEVERITY", "says how grave it is", Power.ANSWER, "/severity outage"),
    Verb("product", "PRODUCT", "says which product it is about", example="/product router"),
    Verb("field", "K=V", "fills in a field; reference is the customer's own number", example="/field version=7.2"),
    Verb("tag", "[-]WORD", "puts a word of your own on it; with a minus it is taken off", example="/tag spring-fair"),
    Verb(
        "contact",
        "ADDR | merge ADDR into ADDR",
        "puts the reporter right; or makes two records of one person one",
        Power.ADD_SAME_SITE,
        "/contact jane@example.com",
    ),
    Verb("verify", "real|perceived|cannot-reproduce", "says whether the problem is there", example="/verify real"),
    Verb("ask", "[WHAT]", "asks the customer for what is missing", Power.ANSWER, "/ask"),
    Verb(
        "resolve",
        "RESOLUTION[/SPECIFIC] [N] [KBn]",
        "asks the customer whether it works; a yes closes it; the article KBn is sent along",
        Power.ANSWER,
        "/resolve solved",
    ),
    Verb("unsupported", "", "sets the status unsupported", Power.ANSWER, "/unsupported"),
    Verb("met", "TARGET", "says that a step is done: problem, action-plan; or it was reviewed", example="/met problem"),
    Verb("review", "", "says that it was reviewed; the time until the next review begins", example="/review"),
    Verb(
        "due",
        "[TARGET] D [pin]",
        "gives a promise, or followup, warning, late, another time; pin: another priority leaves it",
        Power.ANSWER,
        "/due friday 14:00 pin",
    ),
    Verb(
        "time",
        "DURATION [TEXT]",
        "notes time spent and what for, inside only; -15m takes it back",
        example="/time 15m rang them",
    ),
    Verb("show", "[N]", "sends you the whole log", Power.READ, "/show 12", reach=Reach.ANY),
    Verb("files", "[N] [K]", "lists the files, or sends you file K", Power.READ, "/files 12 1", reach=Reach.ANY),
    Verb(
        "who",
        "ADDRESS",
        "sends you the sheet about a customer",
        Power.READ,
        "/who jane@example.com",
        reach=Reach.DESK,
    ),
    Verb(
        "search",
        "WORDS",
        "lists incidents by words of titles, and by status= owner= team= site= product= reason= tag= since= and more",
        Power.READ,
        "/search reason:network/dns resolved",
        reach=Reach.DESK,
    ),
    Verb(
        "queue",
        "[NAME]",
        "lists the incidents of a queue, what is due first on top; alone: yours",
        Power.READ,
        "/queue unowned",
        reach=Reach.DESK,
    ),
    Verb(
        "report",
        "NAME [by WHAT] [N | PERIOD]",
        "sends you a report, with a file; alone it lists the reports",
        Power.READ,
        "/report time by owner lastmonth",
        reach=Reach.DESK,
    ),
    Verb("answer", "NAME", "sends the customer a standard answer, under your words", Power.ANSWER, "/answer restart"),
    Verb(
        "kb",
        "[KBn [history|print|subscribe|unsubscribe] | recent | orphans | new TITLE]",
        "drafts an article from it; with KBn it cites that article, which is sent to you; recent and orphans are lists",
        Power.READ,
        "/kb KB12",
        reach=Reach.ANY,
    ),
    Verb("why", "[N]", "names the rule behind each update", Power.READ, "/why", reach=Reach.ANY),
    Verb(
        "block",
        "[del] ADDRESS",
        "mail from there is kept as ignored; @example.com is a whole domain",
        Power.DIRECTORY,
        "/block ads@example.net",
        reach=Reach.DESK,
    ),
    Verb(
        "accept",
        "[remember]",
        "takes a held mail, in a reply to the letter about it; remember: its writer is known from now on",
        example="/accept",
        reach=Reach.HELD,
    ),
    Verb(
        "attach",
        "N",
        "adds a held mail to incident N, in a reply to the letter about it",
        example="/attach 12",
        reach=Reach.HELD,
    ),
    Verb(
        "reject",
        "[WHY]",
        "rejects a held mail, in a reply to the letter about it; its writer is told WHY",
        example="/reject we serve Acme only",
        reach=Reach.HELD,
    ),
    Verb("spam", "", "calls a held mail spam, in a reply to the letter about it", example="/spam", reach=Reach.HELD),
    Verb(
        "undo",
        "",
        "takes back what your last command email changed, within a day; what was sent stays sent",
        Power.ANSWER,
        "/undo",
        reach=Reach.DESK,
    ),
    Verb(
        "recall",
        "",
        "takes back what you said to people outside, before it has left (send_delay)",
        Power.ANSWER,
        "/recall",
    ),
    Verb(
        "help",
        "[VERB|terms]",
        "sends this list, or what it says about one verb; terms: what the words of this desk mean",
        Power.READ,
        "/help assign",
        reach=Reach.DESK,
    ),
    Verb(
        "send",
        "KBn|FILE",
        "sends the customer a public article, or a file that stands in the log, under your words",
        Power.ANSWER,
        "/send KB12",
    ),
)
