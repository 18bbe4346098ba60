"""The device has neither torch nor onnx nor tqdm."""

import subprocess
import sys

_CODE = """
import importlib, pkgutil, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "onnx", "onnxscript", "onnxconverter_common", "tqdm", "torch_tensorrt"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import engines.build, engines.cli
for module in pkgutil.iter_modules(engines.build.__path__):
    if module.name != "torch_path":
        importlib.import_module(f"engines.build.{module.name}")
sys.exit(engines.cli.main(sys.argv[1:]))
"""


def bare(*words):
    return subprocess.run([sys.executable, "-c", _CODE, *words], capture_output=True, text=True, timeout=60)


def test_all_of_the_build_imports_and_prints_its_command_lines():
    done = bare("build", "--trtexec", "--faces", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("trtexec --onnx=") == 2


def test_a_bar_without_tqdm_is_one_sentence():
    done = bare("build", "--backend", "rtx", "--progress", "bar", "--out", "nowhere")
    assert done.returncode in {64, 69}  # 69: TensorRT for RTX is not installed
    assert done.stderr.count("\n") == 1
    assert "tqdm" in done.stderr or "tensorrt_rtx" in done.stderr
