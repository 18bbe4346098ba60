from edge.memory import Allocator

NS = 1_000_000_000


def test_memory_is_given_back_a_little_after_each_change_and_never_without_one():
    allocator = Allocator()
    allocator.limit()
    trims = []
    for tenth in range(300):
        before = allocator.trims
        allocator.step(tenth * NS // 10, changes=min(tenth // 50, 3))
        if allocator.trims > before:
            trims.append(tenth / 10)
    assert trims == [7.0, 12.0, 17.0]


def test_changes_in_a_row_do_not_put_it_off():
    allocator = Allocator()
    for tenth in range(100):
        allocator.step(tenth * NS // 10, changes=tenth)
    assert allocator.trims >= 4
