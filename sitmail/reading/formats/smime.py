"""Opaque S/MIME: the letter inside a signed or compressed container, which needs no key (RFC 8551 sections 3.5, 3.6).

The signature is not verified: that somebody signed proves nothing to this desk.  What is encrypted stays closed.
Never raises.
"""

from __future__ import annotations

import zlib

TYPES = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
NAMES = (".p7m", ".p7z")
_SIZE = 64 * 1024 * 1024  # bytes, of a container and of what is compressed in it


def opened(data: bytes) -> bytes:
    """The entity inside, header and body, or b"" where there is none that can be read."""
    if len(data) > _SIZE or data[:1] != b"\x30":  # a SEQUENCE (X.690 section 8.9)
        return b""
    from asn1crypto import cms  # noqa: PLC0415  (seldom needed)

    try:
        container = cms.ContentInfo.load(data)
        kind = container["content_type"].native
        if kind == "signed_data":
            return bytes(container["content"]["encap_content_info"]["content"].native or b"")
        if kind == "compressed_data":
            packed = container["content"]["encap_content_info"]["content"].native or b""
            return zlib.decompressobj().decompress(packed, _SIZE)
    except Exception:  # the library raises whatever a broken container makes it raise
        return b""
    return b""
