import pytest
from sqlalchemy import select

from models.qa_inspection import Severity
from models.qa_talk import QaTalk, TalkState
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


@pytest.fixture
def talk(qa: Inspected) -> int:
    qa.tell(Severity.SEVERE, "8")
    with qa.session() as session:
        return session.scalars(select(QaTalk.id)).one()


@pytest.mark.clause("QA-7")
def test_supervisor_sees_what_the_talk_is_about_and_records_it(qa: Inspected, client_as: ClientAs, talk: int) -> None:
    supervisor = in_english(client_as(qa.supervisor))
    assert "未致歉" in read(supervisor, f"/qa_talk/details/?id={talk}")
    data = {"version": "1", "ask_outcome": "每天复听一通"}
    assert post(supervisor, f"/qa_talk/move/hold/?id={talk}", data).status_code == 303
    held = qa.again(QaTalk, talk)
    assert (held.state, held.outcome) == (TalkState.HELD, "每天复听一通")


@pytest.mark.clause("QA-7")
def test_nobody_adds_a_talk_by_hand(qa: Inspected, client_as: ClientAs) -> None:
    assert client_as(qa.supervisor).get("/qa_talk/new/").status_code == 403
