"""The benchmark: sitmail's handling of whole incidents, compared with other programs that get the same mails.

See docs/reference/performance.md.
"""
