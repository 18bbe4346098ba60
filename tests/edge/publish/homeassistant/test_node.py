from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.publish.homeassistant.node import entity_slug, node_id

ID = st.text(st.sampled_from("aAbB01-_. ü"), min_size=1, max_size=12)


@given(ID)
def test_it_has_the_letters_that_topics_of_discovery_may_have(device_id):
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", node_id(device_id))
    assert re.fullmatch(r"[a-z0-9_]+", entity_slug(device_id))


@given(ID, ID)
@example("a.b", "a_b")
@example("a.b", "a b")
@example("Desk", "desk")
def test_two_devices_never_share_a_node(one, other):
    assert (node_id(one) == node_id(other)) == (one == other)


def test_an_id_that_looks_like_the_node_of_another_does_not_take_its_place():
    taken = node_id("a.b").removeprefix("edge-emotion-")
    assert node_id(taken) != node_id("a.b")


@pytest.mark.parametrize(
    ("device_id", "node"), [("desk", "edge-emotion-desk"), ("kitchen_2", "edge-emotion-kitchen_2")]
)
def test_plain_names_stay_as_they_are(device_id, node):
    """Access rules of brokers are written with them."""
    assert node_id(device_id) == node


def test_it_stays_the_same_from_version_to_version():
    assert node_id("desk.1") == "edge-emotion-desk_1-6a58db1a"
