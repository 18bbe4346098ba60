import numpy as np
import pytest
from scipy.fft import dct

from edge.samples import FEATURE_SIZE, SoundFrames
from edge.sync.signals import (
    CHANNEL_COUNT,
    CHANNEL_WEIGHTS,
    DYNAMIC_DB,
    MEL_COUNT,
    MFCC_COUNT,
    SIGNAL_RATE_HZ,
    STEP_NS,
    VOICED_BANDS,
    mouth_channels,
    speech_at,
    voice_channels,
)
from tests.edge.sync.streams import MS, face

START_NS = 3_600_000_000_000
SPEED, OPENING, MOTION = range(CHANNEL_COUNT)
SLOPE, LEVEL, CHANGE = range(CHANNEL_COUNT)


def grid(seconds=3.0):
    return START_NS + STEP_NS * np.arange(round(seconds * SIGNAL_RATE_HZ), dtype=np.int64)


def syllables(t_s):
    """About four openings a second, of unlike size, 0 … 1."""
    return 0.5 + 0.3 * np.sin(2 * np.pi * 4.1 * t_s) + 0.2 * np.sin(2 * np.pi * 1.7 * t_s + 1)


def sights(t_ns, opening, motion=None, speed=None):
    """One face, seen at `t_ns` (m,)."""
    motion = np.full(len(t_ns), 0.1) if motion is None else motion
    speed = np.full(len(t_ns), np.nan) if speed is None else speed
    seen = []
    for t, gap, change, drop in zip(t_ns, opening, motion, speed, strict=True):
        sight = face(1, mouth=change, opening=gap)
        object.__setattr__(sight, "mouth_speed", drop)
        seen.append((int(t), sight))
    return seen


def talking_sights(rate_hz, lag_ms=0.0, seconds=4.0):
    """A mouth that says `syllables`, with motion and speed between each two pictures, as a camera gives them."""
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz - 0.5
    opening = syllables(t_s - lag_ms / 1000)
    drop = np.diff(opening, prepend=np.nan) * rate_hz
    t_ns = START_NS + np.round(t_s * 1e9).astype(np.int64)
    return sights(t_ns, opening, np.abs(drop) / 30, drop)


def run(level_db, voice=None, start_ns=START_NS):
    """Sound whose voiced bands have `level_db` (n,): frames every 10 ms."""
    n = len(level_db)
    mel_db = np.full((n, MEL_COUNT), -80.0)
    mel_db[:, VOICED_BANDS] = np.asarray(level_db)[:, None]
    features = np.zeros((n, FEATURE_SIZE), np.float32)
    features[:, :MFCC_COUNT] = dct(mel_db, type=2, norm="ortho", axis=1)[:, :MFCC_COUNT]
    voice = np.ones(n, np.float32) if voice is None else np.asarray(voice, np.float32)
    t_ns = start_ns + STEP_NS * np.arange(n, dtype=np.int64)
    return SoundFrames(int(t_ns[-1]), t_ns, features, np.full(n, -30, np.float32), voice, -60.0)


def talking_run(lag_ms=0.0, seconds=3.0):
    t_s = np.arange(round(seconds * SIGNAL_RATE_HZ)) / SIGNAL_RATE_HZ
    return run(-50 + 25 * syllables(t_s - lag_ms / 1000))


def lag_ms(mouth, voice):
    """Lag of the highest correlation of one pair; > 0: the voice comes later."""
    lags = range(-20, 21)
    middle = slice(30, len(mouth) - 30)
    heights = [np.corrcoef(mouth[middle], np.roll(voice, -lag)[middle])[0, 1] for lag in lags]
    return 10.0 * lags[int(np.argmax(heights))], max(heights)


@pytest.mark.parametrize("pair", range(CHANNEL_COUNT))
@pytest.mark.parametrize("rate_hz", [15, 25, 30])
def test_each_pair_moves_together_and_at_the_same_moment(pair, rate_hz):
    mouth = mouth_channels(talking_sights(rate_hz), grid())
    voice = voice_channels(talking_run(), grid())
    lag, height = lag_ms(mouth[:, pair], voice[:, pair])
    assert abs(lag) <= 10
    assert height > (0.4 if pair == MOTION else 0.8)


@pytest.mark.parametrize("pair", range(CHANNEL_COUNT))
def test_a_voice_that_comes_later_is_later_in_each_pair(pair):
    mouth = mouth_channels(talking_sights(30), grid())
    voice = voice_channels(talking_run(lag_ms=80), grid())
    assert lag_ms(mouth[:, pair], voice[:, pair])[0] == pytest.approx(80, abs=10)


def test_weights_sum_to_one():
    assert CHANNEL_WEIGHTS.shape == (CHANNEL_COUNT,)
    assert CHANNEL_WEIGHTS.sum() == pytest.approx(1.0)


def test_motion_belongs_to_the_middle_between_two_pictures():
    t_ns = START_NS + 40 * MS * np.arange(50, dtype=np.int64)
    motion = np.where(np.arange(50) == 25, 1.0, 0.0)
    channels = mouth_channels(sights(t_ns, np.full(50, 0.3), motion), grid(2))
    assert 10 * int(np.argmax(channels[:, MOTION])) == 25 * 40 - 20


def test_without_the_jaw_the_speed_is_the_openings_slope():
    t_ns = START_NS + 33 * MS * np.arange(70, dtype=np.int64)
    rising = mouth_channels(sights(t_ns, np.linspace(0.1, 0.5, 70)), grid(2))
    assert np.isfinite(rising).all()
    assert rising[20:-20, SPEED].min() > 0
    jaw_too = mouth_channels(sights(t_ns, np.linspace(0.1, 0.5, 70), speed=np.full(70, -2.0)), grid(2))
    assert jaw_too[20:-20, SPEED].max() < 0


def test_a_mouth_that_was_not_seen_for_long_is_unknown_there():
    t_ns = START_NS + 33 * MS * np.concatenate([np.arange(30), np.arange(60, 90)])
    channels = mouth_channels(sights(t_ns, np.linspace(0.1, 0.5, 60)), grid(2.9))
    known = np.isfinite(channels).all(axis=1)
    assert known[:95].all()
    assert not known[130:170].any()
    assert known[205:].all()


def test_frames_of_which_nothing_can_be_told_are_bridged():
    seen = talking_sights(30)
    for k in (40, 41, 70):
        seen[k] = (seen[k][0], face(1, mouth=np.nan, opening=np.nan))
    assert np.isfinite(mouth_channels(seen, grid())).all()


@pytest.mark.parametrize("count", [0, 1])
def test_a_face_seen_hardly_ever_gives_channels_of_the_right_shape(count):
    channels = mouth_channels(talking_sights(30)[:count], grid(1))
    assert channels.shape == (100, CHANNEL_COUNT)


def test_an_empty_grid_gives_no_rows():
    assert mouth_channels(talking_sights(30), grid(0)).shape == (0, CHANNEL_COUNT)
    assert voice_channels(talking_run(), grid(0)).shape == (0, CHANNEL_COUNT)


def test_no_sound_is_unknown():
    voice = voice_channels(run(np.full(100, -40.0)), grid(3))
    assert np.isfinite(voice[:90]).all()
    assert np.isnan(voice[110:]).all()


def test_what_is_no_voice_is_silence():
    knock = np.full(300, -80.0)
    knock[100:104] = -20.0
    knock[200:250] = -30.0
    speech = np.zeros(300)
    speech[200:250] = 1.0
    level = voice_channels(run(knock, speech), grid())[:, LEVEL]
    assert np.abs(level[80:130]).max() == 0
    assert level[225] > 0.8 * DYNAMIC_DB
    deaf = voice_channels(run(knock, np.zeros(300)), grid())
    assert not deaf.any()


def test_neither_gain_nor_faint_noise_changes_the_voice():
    t_s = np.arange(300) / SIGNAL_RATE_HZ
    spoken = -90 + 60 * syllables(t_s)
    loud, soft = voice_channels(run(spoken), grid()), voice_channels(run(spoken - 30), grid())
    assert np.allclose(loud, soft, atol=0.01 * DYNAMIC_DB)
    hissing = voice_channels(run(np.maximum(spoken, spoken.max() - DYNAMIC_DB - 5)), grid())
    assert np.allclose(loud, hissing, atol=0.05 * DYNAMIC_DB)


def test_change_counts_rise_and_fall_alike():
    step = np.where((np.arange(300) >= 100) & (np.arange(300) < 200), -30.0, -50.0)
    voice = voice_channels(run(step), grid())
    assert voice[100, SLOPE] > 50
    assert voice[200, SLOPE] < -50
    up, down, still = (voice[n - 10 : n + 10, CHANGE].max() for n in (100, 200, 150))
    assert up == pytest.approx(down, rel=0.01)
    assert up > 10 * still


def test_speech_is_where_its_probability_is_at_least_one_half():
    voice = np.concatenate([np.zeros(100), np.full(100, 0.7), np.full(100, 0.3)])
    speech = speech_at(run(np.full(300, -40.0), voice), grid(4))
    assert speech[:99].sum() == 0
    assert speech[101:199].all()
    assert not speech[202:].any()
