"""Doors that mail comes in by: SMTP and LMTP sessions, IMAP mailboxes, Maildirs; and the spool."""
