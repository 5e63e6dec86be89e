"""The OpenAPI document: valid, what the caller may use and no more, and readable by people."""

import json
from typing import Any

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from engine.acting import Role
from models.organisation import Post
from tests.factories.office import Office
from tests.factories.programs import BASE, Program, program

pytestmark = pytest.mark.sqlite

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-CN"])


def document(asking: Program, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = asking.get("/openapi.json", **headers).get_json()
    return found


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


@LANGUAGES
def test_document_is_valid(office: Office, language: str) -> None:
    found = document(program(office.app, office.manager, Role.MANAGER, Role.ADMINISTRATOR), Accept_Language=language)
    OPENAPI_31_VALIDATOR.validate(found)
    for reference in references(found):
        part = found
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
    names = [each["operationId"] for path in found["paths"].values() for each in path.values()]
    assert len(names) == len(set(names))


def test_document_of_a_stranger_tells_how_to_begin(office: Office) -> None:
    found = document(program(office.app, None))
    OPENAPI_31_VALIDATOR.validate(found)
    assert list(found["paths"]) == [BASE]
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_document_holds_what_the_role_may(office: Office) -> None:
    of_agent, of_hr = document(program(office.app, office.agent)), document(program(office.app, office.hr))
    assert "post" not in of_agent["paths"][f"{BASE}/staff"]
    assert "post" in of_hr["paths"][f"{BASE}/staff"]
    assert f"{BASE}/qa_plan" not in of_agent["paths"]
    # Masked for agents: shown, not asked by, not written.
    asked = {each.get("name") for each in of_agent["paths"][f"{BASE}/staff"]["get"]["parameters"]}
    assert "email.contains" not in asked
    assert "masked" in of_agent["components"]["schemas"]["staff"]["properties"]["email"]["description"]


def test_document_holds_what_the_token_reaches(office: Office) -> None:
    reading = document(program(office.app, office.hr, scopes=["read:staff"]))
    assert sorted(reading["paths"]) == [
        BASE,
        *(f"{BASE}/staff{rest}" for rest in ("", "/{id}", "/{id}/history", "/{id}/transitions")),
    ]
    assert list(reading["paths"][f"{BASE}/staff"]) == ["get"]


def test_schema_of_a_new_record_says_what_is_needed(office: Office) -> None:
    schemas = document(program(office.app, office.hr))["components"]["schemas"]
    new, read = schemas["staff-new"], schemas["staff"]["properties"]
    assert new["required"] == ["number", "name", "post", "hire_date"]
    assert new["properties"]["post"]["enum"] == [post.value for post in Post]
    assert (new["properties"]["number"]["maxLength"], new["properties"]["number"]["minLength"]) == (32, 1)
    assert {"type": "null"} in new["properties"]["team_id"]["anyOf"]
    assert new["properties"]["superior_id"]["description"] == "Direct superior (ORG-1)"
    assert new["additionalProperties"] is False
    assert read["status"]["readOnly"] is True
    assert "readOnly" not in read["name"]
    assert program(office.app, office.manager, Role.HR).post("/staff", new["example"]).status_code == 422


def test_shape_of_a_json_column_is_described(office: Office) -> None:
    from tests.factories.organisation import staff

    with office.session() as session:
        person = staff(session, office.home, Post.QA_SUPERVISOR, superior=office.manager)
        session.commit()
        session.refresh(person)
        session.expunge(person)
    asking = program(office.app, person)
    schemas = document(asking)["components"]["schemas"]
    bands = json.dumps(schemas["scorecard-new"]["properties"]["bands"])
    assert '"maxItems": 2' in bands
    sent = {"edition": "E1", "name": {"zh": "标准", "en": "Standard"}}
    for wrong in ({"minor": "1"}, {"minor": ["x", "y"]}, {"minor": [1]}, {"slight": ["1", "2"]}, [], "1-3"):
        found = asking.post("/scorecard", sent | {"bands": wrong})
        assert {each["field"] for each in found.get_json()["violations"]} == {"bands"}
    fine = {"minor": ["1", "3"], "general": [4, 6], "severe": ["7", "10"]}
    assert asking.post("/scorecard", sent | {"bands": fine}).status_code == 201


@LANGUAGES
def test_page_for_people_is_open_and_within_the_content_policy(office: Office, language: str) -> None:
    page = office.app.test_client().get(f"{BASE}/docs", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "onclick" not in page.text
    assert f"{BASE}/openapi.json" in page.text
    assert f'<html lang="{language}"' in page.text
