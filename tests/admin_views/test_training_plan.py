import pytest

from tests.factories.browsing import post
from tests.factories.classroom import Classroom
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

WRITTEN = {"objectives": "提升沟通", "content": "倾听", "method": "案例分析", "timetable": "一季度"}


@pytest.mark.clause("TRN-1", "DAT-4")
def test_plan_is_drafted_beside_the_weakest_categories(room: Classroom, client_as: ClientAs) -> None:
    trainer = in_english(client_as(room.school.trainer))
    page = read(trainer, "/training_plan/new/")
    assert "QA categories in 2026, the weakest first" in page
    assert 'value="2027"' in trainer.get("/training_plan/new/").text
    answer = post(trainer, "/training_plan/new/", {"year": "2027", **WRITTEN})
    assert answer.status_code == 303
    assert "No result was told in that year yet." in read(trainer, answer.location)
    assert "QA categories in 2026" in read(trainer, "/training_plan/edit/?id=1")
