"""Charsets, transfer codings and document formats of bodies: HTML, RTF, winmail.dat."""
