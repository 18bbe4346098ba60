from edge.log_limit import LogLimit

NS = 1_000_000_000


def test_the_same_words_are_said_once_and_others_once_a_minute():
    limit = LogLimit()
    said = [second for second in range(300) if limit.allows(f"reason {second // 7}", second * NS)]
    assert said == [0, 60, 120, 180, 240]
    limit = LogLimit()
    assert [second for second in range(300) if limit.allows("lost", second * NS)] == [0]


def test_what_was_said_without_asking_counts():
    limit = LogLimit()
    limit.said("lost", 0)
    assert not limit.allows("still lost", 59 * NS)
    assert limit.allows("still lost", 60 * NS)
