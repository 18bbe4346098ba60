"""`edge-engines list` and `prune`: what is there, what would be used here, and what can go."""

import json
import os
import time
from dataclasses import replace

import pytest

from edge.infer.card import load_card
from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan, PlanStore
from edge.infer.student_plan import student_plan_key
from engines.cli import main

ALONE, LONE = "student_face-fp32-0123456789abcde0.plan", "student_face-fp32-0123456789abcde1.json"
OLD_TIMING = "timing-0123456789abcdef.cache"
ORIN = PlanTarget(backend="tensorrt", version="10.3.0", sm="87", device="Orin", l4t="36.4.3")
FACTS = {"built": "2026-11-23T01:02:03Z", "parity": {"max": 0.0018, "agreement": 0.998, "measured": "on Orin"}}


class Backend:
    """A GPU that is there, or not."""

    def __init__(self, target):
        self._target = target

    def target(self):
        if self._target is None:
            raise EngineError("There is no GPU here.")
        return self._target


class Bench:
    """A folder of plans, and the commands on it."""

    def __init__(self, folder, monkeypatch, capsys):
        self.store = PlanStore(folder)
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.gpu(ORIN)

    def gpu(self, target):
        self._monkeypatch.setattr("engines.plans.here.CudaBackend", lambda l4t: Backend(target))

    def key(self, graph="face", **other):
        return replace(student_plan_key(load_card(), graph, "fp32", ORIN), **other)

    def save(self, key):
        return self.store.save(Plan(key, key.digest.encode() * 20, {"crops": "crops"}), FACTS)

    def run(self, *line):
        assert main([*line, "--out", str(self.store.folder)]) == 0
        return self._capsys.readouterr().out

    def json(self, *line):
        return json.loads(self.run(*line, "--json"))

    def names(self):
        return {path.name for path in self.store.folder.iterdir()}


@pytest.fixture
def bench(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EDGE_EMOTION_TENSORRT__PRECISION", "fp32")
    return Bench(tmp_path / "engines", monkeypatch, capsys)


def others():
    """Keys that can never be used on the Orin again: part in people's words -> what differs."""
    return {
        "model": {"model_sha256": "0" * 64},
        "TensorRT": {"target": replace(ORIN, version="10.7.0")},
        "SM": {"target": replace(ORIN, sm="72")},
        "device": {"target": replace(ORIN, device="Xavier")},
        "L4T": {"target": replace(ORIN, l4t="36.4.4")},
        "builder": {"builder": 0},
        "precision": {"precision": "fp8"},
    }


def test_list_tells_what_would_be_used_and_what_speaks_against_the_others(bench):
    for graph in ("face", "head"):
        bench.save(bench.key(graph))
    for change in others().values():
        bench.save(bench.key(**change))
    title, *rows = bench.run("list").splitlines()
    assert title.split("  ")[0] == "graph"
    used = [row.rsplit("  ", 1)[1] for row in rows]
    assert sorted(word for word in used if word == "yes") == ["yes", "yes"]
    assert {word for word in used if word != "yes"} == {
        *(f"no: {part}" for part in others() if part != "precision"),
        "no: precision (fp32 is set)",
    }
    face = next(row for row in rows if row.startswith("face") and row.endswith("yes"))
    told = ("fp32", "Orin", "87", "10.3.0", "36.4.3", "1-8 faces", "2026-11-23T01:02:03Z", "1.8e-03, 99.8%")
    assert all(word in face for word in told)
    assert bench.key().model_sha256[:8] in face
    assert any("1-25 rows" in row for row in rows)


def test_list_as_json_says_the_same(bench):
    path = bench.save(bench.key())
    bench.save(bench.key(**others()["L4T"]))
    told = bench.json("list")
    assert told["here"] == vars(ORIN)
    assert {one["used_here"]: one["differs"] for one in told["plans"]} == {True: [], False: ["L4T"]}
    one = next(one for one in told["plans"] if one["used_here"])
    assert one["facts"] == FACTS
    assert one["bytes"] == path.stat().st_size + path.with_suffix(".json").stat().st_size
    assert one["stem"] == path.stem


def test_the_precision_of_the_settings_decides(bench, monkeypatch):
    bench.save(bench.key())
    monkeypatch.setenv("EDGE_EMOTION_TENSORRT__PRECISION", "fp16")
    assert bench.run("list").splitlines()[1].endswith("no: precision (fp16 is set)")
    assert bench.json("prune")["removed"] == []


def test_without_a_gpu_here_is_unknown_and_said_once(bench):
    bench.save(bench.key())
    bench.save(bench.key("head"))
    bench.save(bench.key(**others()["model"]))
    bench.gpu(None)
    out = bench.run("list")
    assert out.count("There is no GPU here") == 1
    assert [row.rsplit("  ", 1)[1] for row in out.splitlines()[1:4]].count("unknown") == 2
    assert "no: model" in out
    told = bench.json("list")
    assert told["here"] is None
    assert told["here_unknown"] == "There is no GPU here"
    assert sorted(str(one["used_here"]) for one in told["plans"]) == ["False", "None", "None"]


def test_this_machine_is_asked_for_real(bench, monkeypatch):
    bench.save(bench.key())
    monkeypatch.undo()
    assert len(bench.json("list")["plans"]) == 1


def test_damaged_files_are_named_with_their_reason(bench):
    path = bench.save(bench.key())
    path.write_bytes(b"x")
    (path.parent / ALONE).write_bytes(b"x")
    (path.parent / LONE).write_bytes(b"x")
    misplaced = bench.save(bench.key("head"))
    for file in (misplaced, misplaced.with_suffix(".json")):
        file.rename(file.with_stem("student_head-fp32-0123456789abcdef"))
    out = bench.run("list")
    assert f"Rejected: The plan {path} has 1 bytes, " in out
    assert f"{ALONE} has no manifest beside it." in out
    assert f"{LONE} has no plan beside it." in out
    assert f"a name that is not its own, {misplaced.stem}." in out
    assert len(bench.json("list")["rejected"]) == 4


def test_no_folder_is_no_fault(bench):
    assert bench.run("list").startswith(f"No plans in {bench.store.folder}.")
    assert bench.json("list")["plans"] == []
    assert bench.json("prune")["removed"] == []
    assert not bench.store.folder.exists()


def test_prune_removes_what_can_never_be_used_again_and_nothing_else(bench):
    kept = [bench.save(bench.key()), bench.save(bench.key("head"))]
    kept.append(bench.save(bench.key(shapes='{"crops":[[1],[1],[4]]}')))  # somebody may wish for four faces again
    kept.append(bench.save(bench.key(target=replace(ORIN, backend="rtx", version="1.7", device="", sm="86"))))
    files = {file.name for path in kept for file in (path, path.with_suffix(".json"))}
    gone = {bench.save(bench.key(**change)).name: part for part, change in others().items()}
    for name in ("notes.txt", ORIN.timing_file, ".draft-young"):
        (bench.store.folder / name).write_bytes(b"x")
        files.add(name)
    for name in (ALONE, OLD_TIMING, ".draft-old"):
        (bench.store.folder / name).write_bytes(b"x")
    for name in ("student_photos.plan", "student_face-fp32-0123456789abcde2.plan"):  # folders are none of ours
        (bench.store.folder / name / "inner").mkdir(parents=True)
        files.add(name)
    for name in ("student_grades.json", "student_face-fp16.plan", "timing-mine.cache"):
        (bench.store.folder / name).write_bytes(b"x")
        files.add(name)
    long_ago = time.time() - 7200.0
    os.utime(bench.store.folder / ".draft-old", (long_ago, long_ago))
    before = bench.names()

    planned = bench.json("prune", "--dry-run")
    assert bench.names() == before
    assert planned["dry_run"] is True
    done = bench.json("prune")
    assert done["removed"] == planned["removed"]
    assert bench.names() == files
    why = {one["file"]: one["why"] for one in done["removed"]}
    assert {name: why[name] for name in gone} == {name: f"made for another {part}" for name, part in gone.items()}
    assert set(why) == before - files
    assert done["freed_bytes"] == sum(one["bytes"] for one in done["removed"]) > 0
    assert bench.json("prune")["removed"] == []


def test_prune_leaves_other_devices_where_no_gpu_answers(bench):
    for change in others().values():
        bench.save(bench.key(**change))
    (bench.store.folder / OLD_TIMING).write_bytes(b"x")
    bench.gpu(None)
    gone = bench.json("prune")["removed"]
    assert {one["why"].rsplit(" ", 1)[1] for one in gone} == {"model", "builder", "precision"}
    assert OLD_TIMING in bench.names()
    assert "Plans for other devices were left" in bench.run("prune")


def test_prune_all_removes_all_plans_but_nothing_that_is_not_ours(bench):
    bench.save(bench.key())
    (bench.store.folder / ORIN.timing_file).write_bytes(b"x")
    (bench.store.folder / "notes.txt").write_bytes(b"x")
    out = bench.run("prune", "--all")
    assert "Removed 3 files" in out
    assert bench.names() == {"notes.txt"}


def test_a_link_is_removed_and_not_what_it_leads_to(bench, tmp_path):
    path = bench.save(bench.key())
    target = tmp_path / "precious"
    path.rename(target)
    path.symlink_to(target)
    assert len(bench.json("prune")["removed"]) == 2
    assert target.exists()
    assert bench.names() == set()


def test_a_folder_that_others_may_write_is_not_looked_into(bench, capsys):
    bench.save(bench.key())
    bench.store.folder.chmod(0o777)
    for command in ("list", "prune"):
        assert main([command, "--out", str(bench.store.folder)]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "can be written by others (mode 0777)" in said
    assert len(bench.names()) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks after others' plans")
def test_root_sees_the_services_plans_as_the_service_does(bench, tmp_path):
    os.chown(tmp_path, 4242, 4242)
    path = bench.save(bench.key())
    assert path.stat().st_uid == 4242
    assert bench.run("list").splitlines()[1].endswith("yes")
    assert bench.json("prune")["removed"] == []
    os.chown(path, 4243, 4243)
    assert "belongs to user 4243" in bench.run("list")


@pytest.mark.parametrize("command", ["list", "prune"])
def test_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"edge-engines {command}" in capsys.readouterr().out.split("examples:")[1]


def test_a_folder_without_a_student_is_a_usage_error(bench, tmp_path, capsys):
    assert main(["list", "--model", str(tmp_path)]) == 64
    assert "--model" in capsys.readouterr().err
