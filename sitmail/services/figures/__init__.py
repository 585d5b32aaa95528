"""Reports: gathers the rows that a report is made of, and sends it when it was asked for or is due.

What is counted, and how, is decided in `domain/figures`.  The rows are read by a reading connection, in a thread of
their own, so that no mail waits for a report.  (Answers to the command line are in `services/reports`.)
"""
