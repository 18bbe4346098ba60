"""Against a real journald."""

from __future__ import annotations

import pytest

from tests.journald import journald

LOG = """
import logging, sys, threading
from edge.journal import JournalHandler
handler = JournalHandler("edge-emotion")
logging.basicConfig(level="INFO", handlers=[handler])
log = logging.getLogger("edge.test")
"""


@pytest.fixture(scope="module")
def journal():
    with journald() as running:
        yield running


def test_a_record_becomes_an_entry_with_fields(journal):
    script = f"""{LOG}
def speak():
    log.warning("%s is offline", "video", extra={{"fields": {{"EDGE_STATUS": "video", "EDGE_STATE": "offline"}}}})
speaker = threading.Thread(target=speak, name="camera")
speaker.start()
speaker.join()
logging.shutdown()
"""
    assert journal.run(script).stderr == ""
    (entry,) = journal.wait_for(1, "EDGE_STATUS=video")
    expected = {
        "MESSAGE": "video is offline",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "edge-emotion",
        "LOGGER": "edge.test",
        "THREAD_NAME": "camera",
        "CODE_FILE": "<string>",
        "CODE_FUNC": "speak",
        "EDGE_STATE": "offline",
    }
    assert expected.items() <= entry.items()
    assert int(entry["CODE_LINE"]) > 0


def test_a_journald_that_stands_still_holds_no_thread_up_and_gets_all_later(journal):
    """systemd-python holds Python's lock while it waits: every thread would stand still."""
    script = f"""{LOG}
import os, time
print("ready", flush=True)
sys.stdin.readline()
longest, before = 0.0, time.monotonic()
for number in range(200):
    log.warning("line %d", number, extra={{"fields": {{"EDGE_STATUS": "stuck"}}}})
    time.sleep(0.002)
    longest, before = max(longest, time.monotonic() - before), time.monotonic()
print(longest, flush=True)
sys.stdin.readline()
logging.shutdown()
"""
    with journal.started(script) as speaker:
        assert speaker.stdout.readline() == "ready\n"
        journal.stand_still(2.0)
        print(file=speaker.stdin, flush=True)
        longest_s = float(speaker.stdout.readline())
        journal.go_on()
        print(file=speaker.stdin, flush=True)
        assert speaker.wait(20) == 0
    assert longest_s < 1.0
    said = [entry["MESSAGE"] for entry in journal.wait_for(200, "EDGE_STATUS=stuck")]
    assert said == [f"line {number}" for number in range(200)]


def test_what_overflows_is_counted_and_told(journal):
    script = f"""{LOG}
print("ready", flush=True)
sys.stdin.readline()
for number in range(1500):
    log.warning("line %d", number, extra={{"fields": {{"EDGE_STATUS": "flood"}}}})
print(handler.dropped, flush=True)
sys.stdin.readline()
logging.shutdown()
"""
    with journal.started(script) as speaker:
        speaker.stdout.readline()
        journal.stand_still(10.0)
        print(file=speaker.stdin, flush=True)
        dropped = int(speaker.stdout.readline())
        journal.go_on()
        print(file=speaker.stdin, flush=True)
        assert speaker.wait(20) == 0
    assert 0 < dropped < 500
    assert len(journal.wait_for(1500 - dropped, "EDGE_STATUS=flood")) == 1500 - dropped
    told = journal.wait_for(1, "LOGGER=edge.journal")
    lost, words = zip(*(entry["MESSAGE"].split(" ", 1) for entry in told), strict=True)
    assert sum(map(int, lost)) == dropped  # told in parts, where a busy machine lets some through in between
    assert set(words) == {"entries were lost while journald did not read"}


def test_the_end_waits_for_what_was_said_last(journal):
    script = f"{LOG}\nfor number in range(300): log.warning('%d', number, extra={{'fields': {{'EDGE_STATUS': 'end'}}}})"
    assert journal.run(script).returncode == 0
    assert len(journal.wait_for(300, "EDGE_STATUS=end")) == 300


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("sys.modules['systemd.journal'] = None", "systemd-python is not installed: pip install systemd-python"),
        ("journal.SOCKET = '/none'", "nobody listens at /none (No such file or directory)"),
    ],
)
def test_what_is_missing_is_named(journal, before, reason):
    script = f"import sys\n{before if 'modules' in before else ''}\nfrom edge import journal\n{before}\n"
    script += "try:\n    journal.JournalHandler('x')\nexcept journal.JournalError as error:\n    print(error)"
    assert journal.run(script).stdout == f"{reason}\n"


def test_a_second_handler_finds_the_same_socket(journal):
    script = (
        f"{LOG}\nJournalHandler('second').close()\nlog.warning('both', extra={{'fields': {{'EDGE_STATUS': 'two'}}}})"
    )
    assert journal.run(script).stderr == ""
    assert len(journal.wait_for(1, "EDGE_STATUS=two")) == 1


def test_what_is_open_besides_is_left_alone(journal):
    script = f"""
import os
files = [open("/dev/null") for _ in range(5)]
before = len(os.listdir("/proc/self/fd"))
{LOG}
handler.close()
print(len(os.listdir("/proc/self/fd")) - before)
"""
    more = int(journal.run(script).stdout)
    assert more <= 2, "libsystemd's own socket, and what imports keep open; not a copy of every file"
