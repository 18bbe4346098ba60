import numpy as np
import pytest

from engines.datasets.check import Checker, check_picture, check_sound
from engines.datasets.item import Item
from engines.datasets.store import BadFile, Store
from tests.clips import tone, write_clip
from tests.engines.datasets.files import RATE_HZ, picture, write_film


def film(path, **stretch):
    return Item(path, "film", "ravdess", "01", "happy", "train", "free", **stretch)


def checked(folder, item):
    with Store(folder) as store:
        return Checker(store).check(item)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(0), "is empty"),
        (np.zeros(RATE_HZ), "is silent"),
        (np.full(RATE_HZ, 0.25), "is silent"),
        (tone(0.1, RATE_HZ), "lasts 0.10 s"),
        (np.append(tone(1, RATE_HZ), np.nan), "no numbers"),
        (np.append(tone(1, RATE_HZ), np.inf), "no numbers"),
    ],
)
def test_a_sound_in_which_nothing_can_be_heard_is_refused(samples, said):
    with pytest.raises(BadFile, match=said):
        check_sound(np.asarray(samples, np.float32))


def test_a_very_quiet_sound_is_taken():
    check_sound(tone(0.5, RATE_HZ, level=0.0003))


def test_a_blank_or_tiny_picture_is_refused():
    check_picture(picture(1))
    with pytest.raises(BadFile, match="blank"):
        check_picture(np.full((48, 48), 128, np.uint8))
    with pytest.raises(BadFile, match="8 × 48 pixels"):
        check_picture(picture(1)[:, :8])


def test_a_whole_film_tells_its_delay_and_its_faces(tmp_path):
    write_film(tmp_path / "a.mp4", video_delay_s=0.04)
    item = checked(tmp_path, film("a.mp4"))
    assert item.audio_delay_s == pytest.approx(-0.04, abs=0.002)
    assert item.face_share == 0.0


def test_films_without_picture_or_sound_are_refused(tmp_path):
    write_film(tmp_path / "mute.mp4", with_sound=False)
    write_clip(tmp_path / "silent.mp4", seconds=1, fps=25, sound=np.zeros(RATE_HZ, np.float32), rate_hz=RATE_HZ)
    with pytest.raises(BadFile, match="It has no sound"):
        checked(tmp_path, film("mute.mp4"))
    with pytest.raises(BadFile, match="silent from beginning to end"):
        checked(tmp_path, film("silent.mp4"))


@pytest.mark.parametrize("kept", [0.3, 0.7])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".flv"])
def test_a_film_that_breaks_off_is_refused(tmp_path, suffix, kept):
    sound = np.random.default_rng(1).uniform(-0.3, 0.3, 6 * 44_100).astype(np.float32)
    codecs = {"codec": "flv", "sound_codec": "aac"} if suffix == ".flv" else {}
    whole = write_clip(
        tmp_path / f"whole{suffix}", seconds=6, fps=25, size=(160, 120), sound=sound, rate_hz=44_100, **codecs
    )
    checked(tmp_path, film(whole.name))
    content = whole.read_bytes()
    (tmp_path / f"half{suffix}").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BadFile, match=r"breaks off|cannot read it"):
        checked(tmp_path, film(f"half{suffix}"))


def test_a_stretch_beyond_the_films_end_is_refused(tmp_path):
    write_film(tmp_path / "a.mp4")
    with Store(tmp_path) as store:
        checker = Checker(store)
        assert checker.check(film("a.mp4", start_s=0.1, end_s=0.9)).end_s == 0.9
        with pytest.raises(BadFile, match=r"The film ends at 1.0 s, before 7.0 s"):
            checker.check(film("a.mp4", start_s=5.0, end_s=7.0))
