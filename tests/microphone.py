"""A live microphone on a machine without sound hardware.

PulseAudio as a process of this user, playing into a null sink whose output is a source; ALSA's pulse plugin brings it
to PortAudio. What is played is recorded bit for bit. `environment` is for child processes, or for os.environ.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge.capture.source import AudioSource
from edge.samples import Chunk

# norewinds: without it the sink renders up to 2 s ahead and the start of a recording is lost.
# The remapped source is bit-exact; recording speaker.monitor directly is not.
_PULSE = """\
load-module module-native-protocol-unix socket={folder}/run/native auth-anonymous=1
load-module module-null-sink norewinds=1 sink_name=speaker rate={rate} channels={channels} format=s16le
load-module module-remap-source source_name=mic master=speaker.monitor rate={rate} channels={channels} remix=no
set-default-sink speaker
set-default-source mic
"""
_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default {{ type pulse  hint {{ show on description "{name}" }} }}
pcm.other {{ type pulse  hint {{ show on description "second {name}" }} }}
ctl.!default {{ type pulse }}
"""
_SETTLE_S = 2.2


def needs_virtual_microphone() -> None:
    """Skip the test, by name, where there is no PulseAudio."""
    missing = [tool for tool in ("pulseaudio", "pactl", "paplay") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"a virtual microphone needs {', '.join(missing)} (apt: pulseaudio pulseaudio-utils)")


class VirtualMicrophone:
    """`with VirtualMicrophone() as mic: mic.play(Path("voice.wav"))`."""

    def __init__(self, *, name: str = "virtual microphone", rate_hz: int = 16_000, channels: int = 1) -> None:
        self.environment: dict[str, str] = {}
        self._settings = {"name": name, "rate": rate_hz, "channels": channels}
        self._folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> VirtualMicrophone:  # noqa: PYI034  (typing.Self needs Python 3.11)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def start(self, *, settle_s: float = _SETTLE_S) -> None:
        """Start the server; again after `stop`, under the same environment: the microphone is plugged in again.

        Sooner than after `settle_s` it may lose the beginning of what is played.
        """
        if self._folder is None:
            self._folder = self._prepare()
        shutil.rmtree(self._folder / "run", ignore_errors=True)
        (self._folder / "run").mkdir(mode=0o700)
        command = ["pulseaudio", "-n", "-F", str(self._folder / "pulse.pa"), "--daemonize=no", "--exit-idle-time=-1"]
        command += ["--use-pid-file=no", "--system=no", f"--log-target=file:{self._folder / 'pulse.log'}"]
        self._server = subprocess.Popen(
            command, env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(100):
            if self._pactl("info").returncode == 0:
                break
            time.sleep(0.1)
        else:
            self.stop()
            raise RuntimeError("PulseAudio did not start: see its log")
        time.sleep(settle_s)

    def stop(self) -> None:
        """The microphone is pulled out."""
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(signal.SIGCONT)
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def stall(self) -> None:
        """The server stands still; the connection stays."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """And goes on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def play(self, sound: Path, *, wait: bool = True) -> subprocess.Popen[bytes]:
        """Speak a sound file into the microphone."""
        player = subprocess.Popen(["paplay", str(sound)], env={**os.environ, **self.environment})
        if wait:
            player.wait()
        return player

    def control(self, *arguments: str) -> str:
        """What `pactl` answers. Raises RuntimeError when it refuses."""
        done = self._pactl(*arguments)
        if done.returncode:
            raise RuntimeError(f"pactl {' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout.decode()

    def _prepare(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="virtual-mic-"))
        (folder / "state").mkdir()
        (folder / "pulse.pa").write_text(_PULSE.format(folder=folder, **self._settings))
        (folder / "asound.conf").write_text(_ALSA.format(**self._settings))
        self.environment = {
            "PULSE_RUNTIME_PATH": str(folder / "run"),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_SERVER": f"unix:{folder}/run/native",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        return folder

    def _pactl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, **self.environment}
        return subprocess.run(["pactl", *arguments], env=environment, capture_output=True, check=False, timeout=10)


@contextmanager
def plugged_in_microphone() -> Iterator[VirtualMicrophone]:
    """One under this process's own environment, too; skips the test, by name, where there is no PulseAudio."""
    needs_virtual_microphone()
    with pytest.MonkeyPatch.context() as patch, VirtualMicrophone() as microphone:
        for name, value in microphone.environment.items():
            patch.setenv(name, value)
        yield microphone


def listen(source: AudioSource, seconds: float) -> list[Chunk]:
    """All chunks of so long a time."""
    chunks, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        chunk = source.read(0.5)
        if chunk is not None:
            chunks.append(chunk)
    return chunks


@contextmanager
def lying_microphone(
    server: VirtualMicrophone, *, real_hz: int, told_hz: int, tone_hz: float = 440.0
) -> Iterator[None]:
    """Another default source of the server: a tone at `real_hz` samples a second that the server takes for `told_hz`.

    While the block lasts; afterwards the default is the first one again.
    """
    pipe = f"{server.environment['PULSE_RUNTIME_PATH']}/pipe"
    settings = (f"file={pipe}", f"rate={told_hz}", "format=s16le", "channels=1", "source_name=liar")
    module = server.control("load-module", "module-pipe-source", *settings).strip()
    done = threading.Event()
    player = threading.Thread(target=_play_tone, args=(Path(pipe), real_hz, done))
    player.start()
    server.control("set-default-source", "liar")
    try:
        yield
    finally:
        done.set()
        player.join()
        server.control("set-default-source", "mic")
        server.control("unload-module", module)


def _play_tone(pipe: Path, rate_hz: int, done: threading.Event) -> None:
    began_s, played = time.monotonic(), 0
    with pipe.open("wb", buffering=0) as sink:
        while not done.wait(0.01):
            due = int((time.monotonic() - began_s) * rate_hz)
            turns = np.arange(played, due) * (440.0 / rate_hz)
            sink.write(np.round(8000 * np.sin(2 * np.pi * turns)).astype(np.int16).tobytes())
            played = due
