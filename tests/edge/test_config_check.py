from __future__ import annotations

from edge.cli import main


def test_the_command_checks_the_file_that_the_variable_names(monkeypatch, capsys):
    monkeypatch.setenv("EDGE_EMOTION_CONFIG", "/absent/config.toml")
    assert main(["config", "check"]) == 78
    assert "/absent/config.toml" in capsys.readouterr().err


def test_the_command_checks_the_file_that_is_named_either_way(tmp_path, capsys):
    file = tmp_path / "config.toml"
    file.write_text("camra = 5", encoding="utf-8")
    path = str(file)
    for words in (["config", "check", path], ["config", "check", "--config", path]):
        assert main(words) == 78
        assert "camra" in capsys.readouterr().err
