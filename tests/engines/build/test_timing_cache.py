"""What lies beside the plans reaches the compiler only when it is ours and whole. The compiler's side is played."""

import os

import pytest

from edge.infer.plan_key import PlanTarget
from engines.build.timing_cache import TimingCache

TARGET = PlanTarget("tensorrt", "10.3.0", "87", "Orin", "36.4.3")


class Cache:
    def __init__(self, data):
        self.data = data

    def serialize(self):
        return memoryview(self.data)


class Config:
    """TensorRT's, as far as the cache goes: `lent` is what it was given, `refuses` what it does not take."""

    def __init__(self, refuses=()):
        self.refuses = refuses
        self.lent = None

    def create_timing_cache(self, data):
        return Cache(bytes(data))

    def set_timing_cache(self, cache, ignore_mismatch):
        assert ignore_mismatch is False
        if cache.data in self.refuses:
            return False
        self.lent = cache
        return True

    def get_timing_cache(self):
        return self.lent


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "engines"
    folder.mkdir(mode=0o700)
    return folder


def lent(folder, target=TARGET, **config):
    config = Config(**config)
    TimingCache(folder, target).lend(config)
    return config.lent.data


def kept(folder, data=b"times"):
    config = Config()
    config.lent = Cache(data)
    TimingCache(folder, TARGET).keep(config)
    return folder / TARGET.timing_file


def test_the_next_build_gets_what_the_last_one_found_out(folder):
    assert lent(folder) == b""
    kept(folder)
    assert lent(folder) == b"times"


def test_another_version_or_gpu_has_its_own(folder):
    kept(folder)
    for other in (("10.7.0", "87"), ("10.3.0", "86")):
        assert lent(folder, PlanTarget("tensorrt", *other, "Orin", "36.4.3")) == b""


def spoil(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-2])


def empty(path):
    path.write_bytes(b"")


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def open_to_all(path):
    path.chmod(0o666)


def fifo(path):
    path.unlink()
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("harm", [spoil, cut, empty, link, open_to_all, fifo])
def test_what_is_damaged_or_foreign_never_reaches_the_compiler(folder, harm):
    harm(kept(folder))
    assert lent(folder) == b""


def test_what_the_compiler_does_not_take_is_replaced_by_a_new_one(folder):
    kept(folder)
    assert lent(folder, refuses=(b"times",)) == b""


def test_a_folder_that_cannot_be_written_stops_no_build(tmp_path):
    kept(tmp_path / "nowhere")
    assert lent(tmp_path / "nowhere") == b""
