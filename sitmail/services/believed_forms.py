"""Whether a mail comes from a web form of ours: by a signature, by a login, or from a host that the admin named."""

from __future__ import annotations

from ipaddress import ip_address

from sitmail.domain import authentication, forms
from sitmail.domain.mail import Envelope, Mail
from sitmail.domain.policy import Form, Policy


def understood(policy: Policy, mail: Mail, envelope: Envelope) -> Mail:
    """The mail as decisions see it: a form's is that of the person who filled it in, any other is itself."""
    form = forms.form_of(policy, mail) if policy.forms else None
    if form is None or not _believed(policy, form, mail, envelope):
        return mail
    return forms.as_filled_in(mail, form, policy)


def _believed(policy: Policy, form: Form, mail: Mail, envelope: Envelope) -> bool:
    sender = mail.in_our_name or mail.identity
    if envelope.login and envelope.login in (form.id.lower(), *form.addresses):
        return True
    if envelope.door == "smtp" and form.hosts and _is_one_of(envelope.client, form):
        return True
    return bool(authentication.authenticated(mail.header_order, sender, policy.trust))


def _is_one_of(client: str, form: Form) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in form.hosts)
