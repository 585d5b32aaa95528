"""The benchmark: whole incidents beside what other programs do with the same mails (docs/reference/performance.md)."""
