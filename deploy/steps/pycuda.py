"""pycuda, compiled against the CUDA of this device: it has no wheels."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.pip import CACHE, Pip
from deploy.releases import Releases
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.release import wanted_release
from deploy.system_python import system_python
from deploy.wheel_folder import wheels_inside
from edge.board import board

PYCUDA = "pycuda>=2024.1"
"""As in the package's extra `jetson`, whose TensorRT is apt's on a Jetson."""
_CUDA = Path("/usr/local/cuda")


class PycudaStep:
    """Only where there is an NVIDIA GPU. Without pycuda ONNX Runtime serves: a failure is told, and ends nothing."""

    name = "pycuda"

    def plan(self, site: Site) -> list[str]:
        """What would be compiled."""
        if not board(site.host.root).has_nvidia_gpu or _is_there(site):
            return []
        cuda = _cuda(site)
        return [f"compile {PYCUDA} against {cuda}, into the release"] if cuda else []

    def run(self, site: Site) -> None:
        """Compile it into the release; what stands in the way is told as a warning."""
        if not board(site.host.root).has_nvidia_gpu or _is_there(site):
            return
        cuda = _cuda(site)
        if cuda is None:
            site.warn(
                "pycuda is not compiled, there is no nvcc in /usr/local/cuda*/bin: ONNX Runtime computes on "
                "the processor until you install the toolkit (on a Jetson: sudo apt-get install nvidia-jetpack) and "
                "run the same command again."
            )
            return
        site.progress(0.0, f"compiling pycuda against {cuda}: minutes")
        release = Releases(site.host).folder(wanted_release(site))
        python = system_python(site.host)
        pip = Pip(site.host, release, wheels_inside(site), python.constraints if python else ())
        paths = f"{cuda}/bin:{release}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        try:
            pip.install(PYCUDA, {"CUDA_ROOT": str(cuda), "PATH": paths})
        except DeployError as error:
            site.warn(f"{error} Until then ONNX Runtime computes on the processor.")
        finally:
            shutil.rmtree(site.host.path(CACHE), ignore_errors=True)

    def undo(self, site: Site) -> list[str]:  # noqa: ARG002
        """It goes with its release."""
        return []


def _is_there(site: Site) -> bool:
    release = site.host.path(Releases(site.host).folder(wanted_release(site)))
    return any(release.glob("lib/python3.*/site-packages/pycuda-*.dist-info"))


def _cuda(site: Site) -> Path | None:
    """The folder of CUDA's toolkit that has a compiler."""
    parent = site.host.path(_CUDA.parent)
    folders = [parent / _CUDA.name, *sorted(parent.glob("cuda-*"), reverse=True)]
    return next((_CUDA.parent / folder.name for folder in folders if (folder / "bin" / "nvcc").exists()), None)
