import numpy as np
import pytest

from tests.sync_bench.peak import sub_sample_peak


def test_peaks_are_found_between_samples():
    x = np.arange(21)
    position, height = sub_sample_peak(1.0 - 0.01 * (x - 9.3) ** 2)
    assert position == pytest.approx(9.3)
    assert height == pytest.approx(1.0)


@pytest.mark.parametrize("curve", [[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])
def test_a_peak_at_an_edge_or_without_a_bend_is_where_it_is(curve):
    position, height = sub_sample_peak(np.asarray(curve))
    assert height == max(curve) == curve[int(position)]
