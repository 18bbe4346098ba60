import pytest


@pytest.fixture(scope="session")
def student():
    """The shipped student, ready to judge."""
    from edge.infer.card import load_card
    from edge.infer.student import Student

    student = Student(load_card())
    student.activate()
    yield student
    student.deactivate()


@pytest.fixture
def rig(demo_clip_path, student):
    """A pipeline on the built-in clip that has told some whole results."""
    from tests.edge.rig import Rig, normal

    with Rig(demo_clip_path, student) as rig:
        rig.until(normal, times=3)
        yield rig
