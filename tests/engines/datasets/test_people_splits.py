import pytest

from edge.errors import UsageError
from engines.datasets.splits import Splits, person_part, read_splits


def written(tmp_path, text):
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_split_replaces_the_rule(tmp_path):
    splits = read_splits(written(tmp_path, "person,split\n1001,train\n1002,validation\n"))
    assert splits.of("cremad", "1001") == "train"
    assert splits.of("iemocap", "1002", "fold1") == "validation"


def test_a_person_that_the_users_split_forgets_is_named(tmp_path):
    splits = read_splits(written(tmp_path, "person,split\n1001,train\n"))
    with pytest.raises(UsageError, match=r"Person '1003' of cremad is not in .*people.csv: add a line `1003,train`"):
        splits.of("cremad", "1003")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("who,where\na,train\n", "no columns person and split"),
        ("person,split\na,tran\n", "line 2: write a person and one of train"),
        ("person,split\n,train\n", "line 2"),
        ("person,split\na,train\na,test\n", "line 3: person 'a' is in train already"),
    ],
)
def test_a_wrong_split_file_is_named_with_its_line(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        read_splits(written(tmp_path, text))


def test_without_a_file_the_rule_or_the_fold_counts():
    assert Splits().of("ravdess", "05") == "test"
    assert Splits().of("iemocap", "Ses01F", "fold1") == "fold1"


def test_the_hash_of_a_person_is_the_same_for_ever():
    parts = {str(actor): person_part("cremad", str(actor)) for actor in range(1001, 1017)}
    assert [actor for actor in parts if parts[actor] == "test"] == ["1001", "1002", "1004", "1009", "1012"]
    assert [actor for actor in parts if parts[actor] == "validation"] == ["1008", "1013", "1014"]
