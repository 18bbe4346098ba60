from __future__ import annotations

from edge.publish.mqtt.heartbeat import ANSWER_S, Heartbeat


def proven() -> Heartbeat:
    heartbeat = Heartbeat()
    heartbeat.begin()
    heartbeat.sent(0.0)
    heartbeat.answered()
    return heartbeat


def test_an_echo_that_stays_out_means_a_dead_connection():
    heartbeat = proven()
    heartbeat.sent(10.0)
    assert not heartbeat.is_dead(10.0 + ANSWER_S)
    assert heartbeat.is_dead(10.1 + ANSWER_S)


def test_with_a_message_every_ten_seconds_it_is_noticed_within_twenty():
    assert 10 + ANSWER_S + 1 <= 20  # sent just before it stalled; tended every second


def test_more_messages_do_not_give_it_more_time():
    heartbeat = proven()
    for second in range(12):
        heartbeat.sent(10.0 + second)
    assert heartbeat.is_dead(10.1 + ANSWER_S)


def test_anything_that_comes_is_a_sign_of_life():
    heartbeat = proven()
    heartbeat.sent(10.0)
    heartbeat.alive()
    assert not heartbeat.is_dead(100.0)


def test_nothing_sent_and_nothing_heard_is_no_fault():
    assert not proven().is_dead(1000.0)


def test_an_echo_that_never_came_is_told_once_and_is_no_reason_to_hang_up():
    heartbeat = Heartbeat()
    told = 0
    for connection in range(3):
        heartbeat.begin()
        for second in range(100):
            now_s = 1000.0 * connection + second
            heartbeat.sent(now_s)
            assert not heartbeat.is_dead(now_s)
            told += heartbeat.is_missing(now_s)
    assert told == 1


def test_a_new_connection_has_to_prove_itself_again():
    heartbeat = proven()
    heartbeat.sent(10.0)
    heartbeat.begin()
    heartbeat.sent(11.0)
    assert not heartbeat.is_dead(100.0)
