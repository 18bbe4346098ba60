from __future__ import annotations

import logging
import threading

import pytest

from edge import privacy
from edge.config import enabled_file, is_enabled, set_enabled
from edge.errors import EdgeError
from edge.privacy import PrivacySwitch


@pytest.fixture
def turns():
    return []


@pytest.fixture
def refused(monkeypatch):
    """The wishes that the disk does not take."""
    wishes = []

    def write(on):
        if on in wishes:
            raise EdgeError("No room.")
        return set_enabled(on)

    monkeypatch.setattr(privacy, "set_enabled", write)
    return wishes


def test_a_wish_is_on_disk_before_it_is_obeyed():
    seen = []
    switch = PrivacySwitch(lambda on: seen.append((on, is_enabled())))
    for wish in (False, False, True):
        switch.wish(wish)
    assert seen == [(False, False), (True, True)]


def test_a_wish_that_comes_while_the_beginning_is_told_has_the_last_word(turns):
    inside, go = threading.Event(), threading.Event()

    def turn(on):
        if on:
            inside.set()
            go.wait(10)
        turns.append(on)

    switch = PrivacySwitch(turn)
    threads = [threading.Thread(target=switch.tell), threading.Thread(target=switch.wish, args=[False])]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    threads[1].join(0.2)
    go.set()
    for thread in threads:
        thread.join(10)
    assert turns == [True, False]


def test_whoever_writes_the_file_is_followed_once(turns):
    switch = PrivacySwitch(turns.append)
    switch.follow()
    set_enabled(False)
    switch.follow()
    switch.follow()
    assert turns == [False]


def test_a_wish_that_the_disk_refuses_holds_for_the_run_and_is_told_once(turns, refused, caplog):
    switch = PrivacySwitch(turns.append)
    refused.append(False)
    with caplog.at_level(logging.WARNING):
        for wish in (False, True, False):
            switch.wish(wish)
            switch.follow()
    assert turns == [False, True, False]
    assert is_enabled()
    assert [line.getMessage() for line in caplog.records] == ["No room. The switch holds for this run only."]


def test_off_is_obeyed_when_only_on_was_refused_before(turns, refused):
    switch = PrivacySwitch(turns.append)
    switch.wish(False)
    refused.append(True)
    switch.wish(True)
    switch.wish(False)
    assert turns == [False, True, False]
    assert not is_enabled()


def test_a_file_that_is_spoilt_during_the_run_is_off_and_told_once(turns, caplog):
    switch = PrivacySwitch(turns.append)
    enabled_file().write_bytes(b"ON?")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            switch.follow()
    assert turns == [False]
    assert len(caplog.records) == 1
    assert "counts as OFF" in caplog.text
