from __future__ import annotations

import os
import signal

import pytest

from edge.signals import Signals


def told(number, *, reloads):
    with Signals(reloads=reloads) as signals:
        os.kill(os.getpid(), number)
        return signals.stop.is_set(), signals.reload.is_set()


@pytest.mark.parametrize("reloads", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_these_end_the_run(number, reloads):
    assert told(number, reloads=reloads) == (True, False)


def test_a_hang_up_ends_it_or_reads_the_settings_again():
    assert told(signal.SIGHUP, reloads=False) == (True, False)
    assert told(signal.SIGHUP, reloads=True) == (False, True)


def test_nohup_is_respected_but_a_reload_is_heard():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert told(signal.SIGHUP, reloads=False) == (False, False)
        assert told(signal.SIGHUP, reloads=True) == (False, True)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, "as it was before"
    finally:
        signal.signal(signal.SIGHUP, before)
