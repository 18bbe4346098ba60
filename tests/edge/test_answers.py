from edge.answers import Answers, Tick
from edge.infer.held import empty_window

NS = 1_000_000_000
END_NS = 100 * NS


def test_every_tick_has_an_answer_unless_it_is_history():
    told = []
    answers = Answers(told.append)
    answers.tell(Tick(0, END_NS, empty_window(0, END_NS)), None, END_NS + NS // 5)
    answers.tell(Tick(1, END_NS, empty_window(1, END_NS)), None, END_NS + 3 * NS)
    assert [result.window.tick for result in told] == [0], "nobody wants what is three seconds old"
    assert (answers.told, answers.history, answers.deadline_misses) == (1, 1, 2)


def test_a_late_answer_within_its_time_is_told_and_marked():
    told = []
    answers = Answers(told.append)
    answers.tell(Tick(0, END_NS, empty_window(0, END_NS)), None, END_NS + NS)
    assert told[0].window.sync.deadline_missed
