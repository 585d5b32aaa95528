"""What is kept: tables, and functions that read and write them.  Knows the domain, not mail, not services."""
