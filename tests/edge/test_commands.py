from __future__ import annotations

import json

import pytest

from edge.cli import main
from edge.config import switch


@pytest.mark.parametrize("words", [["run", "--duration", "1e300"], ["bench", "--seconds", "1e300"]])
def test_a_time_beyond_all_measure_is_refused(words, capsys):
    assert main(words) == 64
    error = capsys.readouterr().err
    assert words[1] in error
    assert "1e+300" in error


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_benchmark_takes_some_time(seconds, capsys):
    assert main(["bench", "--seconds", seconds]) == 64
    assert "--seconds" in capsys.readouterr().err


@pytest.mark.parametrize("stream", ["video", "audio", "engine"])
def test_each_stream_detail_has_its_schema(stream, capsys):
    assert main(["schema", f"status/{stream}/detail"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"].endswith("status/detail")


def test_another_detail_has_none(capsys):
    assert main(["schema", "status/weather/detail"]) == 64
    assert "did you mean status/" in capsys.readouterr().err


@pytest.mark.parametrize(("user", "sudo"), [(0, False), (1000, True)])
def test_the_services_switch_is_pointed_out_as_the_user_can_use_it(tmp_path, monkeypatch, capsys, user, sudo):
    monkeypatch.setattr(switch, "SYSTEM_STATE", tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "own"))
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert main(["disable"]) == 0
    error = capsys.readouterr().err
    assert str(tmp_path / "enabled") in error
    assert ("sudo" in error) is sudo
