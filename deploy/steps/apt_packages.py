"""What the package needs of the system: Python's headers, PortAudio, systemd's library, a broker."""

from __future__ import annotations

from deploy.apt import Apt
from deploy.host import CommandError
from deploy.no_daemons import no_daemons
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.broker import broker_is_wanted
from deploy.system_python import SYSTEM_PYTHON, opencv_of, system_python
from edge.board import board

# Names that differ between releases of Debian and Ubuntu are alternatives, the newer one first.
_ALWAYS = (
    "python3",
    "python3-venv",
    "python3-dev",
    "gcc",
    "pkg-config",
    "portaudio19-dev",
    "libsystemd-dev",
    "libgl1",
    "libglib2.0-0t64|libglib2.0-0",
)
_GPU = ("g++",)
_TENSORRT = "python3-libnvinfer"
_GSTREAMER_OPENCV = "libopencv-python|python3-opencv"
_BROKER = "mosquitto"


class AptPackagesStep:
    """Installs what is missing, without what is merely recommended."""

    name = "apt packages"

    def plan(self, site: Site) -> list[str]:
        """What would be installed. Raises DeployError where there is no apt to do it."""
        missing = _missing(site)
        _check_apt(site, missing)
        return [f"install from apt: {' '.join(_newest(names) for names in missing)}"] if missing else []

    def run(self, site: Site) -> None:
        """Install it. Raises DeployError; what apt had done by then stays, is in the receipt, and is not done again."""
        apt = Apt(site.host)
        missing = _missing(site)
        if not missing:
            return
        _check_apt(site, missing)
        site.progress(0.0, "asking for the lists of packages")
        try:
            apt.mend()
            is_fresh = apt.update()
            chosen = _choose(apt, missing, is_fresh)
        except CommandError as error:
            raise DeployError(f"apt does not work here: {error}") from error
        new = apt.would_install(chosen)
        site.receipt.add_packages(*new)
        try:
            with no_daemons(site.host):
                apt.install(chosen, _Progress(site, len(new)))
        finally:  # what did not come may come by somebody else, and is not ours then
            for name in set(new) - apt.installed():
                site.receipt.forget("packages", name)

    def undo(self, site: Site) -> list[str]:
        """Remove what came by `run`, but not what something else on the machine needs by now."""
        apt, ours = Apt(site.host), site.receipt.names("packages")
        if not ours or not apt.is_there:
            return []
        if site.wishes.keep_packages:
            return [f"packages of apt, as asked for: {' '.join(ours)}"]
        idle = apt.removable(ours)
        changed = {name: apt.changed_settings(name) for name in idle}
        with no_daemons(site.host):
            for with_settings in (True, False):
                names = [name for name in idle if bool(changed[name]) is not with_settings]
                if names:
                    apt.remove(names, with_settings)
        left = [f"{path}: it was changed since {name} came" for name in idle for path in changed[name]]
        still = sorted(apt.installed() & set(ours))
        return left + ([f"packages of apt that something else needs: {' '.join(still)}"] if still else [])


class _Progress:
    """apt's lines as a share of the whole: each package is fetched, unpacked and set up."""

    _STEPS = ("Get:", "Unpacking ", "Setting up ")

    def __init__(self, site: Site, packages: int) -> None:
        self._site = site
        self._whole = max(len(self._STEPS) * packages, 1)
        self._seen = 0

    def __call__(self, line: str) -> None:
        if line.startswith(self._STEPS):
            self._seen += 1
            self._site.progress(min(0.2 + 0.8 * self._seen / self._whole, 1.0), line.partition(" (")[0].strip()[:80])


def _wanted(site: Site) -> list[str]:
    facts = board(site.host.root)
    names = list(_ALWAYS)
    if facts.has_nvidia_gpu:
        names += _GPU
    if facts.is_jetson:
        python = system_python(site.host)
        names += [] if python and python.has_tensorrt else [_TENSORRT]
        names += [_GSTREAMER_OPENCV] if _lacks_gstreamer(site) else []
    if broker_is_wanted(site):
        names.append(_BROKER)
    return names


def _lacks_gstreamer(site: Site) -> bool:
    if not (site.wishes.camera or "").startswith("csi:"):
        return False
    opencv = opencv_of(site.host, SYSTEM_PYTHON)
    return opencv is None or not opencv.has_gstreamer


def _check_apt(site: Site, missing: list[str]) -> None:
    if missing and not Apt(site.host).is_there:
        names = " ".join(_newest(names) for names in missing)
        raise DeployError(f"This machine has no apt-get: install {names} by its own means, and run this again.")


def _missing(site: Site) -> list[str]:
    there = Apt(site.host).installed()
    return [names for names in _wanted(site) if not there & set(names.split("|"))]


def _choose(apt: Apt, missing: list[str], is_fresh: bool) -> list[str]:
    """One name of each list of alternatives, the first that apt knows. Raises DeployError where it knows none."""
    known = apt.known([name for names in missing for name in names.split("|")])
    chosen = [next((name for name in names.split("|") if name in known), "") for names in missing]
    if all(chosen):
        return chosen
    unknown = " ".join(names.replace("|", " or ") for names, name in zip(missing, chosen, strict=True) if not name)
    why = (
        "add the archive that has it to apt's sources" if is_fresh else "its lists cannot be fetched without a network"
    )
    raise DeployError(f"apt-get knows no package {unknown}: {why}; mend that and run the same command again.")


def _newest(names: str) -> str:
    return names.partition("|")[0]
