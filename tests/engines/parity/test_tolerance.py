import pytest

from edge.errors import UsageError
from edge.infer.card import PRECISIONS
from engines.parity.tolerance import TOLERANCES, tolerance


def test_every_precision_of_the_card_has_limits_and_a_reason():
    assert tuple(TOLERANCES) == PRECISIONS
    for name in PRECISIONS:
        assert tolerance(name).precision == name
        assert len(tolerance(name).reason.split()) > 10


def test_fewer_bits_may_err_by_more():
    limits = [tolerance(name) for name in ("fp32", "fp16", "int8")]
    assert [one.most for one in limits] == sorted(one.most for one in limits)
    assert [one.mean for one in limits] == sorted(one.mean for one in limits)
    assert [one.agreement for one in limits] == sorted((one.agreement for one in limits), reverse=True)
    assert all(one.mean < one.most for one in limits)


def test_what_the_project_promises_of_half_precision():
    assert tolerance("fp16").most <= 1e-2
    assert tolerance("fp16").agreement >= 0.99


@pytest.mark.parametrize(("precision", "n", "may_differ"), [("fp32", 1000, 0), ("fp16", 30, 1), ("fp16", 300, 3)])
def test_whole_labels_are_counted(precision, n, may_differ):
    assert tolerance(precision).labels(n) == may_differ


def test_an_unknown_precision_is_named():
    with pytest.raises(UsageError, match="'fp8' is unknown: name one of fp32, fp16, int8"):
        tolerance("fp8")
