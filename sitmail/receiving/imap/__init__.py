"""Mailboxes on IMAP servers: the connection, the login, the syntax, and one session with one folder."""
