"""A sound card by the kernel's loopback driver: a real ALSA card, into whose other side somebody speaks."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from tests.device.inside.service import run

SPEECH = "/bench/speech.wav"
_DRIVER = Path("/sys/bus/platform/drivers/snd_aloop")
_CARD = "snd_aloop.0"


class Card:
    """`Loopback`; the daemon records from its device 0 what is played into its device 1, again and again."""

    def __init__(self) -> None:
        self._player: subprocess.Popen[bytes] | None = None
        self._speaking = threading.Event()
        self._bus = threading.Lock()
        threading.Thread(target=self._speak, daemon=True).start()

    def load(self) -> None:
        """It is plugged in."""
        run("modprobe", "snd-aloop")
        self._speaking.set()

    def unplug(self) -> None:
        """As with a cable. The kernel gives the card up when nobody has it open any more: that is not waited for."""
        self.hush()
        threading.Thread(target=self._unbind, daemon=True).start()

    def plug(self) -> None:
        """It gets the lowest number that is free. Waits while somebody holds the pulled one open."""
        with self._bus:
            if not self.is_plugged:
                (_DRIVER / "bind").write_text(_CARD)
        self._speaking.set()

    @property
    def is_plugged(self) -> bool:
        """Whether the card is there, or somebody still holds the pulled one."""
        return (_DRIVER / _CARD).exists()

    def _unbind(self) -> None:
        with self._bus:
            if self.is_plugged:
                (_DRIVER / "unbind").write_text(_CARD)

    @property
    def number(self) -> int | None:
        """N of hw:N, None while it is not there."""
        found = [path.resolve().name for path in Path("/proc/asound").glob("Loopback")]
        return int(found[0].removeprefix("card")) if found else None

    def shift_rate(self, hundred_thousandths: int) -> None:
        """100020: its clock is 200 ppm fast."""
        name = "iface=PCM,name='PCM Rate Shift 100000',device=0,subdevice=0"
        run("amixer", "-q", "-c", "Loopback", "cset", name, str(hundred_thousandths))

    def hush(self) -> None:
        """Nobody speaks any more."""
        self._speaking.clear()
        if self._player is not None and self._player.poll() is None:
            self._player.kill()
            self._player.wait()

    def _speak(self) -> None:
        while self._speaking.wait():
            command = ["aplay", "-q", "-D", "hw:CARD=Loopback,DEV=1", SPEECH]
            self._player = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if self._player.wait():
                threading.Event().wait(0.5)  # the card is away
