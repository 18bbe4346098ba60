from __future__ import annotations

from edge.publish.mqtt.version import PATIENCE_S, TRY_5_AGAIN_S, VersionChoice


def test_five_first_then_3_1_1_at_once_and_then_not_so_fast():
    version = VersionChoice()
    assert version.mqtt5
    assert version.failed(0.0, refused=True)
    assert not version.mqtt5
    assert not version.failed(1.0, refused=True)
    assert version.mqtt5


def test_a_broker_that_keeps_silent_gets_more_time_in_each_round():
    version = VersionChoice()
    patience = []
    for _ in range(12):
        patience.append(version.patience_s)
        version.failed(0.0, refused=False)
    assert patience[:6] == [3, 3, 6, 6, 12, 12]
    assert patience[-1] == PATIENCE_S[1]


def test_one_that_has_answered_may_be_slow_later():
    version = VersionChoice()
    version.answered()
    assert version.patience_s is None
    assert not version.failed(0.0, refused=False)
    assert version.mqtt5


def test_one_that_was_put_back_to_an_older_version_is_believed():
    version = VersionChoice()
    version.answered()
    assert version.failed(0.0, refused=True)
    assert not version.mqtt5


def test_one_that_learns_mqtt_5_later_is_asked_again_after_a_loss():
    version = VersionChoice()
    version.failed(0.0, refused=True)
    version.answered()
    version.lost(TRY_5_AGAIN_S)
    assert not version.mqtt5
    version.lost(TRY_5_AGAIN_S + 1)
    assert version.mqtt5
    assert version.failed(TRY_5_AGAIN_S + 2, refused=True)


def test_one_that_is_known_to_speak_3_1_1_only_is_never_asked():
    version = VersionChoice(only_3=True)
    assert not version.failed(0.0, refused=True)
    version.lost(10 * TRY_5_AGAIN_S)
    assert not version.mqtt5
    assert version.patience_s is None
