"""The key file: made once, readable by its owner only, and never used half written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sitmail.domain import trust
from sitmail.services import keys
from sitmail.services.keys import KeyFileError

LINE = "a " + "0f" * 32


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_it_is_made_at_the_first_start_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first = keys.load_or_make(path, used=False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.load_or_make(path, used=False) == first
    assert keys.load_or_make(tmp_path / "other", used=False) != first
    assert len(first.secrets[first.current]) == 32


def test_the_last_line_signs_and_the_others_still_verify(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    old = keys.load_or_make(path, used=False)
    token = trust.token(old, "i", 1, 2)
    written(path, path.read_text() + "# a remark\n\nb " + "1e" * 32 + "\n")
    new = keys.load(path)
    assert new.current == "b" and trust.proves(new, token, "i", 1, 2)
    assert trust.token(new, "i", 1, 2)[0] == "b"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyFileError, match="chmod 600"):
        keys.load_or_make(written(tmp_path / "keys", LINE, mode), used=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# nothing",
        "a 0f",
        f"A {'0f' * 32}",
        f"aa {'0f' * 32}",
        f"{LINE}\nnonsense",
        f"{LINE}0f",
        f"a  {'0F' * 32}",
    ],
)
def test_a_file_without_keys_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "keys", text)
    with pytest.raises(KeyFileError):
        keys.load_or_make(path, used=False)
    assert path.read_text() == text


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be written"):
        keys.load_or_make(tmp_path / "nowhere" / "keys", used=False)


def test_no_secret_stands_in_a_message(tmp_path: Path) -> None:
    path = written(tmp_path / "keys", f"{LINE}\nb short")
    with pytest.raises(KeyFileError) as error:
        keys.load(path)
    assert "0f0f" not in str(error.value).replace('"a 0f3c..."', "")


def test_a_file_that_is_lost_beside_letters_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "it's lost"
    with pytest.raises(KeyFileError, match="the key file is missing, but the store holds letters") as told:
        keys.load_or_make(path, used=True)
    assert not path.exists()
    subprocess.run(["sh", "-c", str(told.value).rpartition(": ")[2]], check=True)  # as the sentence says
    assert keys.load_or_make(path, used=True).current == "a"
