"""Domains where anybody gets an address: that two people share one says nothing of them.

Big providers have a domain in every country, so they are known by family; the others by name.  An admin adds his own by
`trust.free_mail`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Families: the provider's name before any public ending.
_FAMILIES = """
    yahoo ymail rocketmail hotmail outlook live msn passport windowslive gmx aol aim icloud yandex zoho zohomail
    orange wanadoo tiscali rediffmail protonmail proton tutanota tuta fastmail hushmail lycos excite netscape
    chello mailbox email juno netzero inbox
"""
_NAMES = """
    gmail.com googlemail.com google.com me.com mac.com pm.me tutamail.com mail.com usa.com post.com europe.com
    web.de t-online.de freenet.de arcor.de mail.de posteo.de posteo.net mailbox.org vodafone.de o2online.de
    kabelmail.de 1und1.de aon.at a1.net utanet.at bluewin.ch hispeed.ch sunrise.ch free.fr laposte.net sfr.fr
    neuf.fr bbox.fr cegetel.net club-internet.fr numericable.fr libero.it virgilio.it alice.it tin.it iol.it
    inwind.it tim.it telefonica.net terra.es ono.com movistar.es sapo.pt clix.pt uol.com.br bol.com.br
    terra.com.br ig.com.br globo.com oi.com.br skynet.be telenet.be proximus.be planet.nl ziggo.nl kpnmail.nl
    xs4all.nl hetnet.nl home.nl upcmail.nl casema.nl quicknet.nl btinternet.com sky.com virginmedia.com
    ntlworld.com talktalk.net blueyonder.co.uk eircom.net comcast.net verizon.net att.net sbcglobal.net
    bellsouth.net cox.net charter.net earthlink.net optonline.net frontier.com windstream.net roadrunner.com
    rr.com shaw.ca rogers.com sympatico.ca telus.net videotron.ca bigpond.com optusnet.com.au iinet.net.au
    xtra.co.nz telia.com spray.se bredband.net comhem.se online.no start.no jubii.dk mail.dk stofanet.dk
    luukku.com suomi24.fi kolumbus.fi elisanet.fi wp.pl o2.pl onet.pl op.pl interia.pl poczta.fm gazeta.pl
    tlen.pl seznam.cz email.cz centrum.cz post.cz volny.cz atlas.cz azet.sk zoznam.sk centrum.sk freemail.hu
    citromail.hu t-online.hu indamail.hu abv.bg mail.bg dir.bg otenet.gr in.gr mynet.com ttmail.com mail.ru
    list.ru bk.ru internet.ru rambler.ru ya.ru ro.ru ukr.net i.ua meta.ua bigmir.net tut.by mail.kz walla.co.il
    walla.com naver.com hanmail.net daum.net nate.com qq.com foxmail.com 163.com 126.com yeah.net sina.com
    sina.cn sohu.com 139.com 189.cn aliyun.com tom.com 21cn.com hinet.net pchome.com.tw docomo.ne.jp ezweb.ne.jp
    au.com softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp infoseek.jp
    indiatimes.com sify.com hey.com duck.com skiff.com disroot.org riseup.net runbox.com startmail.com
    kolabnow.com
"""
# A public ending: a top-level domain, or the second level under a country's.
_ENDING = re.compile(r"[a-z]{2,6}|(?:com?|net|org|ne|or)\.[a-z]{2}")
_families, _names = frozenset(_FAMILIES.split()), frozenset(_NAMES.split())


def is_free_mail(domain: str, more: Iterable[str] = ()) -> bool:
    """Whether anybody may have an address at this domain (in lower case).

    `more` are the admin's domains; one that ends in `.*` is a family.
    """
    name, _, ending = domain.partition(".")
    if domain in _names or (name in _families and _ENDING.fullmatch(ending)):
        return True
    return any(_same(domain, one) for one in more)


def _same(domain: str, named: str) -> bool:
    if not named.endswith(".*"):
        return domain == named
    rest = domain.removeprefix(named[:-1])
    return rest != domain and bool(_ENDING.fullmatch(rest))
