from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Door, Role, acting
from engine.importing import jobs, mapping
from engine.importing.choices import Choices, format_code
from engine.importing.source import open_job_table
from engine.registry import registry
from models.accounts import Account
from models.import_job import ImportJob
from models.service_record import ServiceRecord
from tests.factories.importing import (
    HEADER,
    call,
    calls,
    counts,
    imported,
    importer,
    mapped,
    text_file,
    uploaded,
    workbook,
)
from tests.factories.organisation import actor_of
from tests.factories.quality import House, house

RECORDS = registry.importable


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def first_row(at: House, **other: object) -> bytes:
    return text_file([call(1, at.agents[0].name, **other), call(2, at.agents[0].name, **other)])


def settled(job: ImportJob) -> tuple[Choices, mapping.Questions]:
    found, questions, _unreadable = mapping.settle_formats(
        RECORDS("service_record"), Choices.of(job.choices), open_job_table(job)
    )
    return found, questions


@pytest.mark.clause("DAT-1")
def test_export_in_chinese_maps_itself(session: Session, at: House) -> None:
    header = ["工单号", "客服", "来电时间", "业务类型", "是否接听", "是否解决", "等待时长", "通话时长", "满意度"]
    row = ["Q1", "王芳", "2026-02-03 10:00", "退款", "是", "否", "00:12", "00:03:44", "5"]
    job = uploaded(session, importer(session, at.manager), text_file([row], header), "calls.csv")
    assert Choices.of(job.choices).columns == {
        "number": "工单号", "agent_id": "客服", "occurred_at": "来电时间", "topic_id": "业务类型",
        "answered": "是否接听", "resolved": "是否解决", "answer_seconds": "等待时长",
        "talk_seconds": "通话时长", "satisfaction": "满意度",
    }  # fmt: skip


@pytest.mark.clause("DAT-1")
def test_ambiguous_date_is_asked_and_a_clear_one_is_not(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    found, questions = settled(uploaded(session, who, first_row(at, Date="03/02/2026"), "a.csv"))
    assert set(questions) == {"occurred_at"}
    assert not mapping.is_settled(RECORDS("service_record"), found)
    answered = mapping.answer(found, questions, {"occurred_at": "dmy"})
    assert mapping.is_settled(RECORDS("service_record"), answered)
    assert settled(uploaded(session, who, first_row(at, Date="23/02/2026"), "b.csv"))[1] == {}


def test_answer_that_was_not_offered_settles_nothing(session: Session, at: House) -> None:
    found, questions = settled(
        uploaded(session, importer(session, at.manager), first_row(at, Date="03/02/2026"), "a.csv")
    )
    assert "ymd" not in {format_code(each.format) for each in questions["occurred_at"].candidates}
    assert mapping.answer(found, questions, {"occurred_at": "ymd"}).formats == found.formats


@pytest.mark.clause("DAT-1")
def test_choices_are_offered_for_the_next_file_with_these_columns(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    mapped(session, who, at, workbook(calls([at.agents[0].name], 3)), {"agent_id": {"zoe": at.agents[1].id}})
    next_one = Choices.of(uploaded(session, who, workbook(calls(["Zoe"], 4)), "next.xlsx").choices)
    assert next_one.constants == {"channel_id": at.channel.id}
    assert next_one.resolved["agent_id"] == {"zoe": at.agents[1].id}
    other = Choices.of(
        uploaded(session, who, workbook(calls(["Zoe"], 4), [*HEADER[:-1], "Rating"]), "other.xlsx").choices
    )
    assert other.constants == {}


def test_mapping_without_key_or_required_field_is_objected_to(session: Session, at: House) -> None:
    importable = RECORDS("service_record")
    assert set(mapping.objections(importable, Choices(), importable.fields)) == {
        "number",
        "occurred_at",
        "agent_id",
        "channel_id",
    }
    whole = Choices(columns={"number": "a", "occurred_at": "b", "agent_id": "c"}, constants={"channel_id": 1})
    assert mapping.objections(importable, whole, importable.fields) == {}
    keyless = replace(whole, columns={"occurred_at": "b", "agent_id": "c"}, constants={"channel_id": 1, "number": "x"})
    assert set(mapping.objections(importable, keyless, importable.fields)) == {"number"}


@pytest.mark.clause("CNF-2")
def test_field_that_the_role_may_not_see_at_all_cannot_be_brought_in(session: Session, at: House) -> None:
    importable = RECORDS("service_record")
    trainer = actor_of(at.manager, Role.TRAINER)
    allowed = mapping.fields_for(importable, trainer)
    missing = {each.name for each in importable.fields} - {each.name for each in allowed}
    assert missing == {"customer_contact", "customer_details"}
    sneaked = Choices(
        columns={"number": "a", "occurred_at": "b", "agent_id": "c", "customer_contact": "d"},
        constants={"channel_id": 1},
    )
    assert set(mapping.objections(importable, sneaked, allowed)) == {"customer_contact"}


@pytest.mark.clause("CNF-2")
def test_field_that_the_role_sees_masked_can_be_brought_in(session: Session, at: House) -> None:
    importable = RECORDS("service_record")
    manager, lead = actor_of(at.manager), actor_of(at.lead)
    customer = {"customer_name", "customer_contact", "customer_details"}
    assert customer <= {each.name for each in mapping.fields_for(importable, manager)}
    assert (mapping.veiled(importable, manager), mapping.veiled(importable, lead)) == (customer, frozenset())


@pytest.mark.clause("CNF-2")
def test_importer_does_not_learn_whether_a_guess_at_a_masked_field_is_right(session: Session, at: House) -> None:
    header = (*HEADER, "Customer name")
    lead, manager = importer(session, at.lead), importer(session, at.manager)

    def brought(who: Account, name: str) -> ImportJob:
        content = text_file([[*call(1, at.agents[0].name), name]], header)
        return imported(session, who, mapped(session, who, at, content))

    assert counts(brought(manager, "王芳")) == (1, 0, 0)
    assert session.scalars(select(ServiceRecord.customer_name)).all() == ["王芳"]
    assert counts(brought(manager, "王芳")) == counts(brought(manager, "李雷")) == (0, 1, 0)
    assert counts(brought(lead, "王芳")) == (0, 1, 0)
    assert counts(brought(lead, "李雷")) == (0, 0, 1)
    assert session.scalars(select(ServiceRecord.customer_name)).all() == ["王芳"]


def test_column_of_another_kind_is_said_to_be_unreadable(session: Session, at: House) -> None:
    job = uploaded(session, importer(session, at.manager), workbook(calls([at.agents[0].name], 3)))
    choices = replace(Choices.of(job.choices), columns={**Choices.of(job.choices).columns, "occurred_at": "Topic"})
    _found, _questions, unreadable = mapping.settle_formats(RECORDS("service_record"), choices, open_job_table(job))
    assert set(unreadable) == {"occurred_at"}


def test_other_sheet_is_read_on_request(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = uploaded(session, who, text_file([["a", "b"], ["c", "d"], ["e", "f"]], ["x", "y"]), "c.csv")
    with acting(actor_for(session, who), Door.FORM):
        table = jobs.choose_sheet(session, job, None, 2)
    assert (table.header, job.rows_total) == (("a", "b"), 2)


def test_records_are_importable() -> None:
    assert registry.importable("service_record").entity is ServiceRecord
