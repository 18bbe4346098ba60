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
