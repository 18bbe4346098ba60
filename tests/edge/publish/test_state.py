from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from edge.publish.schema import load_schema
from edge.publish.state import REPEAT_NS, StateFollower
from edge.samples import Box, VoiceVerdict
from tests.edge.publish import records
from tests.edge.publish.records import SECOND, face, silence, verdict

TICK = SECOND // 5
STATE = Draft202012Validator(load_schema("state"), format_checker=FormatChecker())
EVENT = Draft202012Validator(load_schema("event"), format_checker=FormatChecker())


class Run:
    """Feeds one message per tick and keeps what came out, each valid against its schema."""

    def __init__(self) -> None:
        self.follower = StateFollower(records.IDENTITY)
        self.t_ns = 100 * SECOND
        self.states: list[dict] = []
        self.events: list[dict] = []

    def feed(self, seconds: float, faces=(), voice=None) -> None:
        for _ in range(round(seconds * 5)):
            self.t_ns += TICK
            made = records.result(faces, voice or silence(), end_ns=self.t_ns)
            message = records.emotion_message(made, records.IDENTITY, seq=1, now_ns=self.t_ns)
            self._keep(self.follower.step(self.t_ns, message, made))

    def idle(self, seconds: float) -> None:
        for _ in range(round(seconds * 5)):
            self.t_ns += TICK
            self._keep(self.follower.step(self.t_ns))

    def clear(self) -> None:
        self._keep(self.follower.clear(self.t_ns))

    def _keep(self, update) -> None:
        for event in update.events:
            EVENT.validate(event)
        if update.state:
            STATE.validate(update.state)
            self.states.append(update.state)
        self.events += update.events

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


def happy(track=1, box=None):
    return face(track, box, verdict("happy", 0.8))


def test_the_first_step_says_that_nothing_is_known():
    run = Run()
    run.feed(0.2)
    assert [state["emotion"] for state in run.states] == [None]


def test_a_face_is_said_once_and_then_again_before_20_seconds_are_over():
    run = Run()
    run.feed(50, [happy()])
    assert [state["emotion"] for state in run.states] == ["happy"] * 4
    times = [state["t_ns"] for state in run.states]
    assert [later - earlier for earlier, later in zip(times, times[1:], strict=False)] == [REPEAT_NS] * 3
    assert run.kinds() == ["face_in", "change"]


def test_one_odd_window_changes_nothing():
    run = Run()
    run.feed(3, [happy()])
    run.feed(0.2, [face(1, judged=verdict("angry", 0.9))])
    run.feed(3, [happy()])
    assert {state["emotion"] for state in run.states} == {"happy"}


def test_a_lasting_change_is_followed():
    run = Run()
    run.feed(3, [happy()])
    run.feed(3, [face(1, judged=verdict("sad", 0.7))])
    assert run.states[-1]["emotion"] == "sad"
    changes = [event for event in run.events if event["type"] == "change"]
    assert [(event["from"], event["to"]) for event in changes] == [(None, "happy"), ("happy", "sad")]


def test_the_largest_face_leads_and_two_of_a_size_do_not_take_turns():
    run = Run()
    for step in range(10):
        wobble = 2 if step % 2 else -2
        left = happy(1, Box(10, 10, 100 + wobble, 100))
        right = face(2, Box(300, 10, 100, 100), verdict("sad", 0.8))
        run.feed(0.2, [left, right])
    assert len(run.states) == 1
    run.feed(0.2, [happy(1, Box(10, 10, 100, 100)), face(2, Box(300, 10, 150, 150), verdict("sad", 0.8))])
    assert (run.states[-1]["track"], run.states[-1]["emotion"]) == (2, "sad")


def test_the_voice_speaks_when_there_is_no_face():
    run = Run()
    run.feed(2, [], VoiceVerdict(True, 1, 1.0, verdict("angry", 0.6, valence=-0.5)))
    state = run.states[-1]
    assert (state["source"], state["emotion"], state["track"], state["valence"]) == ("voice", "angry", None, -0.5)


def test_a_face_that_is_missed_for_a_moment_keeps_its_place():
    run = Run()
    voice = VoiceVerdict(True, 1, 1.0, verdict("angry", 0.6))
    run.feed(2, [happy()], voice)
    run.feed(0.6, [], voice)
    run.feed(2, [happy()], voice)
    assert {state["source"] for state in run.states} == {"face"}
    assert "face_out" not in run.kinds()


def test_null_after_five_seconds_with_neither():
    run = Run()
    run.feed(1, [happy()])
    run.feed(4.8)
    assert run.states[-1]["emotion"] == "happy"
    run.feed(0.4)
    assert run.states[-1]["emotion"] is None


def test_null_after_five_seconds_without_any_window():
    run = Run()
    run.feed(1, [happy()])
    run.idle(5.2)
    assert run.states[-1]["emotion"] is None
    assert "face_out" in run.kinds()


def test_clear_says_null_at_once_and_always():
    run = Run()
    run.feed(1, [happy()], VoiceVerdict(True, 1, 1.0, verdict("angry", 0.6)))
    run.clear()
    assert (run.states[-1]["emotion"], run.states[-1]["voice_emotion"]) == (None, None)
    assert run.kinds()[-3:] == ["face_out", "utterance_end", "change"]
    count = len(run.states)
    run.clear()
    assert len(run.states) == count + 1


def test_a_face_is_out_after_one_second():
    run = Run()
    run.feed(1, [happy(7)])
    run.feed(0.8)
    assert "face_out" not in run.kinds()
    run.feed(0.2)
    assert [(event["type"], event["track"]) for event in run.events if event["type"] == "face_out"] == [("face_out", 7)]


@pytest.mark.parametrize("after", [None, 2])
def test_an_utterance_ends_once_with_its_last_verdict(after):
    run = Run()
    run.feed(1, [], VoiceVerdict(True, 1, 1.0, verdict("sad", 0.4)))
    run.feed(0.2, [], VoiceVerdict(True, 1, 1.2, verdict("sad", 0.7)))
    run.feed(2, [], silence() if after is None else VoiceVerdict(True, after, 0.3, verdict("happy", 0.5)))
    ends = [event for event in run.events if event["type"] == "utterance_end"]
    assert [(end["utterance"], end["emotion"], end["confidence"], end["seconds"]) for end in ends] == [
        (1, "sad", 0.7, 1.2)
    ]


def test_uncertain_does_not_flicker():
    run = Run()
    for _ in range(15):
        run.feed(0.2, [happy()])
        run.feed(0.2, [face(1, judged=verdict("happy", 0.8, uncertain=True))])
    assert [state["uncertain"] for state in run.states] == [False]
    run.feed(4, [face(1, judged=verdict("happy", 0.8, uncertain=True))])
    assert run.states[-1]["uncertain"] is True


def test_the_probabilities_are_smoothed_like_the_label():
    run = Run()
    run.feed(3, [happy()])
    run.feed(0.4, [face(1, judged=verdict("angry", 0.9))])
    run.feed(20, [happy()])
    first, *_, last = run.states
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    for state in (first, last):
        assert state["probabilities"][state["emotion"]] == state["confidence"]


def test_with_nobody_there_each_probability_is_null():
    run = Run()
    run.feed(0.2)
    assert list(run.states[0]["probabilities"].values()) == [None] * 7
    assert (run.states[0]["speaking"], run.states[0]["voice_emotion"]) == (None, None)


def test_pauses_between_words_are_speech_and_silence_is_told_after_a_second():
    run = Run()
    for _ in range(5):
        run.feed(0.4, [face(1, speaking=True)])
        run.feed(0.6, [face(1, speaking=False)])
    assert [state["speaking"] for state in run.states] == [True]
    run.feed(1, [face(1, speaking=False)])
    assert [state["speaking"] for state in run.states] == [True, False]


def test_the_voice_keeps_its_own_emotion_beside_the_face():
    run = Run()
    run.feed(2, [happy()], VoiceVerdict(True, 1, 1.0, verdict("angry", 0.6)))
    assert (run.states[-1]["emotion"], run.states[-1]["voice_emotion"]) == ("happy", "angry")
    run.feed(0.2, [happy()], VoiceVerdict(True, 2, 0.3, verdict("sad", 0.6)))
    assert run.states[-1]["voice_emotion"] == "sad"
    run.feed(4.8, [happy()])
    assert run.states[-1]["voice_emotion"] == "sad"
    run.feed(0.4, [happy()])
    assert (run.states[-1]["emotion"], run.states[-1]["voice_emotion"]) == ("happy", None)
