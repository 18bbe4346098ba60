"""What of the device bench needs no guest, and one boot of it where its disk has been made."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bench.row import Row
from tests.bench.table import table
from tests.conftest import REPOSITORY
from tests.device import host as hosts
from tests.device import recipe
from tests.device.accelerator import best
from tests.device.boots import WAKES_IN_1970, boots
from tests.device.guest import Guest
from tests.device.image import Image, debian_command, image
from tests.device.inside.ear import Heard
from tests.device.inside.fault import _is_marked, longest_pause_s
from tests.device.inside.trial import Trial
from tests.device.inside.trials import TRIALS
from tests.device.pip_settings import pip_conf
from tests.device.share import CODE, Share


def _row(_place):
    """Something nice."""


@pytest.fixture
def project(tmp_path):
    """A project of which only what a disk is made of is there."""
    root = tmp_path / "project"
    for name in recipe.SET_UP:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, root / name)
    return root


@pytest.fixture
def share(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.device.share._speech", lambda path: path.touch())
    (tmp_path / "share").mkdir()
    return Share(tmp_path / "share", REPOSITORY)


def test_a_disk_is_kept_until_what_it_is_made_of_changes(project):
    before = recipe.key(project)
    settings = project / "setup.cfg"
    settings.write_text(settings.read_text().replace("[importlinter]", "[importlinter]\nverbose = true"))
    assert recipe.key(project) == before, "lint has no part in a disk"
    settings.write_text(settings.read_text().replace("numpy>=1.26", "numpy>=1.27"))
    needs_more = recipe.key(project)
    (project / "deploy" / "setup.sh").write_text("exit 0\n")
    assert len({before, needs_more, recipe.key(project)}) == 3


def test_a_disk_that_is_there_is_not_made_again(project, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("tests.device.image._build", lambda _project, place, _tell: made.append(place))
    (tmp_path / "cache" / recipe.key(project)).mkdir(parents=True)
    assert image(project, print, tmp_path / "cache").folder.name == recipe.key(project)
    assert made == []


def test_an_older_disk_goes_when_a_new_one_is_there(project, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.device.image.PROGRAMS", ())
    monkeypatch.setattr("tests.device.image._build", lambda _project, place, _tell: (place / "made").mkdir())
    (tmp_path / "cache" / "0123456789ab").mkdir(parents=True)
    assert image(project, print, tmp_path / "cache").folder.is_dir()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [recipe.key(project)]


def test_a_program_that_is_missing_is_named(project, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.device.image.PROGRAMS", ("no-such-program",))
    with pytest.raises(Exception, match="needs no-such-program"):
        image(project, print, tmp_path / "cache")


def test_debian_comes_from_where_this_machine_has_its_own(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    assert recipe.mirrors(tmp_path) == []
    (tmp_path / "sources.list").write_text(
        "deb http://mirror.example/debian bookworm main contrib\n"
        "# deb http://mirror.example/debian bookworm-updates main\n"
        "deb [signed-by=/etc/x.gpg] http://other.example/tools stable main\n"
    )
    assert recipe.mirrors(tmp_path) == ["deb http://mirror.example/debian bookworm main contrib"]
    newer = tmp_path / "sources.list.d" / "debian.sources"
    newer.write_text("Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n")
    assert str(newer) not in recipe.mirrors(tmp_path)
    newer.write_text(newer.read_text().replace("trixie", "bookworm"))
    assert str(newer) in recipe.mirrors(tmp_path)


def test_the_disk_has_a_kernel_and_whom_the_rows_call():
    words = debian_command(Path("/larder"), Path("/root.tar"))
    packages = next(word for word in words if word.startswith("--include=")).partition("=")[2].split(",")
    assert {"linux-image-amd64", "systemd-sysv", "udev", "alsa-utils", "v4l-utils", "mosquitto"} <= set(packages)
    assert words.index("bookworm") < words.index("/root.tar")


def test_hardware_runs_the_guest_only_where_it_really_can(tmp_path):
    kvm, cpuinfo = tmp_path / "kvm", tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu vme svm sse\n")
    assert best(kvm, cpuinfo) == "tcg", "no device"
    kvm.touch()
    assert best(kvm, cpuinfo) == "kvm"
    cpuinfo.write_text("flags\t\t: fpu vme hypervisor\n")
    assert best(kvm, cpuinfo) == "tcg", "no instructions for it"


def test_the_guest_has_a_disk_a_share_and_no_network(tmp_path):
    def words(accelerator, rtc="utc"):
        guest = Guest(Image(tmp_path), tmp_path / "disk", tmp_path / "share", tmp_path / "log", accelerator, rtc)
        return " ".join(guest.command())

    translated = words("tcg", WAKES_IN_1970)
    assert "-nic none" in translated
    assert f"-kernel {tmp_path}/vmlinuz" in translated
    assert f"path={tmp_path}/share,mount_tag=bench" in translated
    assert "base=1970-" in translated
    assert "--pdeathsig KILL qemu-system" in translated, "it does not outlive the bench"
    assert "-accel kvm" in words("kvm")
    assert "-icount" in translated
    assert "-icount" not in words("kvm")


def test_rows_after_a_power_cut_have_a_boot_of_their_own():
    trials = {"a": Trial(_row), "b": Trial(_row, "cut", _row), "c": Trial(_row, "cut")}
    first, cut = boots(["a", "b", "c"], trials)
    assert (first.rows, first.before_cut, first.rtc) == (("a",), ("b",), "utc")
    assert (cut.rows, cut.before_cut, cut.rtc) == (("b", "c"), (), WAKES_IN_1970)
    assert [boot.rows for boot in boots(["a"], trials)] == [("a",)]
    assert [boot.rows for boot in boots(["c"], trials)] == [(), ("c",)], "the first boot installs the service"


def test_every_row_says_what_it_is():
    assert all(trial.run.__doc__ for trial in TRIALS.values())


def test_the_guest_gets_the_code_and_gives_rows(share):
    assert all((share.folder / "project" / name).is_dir() for name in CODE)
    assert not list(share.folder.rglob("__pycache__"))
    share.order("first", ["plain"])
    assert (share.folder / "order.json").is_file()
    assert share.rows() == []
    (share.folder / "rows.jsonl").write_text('{"key": "plain"}\n{"key": "hal')
    assert share.rows() == [{"key": "plain"}], "a line that is still being written waits"


class Machine:
    """In the place of QEMU: what `does` does to the share at a boot."""

    last_words = "Kernel panic"

    def __init__(self, does):
        self.runs = True
        self._does = does

    def __call__(self, _image, _disk, share, *_more):
        self._does(self, share)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.runs = False


def _run_with(does, names, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.device.share._speech", lambda path: path.touch())
    monkeypatch.setattr(hosts, "overlay", lambda _image, folder: folder / "disk")
    monkeypatch.setattr(hosts, "Guest", Machine(does))
    monkeypatch.setattr(hosts, "LOOK_S", 0.01)
    told = []
    rows = hosts.Host(Image(tmp_path), tmp_path, REPOSITORY, lambda _: None, told.append).run(names, "tcg")
    assert told == rows
    return rows


def test_rows_come_from_the_guest(tmp_path, monkeypatch):
    def measures(_machine, share):
        row = asdict(Row("made", "measured", "promised", True, key="plain"))
        (share / "rows.jsonl").write_text(json.dumps(row) + "\n")
        (share / "done").touch()

    (row,) = _run_with(measures, ["plain"], tmp_path, monkeypatch)
    assert "| plain | made | measured | promised | yes |" in table([row], "title", "device").markdown()


def test_a_row_that_the_guest_never_told_is_not_met(tmp_path, monkeypatch):
    def dies(machine, _share):
        machine.runs = False

    (row,) = _run_with(dies, ["plain"], tmp_path, monkeypatch)
    assert not row.met
    assert "the guest has ended: Kernel panic" in row.measured


def test_a_window_with_something_real_is_not_marked():
    def heard(share):
        return [Heard(1.0, "emotion", json.dumps({"sync": {"interpolated": {"video": share, "audio": 0.0}}}))]

    assert _is_marked(heard(1.0), "video")
    assert not _is_marked(heard(0.5), "video")
    assert not _is_marked(heard(1.0), "audio")
    assert not _is_marked([], "video"), "nothing was said at all"


def test_a_pip_elsewhere_gets_no_folder_of_this_machine(monkeypatch):
    listed = "global.index-url='https://pypi.example/simple'\n:env:.find-links='/srv/wheels'\n"
    monkeypatch.setattr("tests.device.pip_settings.subprocess.run", lambda *_, **__: SimpleNamespace(stdout=listed))
    assert pip_conf().split("\n")[:3] == ["[global]", "index-url = https://pypi.example/simple", ""]


@pytest.mark.skipif(not os.environ.get("EDGE_TESTS_IN_A_GUEST"), reason="boots a guest, for minutes: make device-bench")
def test_the_service_in_a_guest(tmp_path):
    guest = hosts.Host(image(REPOSITORY, print), tmp_path, REPOSITORY, print, print)
    assert all(row.met for row in guest.run(["plain"], best()))


def test_the_longest_pause_counts_both_ends():
    heard = [Heard(at, "emotion", "") for at in (1.0, 1.2, 4.0)]
    assert longest_pause_s(heard, 0.5, 4.5) == pytest.approx(2.8)
    assert longest_pause_s([], 1.0, 9.0) == 8.0
