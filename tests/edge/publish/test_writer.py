from __future__ import annotations

import errno
import io

from edge.publish.writer import Writer


class Disk(io.StringIO):
    """Has no room for so many pieces of text."""

    def __init__(self, full_for, number=errno.ENOSPC):
        super().__init__()
        self.full_for = full_for
        self.error = OSError(number, "No space left on device")

    def write(self, text):
        if self.full_for:
            self.full_for -= 1
            raise self.error
        return super().write(text)


def written(disk, *, insists):
    writer = Writer(disk, 10, insists=insists)
    writer.start()
    for text in ("a", "b", "c"):
        writer.put(text)
        writer.flush()
    writer.stop()
    return writer


def test_a_full_disk_ends_it_for_good():
    disk = Disk(full_for=2)
    writer = written(disk, insists=False)
    assert writer.broken
    assert writer.failure is disk.error
    assert disk.getvalue() == ""


def test_one_that_insists_goes_on_when_there_is_room_again():
    disk = Disk(full_for=2)
    writer = written(disk, insists=True)
    assert not writer.broken
    assert writer.dropped == 2
    assert disk.getvalue() == "c"


def test_a_reader_that_has_left_ends_that_one_too():
    disk = Disk(full_for=1, number=errno.EPIPE)
    assert written(disk, insists=True).broken
    assert disk.getvalue() == ""
