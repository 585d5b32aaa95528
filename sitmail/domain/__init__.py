"""The desk's knowledge: pure values and decisions.

Standard library only; no I/O, no clock, no randomness, no async, no logging.  Time and secrets are arguments.
"""
