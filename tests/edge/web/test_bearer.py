import logging

import pytest

from edge.errors import UsageError
from edge.web.bearer import Bearer, read_token

TOKEN = "0123456789abcdef-of-the-test"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "token"
    path.touch(0o600)
    return path


def test_the_first_line_is_the_token(path):
    path.write_text(f"{TOKEN}\nanother line\n")
    assert read_token(path).is_in(f"Bearer {TOKEN}")
    assert read_token(path).is_in(f"bearer {TOKEN}")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"]
)
def test_nothing_else_opens(header):
    assert not Bearer(TOKEN).is_in(header)


def test_it_is_not_in_its_text_form():
    bearer = Bearer(TOKEN)
    assert TOKEN not in repr(bearer) + str(vars(bearer))


@pytest.mark.parametrize("text", ["", "\n", "short", "é" * 20, "two words and more here", f" {TOKEN}", "x" * 5000])
def test_what_is_no_token_is_said_with_a_remedy(path, text):
    path.write_text(text)
    with pytest.raises(UsageError, match=r"^--token-file .*token(?: has no token in its first line| cannot be read)"):
        read_token(path)


def test_a_file_that_is_not_there(path):
    path.unlink()
    with pytest.raises(UsageError, match=r"cannot be read \(No such file or directory\): correct its path"):
        read_token(path)


def test_a_folder(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be read \(Is a directory\)"):
        read_token(tmp_path)


def test_a_file_that_all_can_read_is_warned_of(path, caplog):
    path.write_text(TOKEN)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        read_token(path)
    assert f"chmod 600 {path}" in caplog.text
    assert TOKEN not in caplog.text
