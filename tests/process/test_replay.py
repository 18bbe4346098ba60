"""The real daemon on files: pace, end, and what it says of real people talking."""

from __future__ import annotations

import zipfile

import pytest

from tests.broker import free_port
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)

CLIPS = ["ravdess_01-01-03-01-01-02-05.mp4", "cremad_1001_DFA_HAP_XX.mp4", "grid_bbaf2n.mp4"]


def test_a_file_ends_the_run_after_its_last_window(clips, emotion_schema):
    path = clips.normal()
    done = run("--camera", path, "--mic", path, "--broker", "none", "--json", "--duration", 30)
    assert done.code == 0, done.err
    results = done.results
    assert 9 <= len(results) <= 12, "two seconds are ten windows"
    assert [result["seq"] for result in results] == list(range(results[0]["seq"], results[0]["seq"] + len(results)))
    steps = {round((b["t_ns"] - a["t_ns"]) / 1e6) for a, b in zip(results, results[1:], strict=False)}
    assert steps == {200}
    for result in results:
        emotion_schema.validate(result)


def test_loop_goes_on_past_the_end_until_the_duration(clips):
    path = clips.normal()
    done = run("--camera", path, "--mic", path, "--loop", "--broker", "none", "--json", "--duration", 6)
    assert done.code == 0
    assert len(done.results) >= 22


def test_standard_output_carries_json_and_nothing_else_and_a_closed_pipe_ends_the_run(clips):
    words = ["--camera", clips.normal(), "--mic", "none", "--loop", "--broker", "none", "--json"]
    with Running(*words) as running:
        running.wait_for_results(2)
        running.child.stdout.close()
        done = running.finish(20)
    assert done.code == 0, done.err
    done.assert_no_traceback()


def test_whoever_reads_the_lines_sees_that_the_broker_is_away(clips):
    words = ["--camera", clips.normal(), "--mic", "none", "--loop", "--duration", 4]
    done = run(*words, "--broker", f"mqtt://127.0.0.1:{free_port()}")
    assert done.code == 0, done.err
    assert "broker unreachable" in done.out.splitlines()[-1]


@pytest.mark.parametrize("name", CLIPS)
def test_real_people_are_seen_and_heard(shared_data, tmp_path, emotion_schema, name):
    with zipfile.ZipFile(shared_data / "av_dev.zip") as archive:
        path = archive.extract(f"clips/{name}", tmp_path)
    done = run("--camera", path, "--mic", path, "--broker", "none", "--json", "--duration", 10)
    assert done.code == 0, done.err
    done.assert_no_traceback()
    results = done.results
    for result in results:
        emotion_schema.validate(result)
    seen = [result for result in results if result["faces"]]
    assert len(seen) >= 0.8 * len(results)
    assert {face["track"] for result in seen for face in result["faces"]} == {1}
    assert any(result["voice"]["present"] for result in results)
    assert any(face["speaking"] for result in seen for face in result["faces"])
