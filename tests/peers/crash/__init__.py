"""A desk that is killed over and over while people write to it, and the question what became of their mails."""
