"""The host's side of a run: boots the guest, waits for its rows, and always ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.row import Row
from tests.device.accelerator import Accelerator
from tests.device.boots import Boot, boots
from tests.device.guest import Guest, overlay
from tests.device.image import Image
from tests.device.inside.trials import TRIALS
from tests.device.share import Share

BOOT_S = 600.0
NEWS_S = 900.0
"""Every wait inside has a shorter limit: a guest that is silent for longer is lost."""
LOOK_S = 0.25


class Host:
    """`tell` takes what happens just now, `on_row` each row when it has been measured."""

    def __init__(
        self, image: Image, folder: Path, repository: Path, tell: Callable[[str], None], on_row: Callable[[Row], None]
    ) -> None:
        self._folder = folder
        self._image = image
        self._tell = tell
        self._on_row = on_row
        self._rows: dict[str, Row] = {}
        (folder / "share").mkdir()
        self._share = Share(folder / "share", repository)

    def run(self, names: Sequence[str], accelerator: Accelerator) -> list[Row]:
        """All rows by these names; one that the guest never told is not met."""
        disk = overlay(self._image, self._folder)
        for boot in boots(names, TRIALS):
            self._share.order(boot.name, boot.rows, boot.before_cut)
            console = self._folder / f"{boot.name}.log"
            with Guest(self._image, disk, self._share.folder, console, accelerator, boot.rtc) as guest:
                lost = self._until_done(guest, boot)
            for name in boot.rows:
                if name not in self._rows:
                    self._new(Row(TRIALS[name].run.__doc__ or name, f"failed: {lost}", "", False, key=name))
            if lost:
                self._tell(lost)
        return [self._rows[name] for name in names]

    def _until_done(self, guest: Guest, boot: Boot) -> str | None:
        """None, or what became of the guest before it was done."""
        words, news, limit_s = self._share.words(), time.monotonic(), BOOT_S
        self._tell(f"{boot.name}: boots")
        while not self._share.done():
            if not guest.runs:
                return f"the guest has ended: {guest.last_words}"
            if time.monotonic() > news + limit_s:
                return f"no word from the guest for {limit_s:.0f} s: {guest.last_words}"
            if self._share.words() != words:
                words, news, limit_s = self._share.words(), time.monotonic(), NEWS_S
                self._tell(words)
            self._collect()
            time.sleep(LOOK_S)
        self._collect()
        return None

    def _collect(self) -> None:
        for row in self._share.rows():
            if row["key"] not in self._rows:
                self._new(Row(**row))

    def _new(self, row: Row) -> None:
        self._rows[row.key] = row
        self._on_row(row)
