from edge.statuses import Statuses
from tests.fakes import FakeClock

NS = 1_000_000_000


class Rig:
    def __init__(self):
        self.clock = FakeClock()
        self.told = []
        self.statuses = Statuses(self.clock, lambda *change: self.told.append(change), frames_hz=30, chunks_hz=50)


def test_each_change_is_told_and_the_log_has_a_line_for_each_new_state(caplog):
    caplog.set_level("INFO")
    rig = Rig()
    video = rig.statuses.video
    video.become("online", reason=None, source="0")
    video.become("offline", reason="Camera '0' sends no more pictures")
    for _ in range(120):
        rig.clock.advance(NS)
        for words in ("it is not there", "it cannot be opened"):
            video.become("offline", reason=words)
    video.become("online", reason=None, source="0")
    assert len(rig.told) == 243
    said = [record.message for record in caplog.records]
    assert said[0] == "video is online (0)"
    assert said[1] == "video is offline: Camera '0' sends no more pictures"
    assert said[-1] == "video is online (0)"
    assert len(said) == 3 + 2, "two minutes"


def test_they_are_told_in_one_line():
    rig = Rig()
    rig.statuses.video.become("online", reason=None, source="0")
    rig.statuses.audio.become("offline", reason="Microphone 'default' has been lost")
    rig.statuses.engine.become("online", reason=None, engine="onnx")
    assert rig.statuses.in_words == ("video online, audio offline (Microphone 'default' has been lost), engine online")
    assert rig.statuses.ever_online


def test_an_engine_alone_is_no_run():
    rig = Rig()
    rig.statuses.engine.become("online", reason=None, engine="onnx")
    rig.statuses.video.become("offline", reason="Camera '0' is not there")
    assert not rig.statuses.ever_online
    assert rig.statuses.reasons == ["Camera '0' is not there"]


def test_a_stream_that_nobody_wants_is_no_reason():
    statuses = Rig().statuses
    statuses.audio.become("disabled", reason="none")
    statuses.video.become("offline", reason="Camera 'x.mp4' cannot be opened")
    assert statuses.reasons == ["Camera 'x.mp4' cannot be opened"]


def test_the_journal_gets_the_state_as_fields(caplog):
    caplog.set_level("INFO")
    statuses = Statuses(FakeClock(), lambda *_: None, frames_hz=30, chunks_hz=50, fields={"EDGE_DEVICE_ID": "desk"})
    statuses.audio.become("offline", reason="Microphone 'default' has been lost")
    statuses.audio.become("online", reason=None, source="default")
    told = [record.fields for record in caplog.records]
    assert [fields["EDGE_STATE"] for fields in told] == ["offline", "online"]
    assert [fields["EDGE_REASON"] for fields in told] == ["Microphone 'default' has been lost", ""]
    assert all((fields["EDGE_STATUS"], fields["EDGE_DEVICE_ID"]) == ("audio", "desk") for fields in told)
