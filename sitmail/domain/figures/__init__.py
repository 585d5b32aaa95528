"""The figures of reports: what may be asked, for which time, and how rows of the store become tables.  Pure.

Gathering the rows is for `services/figures`; how a table looks, for `sending/letters`.
"""
