"""The file of passwords, and lock-outs after failed logins.  Times are arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.receiving import passwords
from sitmail.receiving.lockout import FAILURES, WINDOW, Lockout, lockout_network
from sitmail.receiving.passwords import PasswordFileError, change, hashed, matches, read, verify

# RFC 7914 section 12, the third vector (N 1024, r 8, p 16, 64 bytes), in our notation.
VECTOR = (
    "$scrypt$ln=10,r=8,p=16$TmFDbA$"
    "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"
)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LOG_N", 4)
    monkeypatch.setattr(passwords, "P", 1)


def test_a_hash_is_of_one_password_and_never_twice_the_same() -> None:
    one, two = hashed("correct horse"), hashed("correct horse")
    assert one != two
    assert matches("correct horse", one)
    assert matches("correct horse", two)
    assert not matches("correct house", one)
    assert "horse" not in one


def test_it_is_the_scrypt_that_others_compute() -> None:
    assert matches("password", VECTOR)
    assert not matches("passwore", VECTOR)


@pytest.mark.parametrize(("typed", "kept"), [("caf\u00e9", "cafe\u0301"), ("\uff21", "A"), ("\ufb01", "fi")])
def test_keyboards_spell_the_same_letters_differently(typed: str, kept: str) -> None:
    assert matches(typed, hashed(kept))


@pytest.mark.parametrize("known", ["", "!", "$scrypt$x", "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43])
def test_what_is_no_hash_or_too_much_work_matches_nothing(known: str) -> None:
    assert not matches("", known)


def test_a_name_that_is_not_there_costs_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many hashes, and as long ones: measured in calls, not in seconds."""
    asked = []
    real = passwords.hashlib.scrypt
    monkeypatch.setattr(passwords.hashlib, "scrypt", lambda *a, **k: asked.append((k["n"], k["p"])) or real(*a, **k))
    known = {"ann": hashed("x")}
    asked.clear()
    assert verify(known, "ANN", "x")
    assert not verify(known, "ann", "y")
    assert not verify(known, "bob", "x")
    assert len(asked) == 3
    assert len(set(asked)) == 1


def test_the_file_is_changed_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "passwd"
    change(path, "Ann", hashed("one"))
    assert path.stat().st_mode & 0o777 == 0o600
    change(path, "robot", hashed("two"))
    path.chmod(0o640)
    change(path, "ann", hashed("three"))
    assert path.stat().st_mode & 0o777 == 0o640
    assert verify(read(path), "ann", "three")
    assert not verify(read(path), "ann", "one")
    change(path, "ANN", "")
    assert list(read(path)) == ["robot"]
    assert [file.name for file in tmp_path.iterdir()] == ["passwd"]


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644, 0o601])
def test_an_exposed_file_is_not_believed(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "passwd"
    change(path, "ann", hashed("one"))
    path.chmod(mode)
    with pytest.raises(PasswordFileError, match="chmod 640 passwd"):
        read(path)


@pytest.mark.parametrize("line", ["ann", "ann:secret", ":secret", "a b:$scrypt$", "ann:$2b$12$abc"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "passwd"
    path.write_text(f"# people\n\n{line}\n")
    path.chmod(0o600)
    with pytest.raises(PasswordFileError, match="line 3"):
        read(path)
    with pytest.raises(PasswordFileError, match="absent: cannot be read"):
        read(tmp_path / "absent")


# --- who failed


def failing(lockout: Lockout, client: str, name: str, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        assert not lockout.locked(client, name, now)
        lockout.failed(client, name, now)


def test_the_sixth_try_of_a_network_is_not_made() -> None:
    lockout = Lockout()
    failing(lockout, "192.0.2.1", "ann", FAILURES - 1)
    failing(lockout, "192.0.2.200", "bob", 1)
    assert lockout.locked("192.0.2.77", "carol", 0)
    assert lockout.locked("192.0.2.77", "", 0)
    assert not lockout.locked("192.0.3.1", "ann", 0)
    assert lockout.locked("192.0.2.1", "ann", WINDOW - 1)
    assert not lockout.locked("192.0.2.1", "ann", WINDOW)


def test_one_network_alone_locks_nobodys_name() -> None:
    lockout = Lockout()
    failing(lockout, "192.0.2.1", "ann", FAILURES)
    assert not lockout.locked("198.51.100.1", "ann", 0)


def test_a_name_attacked_from_everywhere_is_locked_but_for_where_he_came_from() -> None:
    lockout = Lockout()
    lockout.succeeded("198.51.100.9", "Ann")
    for n in range(FAILURES):
        failing(lockout, f"203.0.{n}.1", "ann" if n % 2 else "ANN", 1)
    assert lockout.locked("198.18.0.1", "Ann", 0)
    assert not lockout.locked("198.18.0.1", "bob", 0)
    assert not lockout.locked("198.51.100.200", "ann", 0)
    assert not lockout.locked("198.18.0.1", "ann", WINDOW)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitmail.receiving.lockout.REMEMBERED", 10)
    lockout = Lockout()
    for n in range(100):
        lockout.failed(f"10.0.{n}.1", f"name{n}", 0)
        lockout.succeeded(f"10.0.{n}.1", f"name{n}")
    assert (len(lockout._networks), len(lockout._names), len(lockout._trusted)) == (10, 10, 10)


def test_what_one_attacker_has_whole() -> None:
    assert lockout_network("192.0.2.1") == lockout_network("::ffff:192.0.2.9") == "192.0.2.0/24"
    assert lockout_network("2001:db8::1") == lockout_network("2001:db8::ffff:2") != lockout_network("2001:db8:0:1::1")
    assert lockout_network("fe80::1%eth0") == "fe80::/64"
    assert lockout_network("") == ""
