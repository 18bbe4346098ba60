"""Nothing reaches TensorRT but the very bytes that were saved under the key that is asked for."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.infer.plan_manifest import parse_manifest
from edge.infer.plan_store import PlanError, PlanMissingError, PlanRejectedError
from tests.edge.infer.plans.damages import damages
from tests.edge.infer.plans.shelf import FACTS, KEY, OTHERS, TENSORS, Shelf, disown

DAMAGES = damages()


@pytest.fixture(autouse=True, scope="module")
def _disk_that_is_not_waited_for():
    """Some thousand files: what a power cut would leave of them is no matter here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def refused(shelf, key=KEY):
    """The one sentence with which the plan is refused; the deserialiser has seen nothing."""
    shelf.offered.clear()
    with pytest.raises(PlanError) as error:
        shelf.offer(key)
    assert shelf.offered == []
    sentence = str(error.value)
    assert sentence.endswith((": it is built.", ": it is built again.", "with chmod and chown say."))
    assert sentence.count(". ") == 0
    assert sentence.isprintable()
    assert len(sentence) < 2000
    assert error.value.reason == sentence.rsplit(": ", 1)[0]
    return error.value


def test_a_good_plan_passes_bit_for_bit(shelf):
    shelf.offer()
    assert shelf.offered == [shelf.good.data]
    assert shelf.store.load(KEY) == shelf.good
    assert shelf.store.load(KEY).tensors == TENSORS


def test_there_are_more_than_200():
    assert len(DAMAGES) >= 200


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_or_foreign_plan_never_reaches_tensorrt_and_is_replaced(name, shelf):
    shelf.offer()
    DAMAGES[name](shelf)
    refused(shelf)
    shelf.store.save(shelf.good, FACTS)
    shelf.offer()
    assert shelf.offered == [shelf.good.data]


@pytest.mark.parametrize("file", ["plan", "manifest"])
def test_every_single_bit_counts(file, shelf):
    path = getattr(shelf, file)
    good = path.read_bytes()
    with path.open("r+b", buffering=0) as out:
        for place in range(len(good)):
            for bit in range(8):
                os.pwrite(out.fileno(), bytes([good[place] ^ 1 << bit]), place)
                with pytest.raises(PlanRejectedError):
                    shelf.offer()
            os.pwrite(out.fileno(), good[place : place + 1], place)
    assert shelf.offered == []
    shelf.offer()


@pytest.mark.parametrize("part", OTHERS)
def test_the_part_in_which_a_foreign_plan_differs_is_named(part, shelf):
    plan, manifest = shelf.other(part)
    shelf.plan.write_bytes(plan)
    shelf.manifest.write_bytes(manifest)
    error = refused(shelf)
    have, want = OTHERS[part].fields[part], KEY.fields[part]
    assert f"made for {part} {have!r:.70}, not {want!r:.70}: it is built again." in str(error)


def test_a_plan_of_another_key_is_not_found(shelf):
    for other in OTHERS.values():
        assert isinstance(refused(shelf, other), PlanMissingError)


@pytest.mark.parametrize("kind", ["a FIFO", "an empty folder", "a folder with files"])
@pytest.mark.parametrize("file", ["plan", "manifest"])
def test_what_is_no_file_is_told_so(file, kind, shelf):
    DAMAGES[f"{file} {kind}"](shelf)
    assert "is no ordinary file" in str(refused(shelf))


@pytest.mark.parametrize("file", ["plan", "manifest"])
def test_a_file_of_somebody_else_is_refused(file, shelf, monkeypatch):
    disown(getattr(shelf, file), monkeypatch)
    assert "belongs to user" in str(refused(shelf))


def test_a_folder_of_somebody_else_is_refused(shelf, monkeypatch):
    disown(shelf.store.folder, monkeypatch)
    assert "belongs to user" in str(refused(shelf))


def test_an_ordinary_user_trusts_root(shelf, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root can make files of root")
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    shelf.offer()
    assert shelf.offered == [shelf.good.data]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777, 0o720, 0o702])
def test_a_folder_that_others_may_write_is_refused(mode, shelf):
    shelf.store.folder.chmod(mode)
    assert "can be written by others" in str(refused(shelf))


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o500])
def test_a_folder_that_others_may_read_will_do(mode, shelf):
    shelf.store.folder.chmod(mode)
    shelf.offer()
    shelf.store.folder.chmod(0o700)


def test_a_link_in_the_folders_place_is_refused(shelf):
    folder = shelf.store.folder
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")
    assert "symbolic link" in str(refused(shelf))


def test_a_link_above_the_folder_will_do(shelf, tmp_path_factory):
    above = tmp_path_factory.mktemp("link") / "state"
    above.symlink_to(shelf.store.folder.parent)
    shelf.store.folder = above / "engines"
    shelf.offer()
    assert shelf.offered == [shelf.good.data]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.write_bytes(b""), lambda path: path.symlink_to("x")])
def test_something_else_in_the_folders_place_is_refused(make, tmp_path, shelf):
    folder = shelf.store.folder
    folder.rename(tmp_path / "elsewhere")
    make(folder)
    refused(shelf)


def test_a_plan_that_is_exchanged_after_it_was_checked_is_not_what_is_handed_over(shelf):
    plan = shelf.store.load(KEY)
    shelf.plan.write_bytes(b"exchanged")
    assert plan.data == shelf.good.data


@settings(max_examples=150)
@given(file=st.sampled_from(["plan", "manifest"]), start=st.integers(0, 1200), cut=st.integers(0, 64), put=st.binary())
def test_a_splice_anywhere_is_refused_unless_it_changes_nothing(tmp_path_factory, file, start, cut, put):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    path = getattr(shelf, file)
    good = path.read_bytes()
    changed = good[:start] + put + good[start + cut :]
    path.write_bytes(changed)
    if changed == good:
        shelf.offer()
    else:
        refused(shelf)


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_whatever_json_lies_there_is_no_manifest(tmp_path_factory, raw):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    shelf.forge({**shelf.raw(), "key": raw})
    refused(shelf)
    shelf.forge(raw)
    refused(shelf)


@given(st.binary(max_size=400))
def test_whatever_bytes_lie_there_are_told_in_words(data):
    with pytest.raises(ValueError, match=r"^(is|has|holds) ") as error:
        parse_manifest(data)
    assert str(error.value).isprintable()
