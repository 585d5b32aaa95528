"""The file of passwords for SMTP AUTH: `name:$scrypt$...` a line.  How a hash is made, checked, read and written.

A name is an engineer's id or one of his addresses, or any name for a script.  Failures are counted in `lockout`;
replies to clients are in `smtp_login`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@-]{0,254}")
LOG_N, R, P = 14, 8, 5  # 16 MB and about a sixth of a second
_HASH = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{6,64})\$([A-Za-z0-9+/]{22,128})")
_MEMORY = 160 * 1024 * 1024  # bytes a hash from the file may cost
EXPOSED = 0o027  # others may do nothing with the file, its group may read


class PasswordFileError(Exception):
    """A sentence about the file."""


def hashed(password: str, salt: bytes | None = None) -> str:
    """A fresh hash in the notation of PHC."""
    salt = os.urandom(16) if salt is None else salt
    digest = hashlib.scrypt(_prepared(password), salt=salt, n=1 << LOG_N, r=R, p=P, maxmem=_MEMORY, dklen=32)
    return f"$scrypt$ln={LOG_N},r={R},p={P}${_text(salt)}${_text(digest)}"


def matches(password: str, known: str) -> bool:
    """Whether a password has that hash; False for a hash we cannot read.  Takes a sixth of a second, in a thread."""
    found = _HASH.fullmatch(known)
    if not found:
        return False
    log_n, r, p = (int(found[i]) for i in (1, 2, 3))
    salt, digest = _bytes(found[4]), _bytes(found[5])
    try:
        tried = hashlib.scrypt(
            _prepared(password), salt=salt, n=1 << log_n, r=r, p=p, maxmem=_MEMORY, dklen=len(digest)
        )
    except ValueError:  # it asks for more memory than we allow
        return False
    return hmac.compare_digest(tried, digest)


def verify(known: Mapping[str, str], name: str, password: str) -> bool:
    """Whether the password belongs to that name; takes as long for an unknown name."""
    mine = known.get(name.lower())
    if mine is None:
        hashed(password)
        return False
    return matches(password, mine)


def read(path: Path) -> dict[str, str]:
    """Names in lower case with their hashes.  Raises PasswordFileError: absent, exposed, a line that cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & EXPOSED:
                raise PasswordFileError(f"{path.name}: others may read or change it; chmod 640 {path.name}")
            lines = file.read(10_000_000).splitlines()
    except OSError as error:
        raise PasswordFileError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PasswordFileError(f"{path.name}: not UTF-8") from error
    known = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, digest = line.strip().partition(":")
        if not NAME.fullmatch(name) or not _HASH.fullmatch(digest):
            raise PasswordFileError(f"{path.name}: line {number}: expected name:$scrypt$..., made by sitmail passwd")
        known[name.lower()] = digest
    return known


def change(path: Path, name: str, digest: str) -> None:
    """Gives a name that hash, or with "" removes it; the file is replaced as a whole, and made 0600 if it is new.

    Raises PasswordFileError as `read` does, and OSError.
    """
    known = read(path) if path.exists() else {}
    known.pop(name.lower(), None)
    if digest:
        known[name.lower()] = digest
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{one}:{text}\n" for one, text in sorted(known.items()))
            file.flush()
            if path.exists():
                old = path.stat()
                os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(partial).unlink()
        raise


def _prepared(password: str) -> bytes:
    """In normal form KC: different keyboards write the same characters differently (RFC 4013 section 2.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
