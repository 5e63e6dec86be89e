import pytest
from sqlalchemy import select

from models.course import CourseCategory
from models.learning_resource import LearningRecord, LearningResource, LearningState
from tests.factories.browsing import post
from tests.factories.classroom import Classroom
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


@pytest.fixture
def text(room: Classroom) -> int:
    with room.session() as session:
        made = LearningResource(
            department_id=room.school.department.id,
            name="怎样倾听",
            category=CourseCategory.COMMUNICATION,
            minutes=15,
            body="先听完，再复述。",
        )
        session.add(made)
        session.flush()
        return made.id


@pytest.mark.clause("TRN-9")
def test_text_is_shown_once_it_is_opened_and_the_opening_is_kept(
    room: Classroom, text: int, client_as: ClientAs
) -> None:
    agent = in_english(client_as(room.school.agent))
    address = f"/learning_resource/details/?id={text}"
    assert "先听完" not in read(agent, address)
    for _twice in range(2):
        assert post(agent, f"/learning_resource/open/?id={text}").status_code == 303
    assert "先听完" in read(agent, address)
    assert "I have finished it" in read(agent, address)
    with room.session() as session:
        kept = session.scalars(select(LearningRecord)).one()
        assert (kept.staff_id, kept.state) == (room.school.agent.id, LearningState.OPENED)
