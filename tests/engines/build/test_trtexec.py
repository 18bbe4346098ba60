"""trtexec's own words for the same build."""

import shlex

from edge.infer.card import MODELS_FOLDER
from engines.cli import main


def words(capsys, *more):
    assert main(["build", "--trtexec", "--out", "plans of mine", *more]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return [shlex.split(line) for line in said.out.splitlines()]


def test_the_command_lines_hold_what_our_builder_is_told(capsys):
    face, head = words(capsys, "--precision", "fp32", "--workspace-mb", "512", "--faces", "2")
    assert face == [
        "trtexec",
        f"--onnx={MODELS_FOLDER / 'student_face.onnx'}",
        "--stronglyTyped",
        "--saveEngine=plans of mine/student_face-fp32.plan",
        "--memPoolSize=workspace:512",
        "--minShapes=crops:1x1x128x128",
        "--optShapes=crops:1x1x128x128",
        "--maxShapes=crops:2x1x128x128",
        "--noTF32",
    ]
    assert "--maxShapes=embeddings:7x15x96,video_mask:7x15,sound:7x100x120,sound_mask:7x100" in head


def test_each_precision_is_a_file_of_its_own(capsys):
    for precision in ("fp16", "int8"):
        for line in words(capsys, "--precision", precision):
            assert f".{precision}.onnx" in line[1]
            assert "--noTF32" not in line
            assert not any(word.startswith(("--fp16", "--int8")) for word in line)
