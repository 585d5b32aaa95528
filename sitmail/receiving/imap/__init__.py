"""Mailboxes on IMAP servers: the line, logging in, what stands on a line, one session with one folder."""
