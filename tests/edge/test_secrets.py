from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.secrets import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://user:secret@cam.lan:554/a?b=c", "rtsp://***@cam.lan:554/a?b=c"),
        ("http://me:p4/ss@127.0.0.1:9/x", "http://***@127.0.0.1:9/x"),
        ("http://me:p4@s:s@127.0.0.1:9/x", "http://***@127.0.0.1:9/x"),
        ("http://me:p4ss@[h", "http://***@[h"),
        ("rtsp://tok3n@h", "rtsp://***@h"),
        ("rtsp:/me:p4ss@h/s", "rtsp:/***@h/s"),
        ("mqtt:/u:p4ss@h", "mqtt:/***@h"),
        ("me:p4ss@h", "me:***@h"),
        ("http://h/x?user=me&pwd=s3cret", "http://h/x?user=me&pwd=***"),
        ("http://h/x?Password=s3#c&a=1&access_token=t", "http://h/x?Password=***&a=1&access_token=***"),
        ("http://h/x?pass=a&key=b&auth=c", "http://h/x?pass=***&key=***&auth=***"),
        ("http://h/x?pwd=s3@cret", "http://***"),
        ("http://me:p4?pwd=s@h/x", "http://***"),
        ("http://me:p4ss@h/x?pwd=s3@cret", "http://***@h/x?pwd=***"),
        ("clip?pwd=a@b", "clip?pwd=***"),
    ],
)
def test_logins_and_secret_keys_are_masked(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize("text", ["", "default", "/dev/video0", "rtsp://h:554/x?size=3", "hw:CARD=C920,DEV=0", "a@b"])
def test_what_holds_no_secret_stays(text):
    assert masked(text) == text


@given(st.text(alphabet="abS3:/@?&=#[] ", max_size=8), st.sampled_from(["http://", "rtsp:/", "mqtts://", "x:"]))
def test_no_password_shows_whatever_is_in_it(inside, scheme):
    assert "ZZ" not in masked(f"{scheme}me:ZZ{inside}ZZ@host/x")
    assert "ZZ" not in masked(f"http://host/x?pwd=ZZ{inside.replace('&', '')}ZZ")
