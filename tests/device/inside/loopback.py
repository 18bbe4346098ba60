"""A sound card by the kernel's loopback driver: a real ALSA card, into whose other side somebody speaks."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from tests.device.inside.service import run

SPEECH = "/bench/speech.wav"
_DRIVER = Path("/sys/bus/platform/drivers/snd_aloop")


class Card:
    """`Loopback`; the daemon records from its device 0 what is played into its device 1, again and again."""

    def __init__(self) -> None:
        self._player: subprocess.Popen[bytes] | None = None
        self._speaking = threading.Event()
        threading.Thread(target=self._speak, daemon=True).start()

    def load(self, index: int | None = None) -> None:
        """With its number given, or the lowest that is free."""
        run("modprobe", "snd-aloop", *([] if index is None else [f"index={index}"]))
        self._speaking.set()

    def unplug(self) -> None:
        """As with a cable. The kernel gives the card up only when nobody has it open any more: that is waited for."""
        self.hush()
        if (_DRIVER / "snd_aloop.0").exists():
            (_DRIVER / "unbind").write_text("snd_aloop.0")

    def plug(self) -> None:
        """It gets the lowest number that is free."""
        if not (_DRIVER / "snd_aloop.0").exists():
            (_DRIVER / "bind").write_text("snd_aloop.0")
        self._speaking.set()

    def unload(self) -> None:
        self.unplug()
        run("modprobe", "-r", "snd-aloop")

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
