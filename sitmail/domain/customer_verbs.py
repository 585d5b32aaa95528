"""The verbs of customers and of a site's admin contact (behaviour 3), as `domain/verbs` has those of staff."""

from __future__ import annotations

from sitmail.domain.authority import Reach
from sitmail.domain.trust import Power
from sitmail.domain.verbs import Verb, table

CUSTOMER = table(
    Verb("close", "REASON", "asks us to close it, and says why", Power.SAY, "/close it works now", reach=Reach.PARTY),
    Verb("reopen", "", "opens a closed incident again", Power.SAY, "/reopen", reach=Reach.PARTY),
    Verb(
        "cc",
        "add|del ADDRESS",
        "adds a colleague to our emails about it, or takes one off",
        Power.SAY,
        "/cc add jane@example.com",
        reach=Reach.PARTY,
    ),
    Verb(
        "hold",
        "until D",
        "pauses our work on it until D; whatever you write before that ends the pause",
        Power.SAY,
        "/hold until friday",
        reach=Reach.PARTY,
    ),
    Verb(
        "priority",
        "P",
        "asks for another priority, as high as what we agreed on allows",
        Power.SAY,
        "/priority high",
        reach=Reach.PARTY,
    ),
    Verb(
        "stop",
        "[feedback]",
        "takes you off: you get no more emails about it; /stop feedback: nobody asks you any more how we did",
        Power.SAY,
        example="/stop",
        reach=Reach.PARTY,
    ),
    Verb(
        "level",
        "all|important|replies",
        "says how much you hear: everything, what is important, or only what people write",
        Power.READ,
        "/level replies",
        reach=Reach.READING,
    ),
    Verb(
        "help",
        "[VERB|terms]",
        "sends this list; terms sends what our words mean",
        Power.READ,
        "/help terms",
        reach=Reach.READING,
    ),
    Verb(
        "list",
        "[closed|site|site closed]",
        "sends a list of your open incidents, of closed ones, or of those of your colleagues",
        Power.READ,
        "/list",
        reach=Reach.READING,
    ),
    Verb("status", "NUMBER", "says how an incident stands", Power.READ, "/status 1234", reach=Reach.READING),
    Verb(
        "thread",
        "NUMBER [mbox]",
        "sends all that was written about it; mbox: as a file for your mail program, too",
        Power.READ,
        "/thread 1234",
        reach=Reach.READING,
    ),
    Verb("entitlement", "", "says what your contracts cover", Power.READ, "/entitlement", reach=Reach.READING),
    Verb(
        "kb",
        "[WORDS|KBn]",
        "sends what our articles say about that, or one article",
        Power.READ,
        "/kb paper jam",
        reach=Reach.READING,
    ),
    Verb("faq", "", "sends a list of frequent questions, with their articles", Power.READ, "/faq", reach=Reach.READING),
)

SITE_ADMIN = table(  # of a site's admin contact, beside those of customers
    Verb(
        "contacts", "", "sends the people of your site, and your contracts", Power.READ, "/contacts", reach=Reach.SITE
    ),
    Verb(
        "report",
        "[PERIOD]",
        "sends the service report about your site: of last month, or another time",
        Power.READ,
        "/report lastmonth",
        reach=Reach.SITE,
    ),
    Verb(
        "allow",
        "ADDRESS [on CONTRACT]",
        "makes somebody a contact of your site, whom the contract covers",
        Power.DIRECTORY,
        "/allow jane@example.com on acme-1",
        reach=Reach.SITE,
    ),
    Verb(
        "remove",
        "ADDRESS [on CONTRACT]",
        "takes somebody off a contract, or off your site",
        Power.DIRECTORY,
        "/remove jane@example.com",
        reach=Reach.SITE,
    ),
    Verb(
        "visibility",
        "nobody|named|all [on CONTRACT]",
        "says who of your site may read what others wrote",
        Power.DIRECTORY,
        "/visibility named",
        reach=Reach.SITE,
    ),
)
