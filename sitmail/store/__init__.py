"""The database: tables, and functions that read and write them.  Uses the domain; mail and services are above it."""
