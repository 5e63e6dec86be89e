import io

from openpyxl import load_workbook
from pypdf import PdfReader

from tests.factories.classroom import Classroom
from tests.factories.pages import in_english, read
from tests.factories.working import prepared
from tests.fixtures.client import ClientAs


def test_matrix_shows_people_by_courses_within_reach(room: Classroom, client_as: ClientAs) -> None:
    lead = in_english(client_as(room.school.lead))
    page = read(lead, "/training_matrix/")
    assert room.school.agent.label in page
    assert "Company and culture" in page
    assert "Enrolled" in page
    assert room.school.trainer.label not in read(lead, "/training_matrix/?team=all")
    assert room.school.trainer.label in read(client_as(room.school.manager), "/training_matrix/?team=all")


def test_training_record_is_one_s_own(room: Classroom, client_as: ClientAs) -> None:
    first, second = room.school.agents
    agent = in_english(client_as(first))
    assert "Listening" in read(agent, f"/training_matrix/{first.id}/")
    assert agent.get(f"/training_matrix/{second.id}/").status_code == 403
    assert agent.get(f"/training_matrix/{second.id}/download/").status_code == 403


def test_training_record_is_a_pdf_of_the_same(room: Classroom, client_as: ClientAs) -> None:
    lead = client_as(room.school.lead)
    file = prepared(lead, f"/training_matrix/{room.school.agent.id}/download/")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file.data)).pages)
    assert room.school.lead.name in text.rpartition("For use in the department")[2]


def test_matrix_is_taken_away_by_whoever_may_export(room: Classroom, client_as: ClientAs) -> None:
    lead = in_english(client_as(room.school.lead))
    with lead.get("/training_matrix/export/?team=all") as file:
        sheet = load_workbook(io.BytesIO(file.get_data())).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][:3] == ("Number", "Staff member", "Team")
    assert room.school.agent.number in {line[0] for line in lines}
    assert room.school.trainer.number not in {line[0] for line in lines}
    assert client_as(room.school.agent).get("/training_matrix/export/").status_code == 403
