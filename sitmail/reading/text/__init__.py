"""What the lines of a mail's text are: new words, quotation, signature, a forwarded letter."""
