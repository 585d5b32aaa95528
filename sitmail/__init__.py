"""sitmail: a support desk by email."""

__version__ = "0.1.0"
