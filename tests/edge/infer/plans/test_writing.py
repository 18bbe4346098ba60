"""The old plan, the new one, or none: whatever happens to who writes it."""

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.infer.engine import EngineError
from edge.infer.plan_folder import PlanFolder
from edge.infer.plan_key import PlanKey
from edge.infer.plan_store import Plan, PlanMissingError, PlanStore, plans_folder
from tests.edge.infer.plans.shelf import FACTS, KEY, TENSORS, Shelf, plan

ROOT = Path(__file__).parents[4]


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def lines(command, folder):
    """What writers.py prints, in words."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.edge.infer.plans.writers", command, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_a_writer_killed_at_any_moment_leaves_the_old_plan_the_new_one_or_none(tmp_path):
    told = lines("crash", tmp_path / "engines")
    assert {outcome for *_, outcome in told} <= {"o", "n", "PlanRejectedError", "PlanMissingError"}
    by_call = [(state, outcome) for kind, _, state, outcome in told if kind == "call"]
    assert by_call[-1] == ("done", "n")
    killed = [outcome for state, outcome in by_call if state == "killed"]
    assert len(killed) >= 8
    assert killed[0] == "o"
    assert killed[-1] == "n"
    # The moment between the two renames, and no other, leaves none.
    assert killed.count("PlanRejectedError") == 1
    assert sum(kind == "time" for kind, *_ in told) == 40


def test_the_manifest_comes_last(shelf, monkeypatch):
    placed = []
    rename = os.rename

    def told(source, target, **named):
        placed.append(target)
        rename(source, target, **named)

    monkeypatch.setattr(os, "rename", told)
    shelf.store.save(shelf.good, FACTS)
    assert placed == [shelf.plan.name, shelf.manifest.name]


def test_writers_that_meet_do_no_harm(tmp_path):
    folder = tmp_path / "engines"
    told = lines("meet", folder)
    assert [status for kind, status in told if kind == "writer"] == ["0"] * 3
    assert {outcome for kind, outcome in told if kind == "read"} <= set("abc")
    assert len(list(folder.iterdir())) == 2


def test_the_folder_is_ours_alone_and_the_files_too(tmp_path):
    path = Shelf(tmp_path / "a" / "b").plan
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert {file.suffix for file in path.parent.iterdir()} == {".plan", ".json"}


def test_a_folder_of_before_keeps_its_mode(tmp_path):
    (tmp_path / "engines").mkdir(mode=0o755)
    shelf = Shelf(tmp_path)
    shelf.offer()
    assert stat.S_IMODE(shelf.store.folder.stat().st_mode) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works for others")
def test_what_root_builds_is_the_services(tmp_path):
    os.chown(tmp_path, 4242, 4243)
    shelf = Shelf(tmp_path)
    for path in (shelf.store.folder, shelf.plan, shelf.manifest):
        assert (path.stat().st_uid, path.stat().st_gid) == (4242, 4243)


def test_leftovers_of_killed_writers_go_when_they_are_old(shelf):
    old, young, theirs = (shelf.store.folder / name for name in (".draft-old", ".draft-young", "notes.txt"))
    for path in (old, young, theirs):
        path.write_bytes(b"x")
    long_ago = time.time() - 7200.0
    os.utime(old, (long_ago, long_ago))
    os.utime(theirs, (long_ago, long_ago))
    shelf.store.save(shelf.good, FACTS)
    assert not old.exists()
    assert young.exists()
    assert theirs.exists()


def test_a_disk_that_fills_loses_nothing(shelf):
    """A limit on the size of files stands for a full disk: the same calls fail."""
    code = (
        "import pathlib, resource, sys\n"
        "from edge.infer.plan_store import EngineError, Plan, PlanStore\n"
        "from tests.edge.infer.plans.shelf import KEY, TENSORS\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
        "try:\n"
        "    plan = Plan(KEY, b'n' * int(sys.argv[3]), TENSORS)\n"
        "    PlanStore(pathlib.Path(sys.argv[1])).save(plan, {'why': 'w' * 9000})\n"
        "except EngineError as error:\n"
        "    print(error)\n"
    )
    for limit, size in ((4096, 100_000), (4096, 100)):  # the plan does not fit, the manifest does not
        command = [sys.executable, "-c", code, str(shelf.store.folder), str(limit), str(size)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert "takes no plans (File too large): " in said.stdout, said.stderr
        shelf.offer()
        assert len(list(shelf.store.folder.iterdir())) == 2
    assert shelf.offered == [shelf.good.data] * 2


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "make room there"), (errno.EROFS, "make its disk writable")]
)
def test_what_the_disk_lacks_is_named(shelf, monkeypatch, number, remedy):
    def fails(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    for act in (lambda: shelf.store.save(plan(KEY, 999), FACTS), shelf.store.prepare):
        with pytest.raises(EngineError, match=f"takes no plans .{os.strerror(number)}.: {remedy}") as error:
            act()
        assert str(error.value).endswith(".")
    monkeypatch.undo()
    shelf.offer()
    assert shelf.offered == [shelf.good.data]
    assert len(list(shelf.store.folder.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_told_before_the_build(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "engines"):
        with pytest.raises(EngineError, match="takes no plans"):
            PlanStore(path).prepare()


def test_a_folder_that_others_may_write_takes_no_plans(shelf):
    shelf.store.folder.chmod(0o777)
    for act in (lambda: shelf.store.save(shelf.good, FACTS), shelf.store.prepare):
        with pytest.raises(EngineError, match=r"can be written by others \(mode 0777\)"):
            act()


def test_prepare_leaves_nothing_but_the_folder(tmp_path):
    store = PlanStore(tmp_path / "engines")
    store.prepare()
    store.prepare()
    assert list(store.folder.iterdir()) == []
    with pytest.raises(PlanMissingError, match=r"There is no .*: it is built\."):
        store.load(KEY)


def test_who_holds_the_lock_holds_nobody_up_for_long(shelf, monkeypatch):
    monkeypatch.setattr("edge.infer.plan_folder.LOCK_S", 0.1)
    with PlanFolder.opened(shelf.store.folder) as folder, folder.locked():
        shelf.offer()
        shelf.store.save(shelf.good, FACTS)
    assert shelf.offered == [shelf.good.data]


@pytest.mark.parametrize(
    "facts", [{"mean": float("nan")}, {"when": time.gmtime}, {"long": "x" * 70000}, {1: "a", "1": "b"}]
)
def test_facts_that_no_manifest_can_hold_are_refused_and_the_old_plan_stays(shelf, facts):
    with pytest.raises(EngineError, match="its manifest is none"):
        shelf.store.save(plan(KEY, 999), facts)
    shelf.offer()
    assert shelf.offered == [shelf.good.data]


@pytest.mark.parametrize("change", [{"data": b""}, {"tensors": {}}, {"tensors": {str(n): "x" for n in range(40)}}])
def test_a_plan_that_could_not_be_loaded_again_is_not_kept(shelf, change):
    parts = {"key": KEY, "data": b"x", "tensors": TENSORS, **change}
    with pytest.raises(EngineError, match="its manifest is none"):
        shelf.store.save(Plan(**parts), {})


@pytest.mark.parametrize("name", ["../face", "", "FACE", "face\n", "a/b", "ﬁ", "x" * 17])
def test_no_key_leads_out_of_the_folder(name):
    for part in ("graph", "precision"):
        with pytest.raises(EngineError, match="small letters"):
            PlanKey(
                **{"model_sha256": "", "target": KEY.target, "shapes": "", "graph": "a", "precision": "b", part: name}
            )


def test_a_key_survives_its_fields():
    assert PlanKey.of_fields(KEY.fields) == KEY
    for part in KEY.fields:
        for value in (None, 1.0, True, []):
            with pytest.raises(ValueError, match="key"):
                PlanKey.of_fields({**KEY.fields, part: value})


def test_the_plans_lie_in_the_state_folder():
    assert plans_folder({"STATE_DIRECTORY": "/var/lib/edge-emotion"}) == Path("/var/lib/edge-emotion/engines")
