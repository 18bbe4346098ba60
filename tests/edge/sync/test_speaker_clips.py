"""Whose voice it is, on real talking faces."""

import numpy as np
import pytest

from engines.archives import AV
from engines.faces import find_detector
from tests.speaker_bench.figures import judged
from tests.speaker_bench.scene import scenes
from tests.speaker_bench.talk import people_of
from tests.sync_bench.clips import by_subject, unpacked
from tests.sync_bench.sights import Sights


@pytest.fixture(scope="module")
def found(shared_data, tmp_path_factory):
    """What was decided in each kind of scene, by three people with at most two clips each."""
    archive = shared_data / AV
    if not archive.is_file():
        pytest.skip(f"no {AV} in {shared_data}")
    with unpacked(archive) as clips:
        few = [clip for own in list(by_subject(clips).values())[:3] for clip in own[:2]]
        people = people_of(few, Sights(archive, tmp_path_factory.mktemp("sights"), find_detector(shared_data)))
    by_kind = {}
    for scene in scenes(people, np.random.default_rng(0), 1):
        by_kind.setdefault(scene.kind, []).append(judged(scene))
    return by_kind


def right(runs):
    return np.mean([run.right for run in runs])


def test_the_one_who_speaks_owns_the_voice_whatever_the_other_one_does(found):
    for kind in ("one face, its own voice", "two, the other a photograph", "two, the other listens"):
        assert right(found[kind]) > 0.9
    assert right(found["two, the other talks unheard"]) > 0.85


def test_a_listener_does_not_own_a_voice_from_off_screen(found):
    assert np.mean([run.wrong for run in found["off-screen, one listens"]]) < 0.1


def test_turns_are_followed_within_a_second_and_a_half_of_speech(found):
    assert np.median([delay for run in found["two in turns of 4 s"] for delay in run.switches_s]) < 1.5
