"""The rulebook and the five packs hold what the policies say."""

from datetime import time
from decimal import Decimal

import pytest

from engine.packs.loader import load_chapters, load_clauses, load_packs
from engine.packs.offsets import Offset, OffsetUnit
from engine.packs.schema import Bilingual, Pack, Piece
from engine.packs.values import MonthDay, Weekday

CHAPTERS = {
    "ORG": 9, "HIRE": 4, "TRN": 12, "ROS": 11, "ATT": 7, "SVC": 10, "CMP": 5, "AFT": 4, "QA": 10, "RCT": 4, "APR": 8,
    "INC": 4, "CNF": 6, "COM": 5, "DAT": 4,
}  # fmt: skip

WITH_DEADLINE = {
    "ORG-4", "ORG-7", "ORG-9", "TRN-1", "TRN-2", "TRN-6", "TRN-11", "ROS-3", "ROS-4", "ROS-5", "ROS-7", "ATT-1",
    "ATT-2", "ATT-4", "SVC-3", "SVC-4", "SVC-7", "SVC-9", "CMP-3", "AFT-3", "QA-1", "QA-6", "QA-7", "QA-8", "QA-9",
    "RCT-2", "APR-1", "INC-1", "CNF-1", "CNF-4", "CNF-5", "CNF-6", "COM-1", "COM-2", "COM-5",
}  # fmt: skip

SOURCES = {
    "ORG": "BDC I Q C C C D DC I", "HIRE": "B B B B", "TRN": "DQ BDQ BC C C QD Q B B C D Q",
    "ROS": "C C C C C C C C C C I", "ATT": "C C C C C C C", "SVC": "BDCI BD DI BDI BD B BI BDI B I",
    "CMP": "D D D D D", "AFT": "D D D D", "QA": "Q Q Q Q Q Q Q Q Q Q", "RCT": "Q Q Q Q",
    "APR": "BDQ BDQ D Q Q BDQ Q D", "INC": "B BD B CQ", "CNF": "CQB Q B Q C B", "COM": "QB B BD Q B",
    "DAT": "BD BD B D",
}  # fmt: skip

DEFAULTS = [
    ("ORG-4", "followup_hours", 24),
    ("TRN-1", "plan_due", MonthDay(12, 15)),
    ("TRN-6", "pass_mark", 80),
    ("TRN-6", "max_resits", 1),
    ("TRN-6", "resit_within_days", 14),
    ("TRN-7", "satisfaction_target", Decimal("4.0")),
    ("TRN-8", "weak_category_line", 80),
    ("ROS-1", "open", time(9)),
    ("ROS-1", "close", time(23)),
    ("ROS-2", "rest_days_per_week", 2),
    ("ROS-3", "notice_day", 25),
    ("ROS-4", "request_day", 27),
    ("ROS-5", "publish_day", 29),
    ("ROS-7", "swap_lead_days", 2),
    ("ROS-9", "allow_holiday_swaps", False),
    ("ROS-10", "meal_minutes", 60),
    ("ATT-1", "arrive_before_minutes", 5),
    ("ATT-6", "away_limit_minutes", 15),
    (
        "SVC-3",
        "first_response",
        {
            "chat": Offset(1, OffsetUnit.MINUTES),
            "social": Offset(30, OffsetUnit.MINUTES),
            "email": Offset(1, OffsetUnit.WORKING_DAYS),
        },
    ),
    ("SVC-3", "hotline_answer_rate", 90),
    ("SVC-3", "hotline_mean_wait_seconds", 20),
    ("SVC-5", "satisfaction_reopen_below", 3),
    ("QA-1", "qa_plan_day", 1),
    ("QA-4", "base_score", 100),
    ("QA-4", "score_floor", 0),
    ("QA-6", "feedback_weekday", Weekday.FRIDAY),
    ("QA-6", "hand_in_weekday", Weekday.WEDNESDAY),
    ("QA-6", "review_weekday", Weekday.THURSDAY),
    ("QA-7", "severe_talk_hours", 24),
    ("QA-8", "appeal_days", 5),
    ("QA-8", "appeal_answer_days", 3),
    ("QA-9", "qa_report_day", 5),
    ("RCT-1", "rectification_days", {"minor": 7, "general": 5, "severe": 3}),
    ("RCT-4", "recurrence_days", 90),
    ("APR-5", "grade_thresholds", {"excellent": 90, "good": 80, "qualified": 60}),
    ("CNF-1", "ack_within_days", 7),
    ("CNF-1", "renew_months", 12),
    ("CNF-6", "backup_retention_days", 30),
    ("COM-2", "one_on_one_days", 30),
]


def packs() -> list[Pack]:
    return list(load_packs().values())


def texts_below(piece: object) -> list[Bilingual]:
    if isinstance(piece, Bilingual):
        return [piece]
    if isinstance(piece, Piece):
        return [text for name in type(piece).model_fields for text in texts_below(getattr(piece, name))]
    return [text for entry in piece for text in texts_below(entry)] if isinstance(piece, tuple) else []


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_rulebook_has_103_clauses_in_15_chapters() -> None:
    counted = dict.fromkeys(load_chapters(), 0)
    for clause in load_clauses().values():
        counted[clause.chapter] += 1
    assert counted == CHAPTERS
    assert sum(counted.values()) == 103


def test_clauses_of_a_chapter_are_numbered_from_one_without_gap() -> None:
    expected = [f"{chapter}-{number}" for chapter, count in CHAPTERS.items() for number in range(1, count + 1)]
    assert list(load_clauses()) == expected


def test_clause_sources_are_those_of_the_policies() -> None:
    expected = {
        f"{chapter}-{number}": tuple(sources)
        for chapter, row in SOURCES.items()
        for number, sources in enumerate(row.split(), 1)
    }
    assert {clause.id: clause.sources for clause in load_clauses().values()} == expected


def test_clauses_with_a_deadline_are_marked() -> None:
    assert {clause.id for clause in load_clauses().values() if clause.reminds} == WITH_DEADLINE


def test_clause_words_are_chinese_and_english() -> None:
    pieces = (*load_clauses().values(), *load_chapters().values())
    texts = texts_below(pieces)
    assert len(texts) == 2 * 103 + 15
    assert [text for text in texts if not is_chinese(text.zh) or is_chinese(text.en)] == []


def test_clause_sentences_are_whole_sentences() -> None:
    clauses = load_clauses().values()
    assert [each.id for each in clauses if each.sentence.zh[-1] != "。" or each.sentence.en[-1] != "."] == []


def test_no_two_clauses_share_a_title() -> None:
    assert len({clause.title.zh for clause in load_clauses().values()}) == 103
    assert len({clause.title.en for clause in load_clauses().values()}) == 103


def test_packs_are_the_five_policies() -> None:
    assert set(load_packs()) == set("BDQCI")


@pytest.mark.parametrize("code", "BDQCI")
def test_pack_lists_exactly_the_clauses_sourced_from_it(code: str) -> None:
    assert load_packs()[code].clauses == tuple(each.id for each in load_clauses().values() if code in each.sources)


@pytest.mark.parametrize("code", "BDQCI")
def test_pack_words_are_chinese_and_english(code: str) -> None:
    texts = texts_below(load_packs()[code])
    assert len(texts) > 20
    assert [text for text in texts if not is_chinese(text.zh) or is_chinese(text.en)] == []


@pytest.mark.parametrize("code", "BDQCI")
def test_pack_reminds_of_every_clause_with_a_deadline_and_of_no_other(code: str) -> None:
    pack = load_packs()[code]
    assert {each.clause for each in pack.reminders} == WITH_DEADLINE & set(pack.clauses)


def test_reminder_names_mean_one_obligation_each() -> None:
    assert all(len({r.clause for p in packs() for r in p.reminders if r.name == name}) == 1
               for name in {r.name for p in packs() for r in p.reminders})  # fmt: skip


def test_overdue_duties_of_the_roster_escalate_to_the_supervisor() -> None:
    reminder = load_packs()["C"].reminder("ROS-3", "roster_notice")
    assert reminder is not None
    assert [step.row for step in reminder.steps] == [
        {"offset": "-3d", "to": ["owner"]},
        {"offset": "0", "to": ["owner"]},
        {"offset": "+1d", "to": ["owner", "supervisor"]},
        {"offset": "+2d", "to": ["supervisor", "department_manager"]},
    ]


def test_review_and_hand_in_are_two_obligations_of_one_clause() -> None:
    pack = load_packs()["Q"]
    assert [each.name for each in pack.reminders_of("QA-6")] == ["hand_in", "review"]
    assert pack.reminder("QA-6", "feedback") is None


def test_overdue_resit_reaches_trainer_and_supervisor() -> None:
    reminder = load_packs()["Q"].reminder("TRN-6", "resit")
    assert reminder is not None
    assert ("trainer", "supervisor") in [step.to for step in reminder.steps if step.offset.amount > 0]


@pytest.mark.parametrize(("clause", "name", "default"), DEFAULTS)
def test_parameter_has_its_default_in_every_pack_of_its_clause(clause: str, name: str, default: object) -> None:
    found = {code: pack.parameter[name] for code, pack in load_packs().items() if name in pack.parameter}
    assert set(found) == set(load_clauses()[clause].sources)
    assert {(each.clause, repr(each.typed)) for each in found.values()} == {(clause, repr(default))}


def test_parameter_means_the_same_in_every_pack() -> None:
    shapes: dict[str, set[str]] = {}
    for pack in packs():
        for each in pack.parameters:
            shapes.setdefault(each.name, set()).add(f"{each.clause} {each.type} {each.of} {each.unit} {each.label}")
    assert {name: shape for name, shape in shapes.items() if len(shape) > 1} == {}


def test_numbers_have_bounds() -> None:
    kinds = {"integer", "decimal"}
    unbound = [each.name for p in packs() for each in p.parameters if each.kind in kinds and each.limits.max is None]
    assert unbound == []


def test_scorecard_has_five_categories_and_nineteen_items() -> None:
    scorecard = load_packs()["Q"].scorecard
    assert scorecard is not None
    assert [len(category.items) for category in scorecard.categories] == [4, 3, 4, 4, 4]
    assert sum(category.weight for category in scorecard.categories) == 100


def test_scorecard_bands_are_those_of_the_policy() -> None:
    scorecard = load_packs()["Q"].scorecard
    assert scorecard is not None
    assert [(band.severity, band.min, band.max) for band in scorecard.bands] == [
        ("minor", 1, 3),
        ("general", 4, 6),
        ("severe", 7, 10),
    ]


def test_scorecard_and_parameters_agree_on_base_and_floor() -> None:
    pack = load_packs()["Q"]
    assert pack.scorecard is not None
    assert pack.scorecard.base_score == pack.parameter["base_score"].typed
    assert pack.scorecard.floor == pack.parameter["score_floor"].typed


@pytest.mark.parametrize(("code", "cycles"), [("B", ["month"]), ("D", ["month", "year"]), ("Q", ["quarter", "year"])])
def test_pack_has_the_cycles_of_its_policy(code: str, cycles: list[str]) -> None:
    assert [cycle.period for cycle in load_packs()[code].cycles] == cycles


@pytest.mark.parametrize("code", "BDQ")
def test_indicators_weigh_100_and_cover_the_three_sources(code: str) -> None:
    indicators = load_packs()[code].indicators
    assert len(indicators) == 9
    assert sum(each.weight for each in indicators) == 100
    assert {each.source for each in indicators} == {"system", "customer", "superior"}


def test_channels_are_those_of_the_standard_and_keep_its_response_times() -> None:
    pack = load_packs()["I"]
    assert [channel.code for channel in pack.channels] == ["chat", "hotline", "email", "social", "self_service"]
    standards = {each.code: each.first_response for each in pack.channels if each.first_response}
    assert standards == pack.parameter["first_response"].typed
    hotline = pack.channels[1]
    assert hotline.answer_rate == pack.parameter["hotline_answer_rate"].typed
    assert hotline.mean_wait == pack.parameter["hotline_mean_wait_seconds"].typed


@pytest.mark.parametrize("code", "BD")
def test_bonus_falls_with_the_grade_and_is_nothing_for_unqualified(code: str) -> None:
    rates = {row.grade: row.rate for row in load_packs()[code].bonus}
    assert list(rates) == ["excellent", "good", "qualified", "unqualified"]
    assert list(rates.values()) == sorted(rates.values(), reverse=True)
    assert rates["unqualified"] == 0


@pytest.mark.parametrize("code", "BC")
def test_onboarding_covers_the_three_subjects_each_with_an_exam(code: str) -> None:
    courses = load_packs()[code].onboarding_courses
    codes = [course.code for course in courses]
    assert codes == ["company_and_culture", "service_norms_and_process", "product_knowledge"]
    assert all(course.exam for course in courses)


@pytest.mark.parametrize("code", "BDQ")
def test_courses_have_seven_categories_and_five_methods(code: str) -> None:
    pack = load_packs()[code]
    assert (len(pack.course_categories), len(pack.course_methods)) == (7, 5)


@pytest.mark.parametrize("code", "BD")
def test_questions_are_classified_at_least_as_the_clause_names(code: str) -> None:
    named = {"product_use", "account", "technical_fault", "complaint", "after_sales", "suggestion"}
    assert named <= {topic.code for topic in load_packs()[code].topics}


def test_conduct_rules_cover_what_the_clause_names() -> None:
    named = ["order", "dress", "food", "private_phone", "visitors", "equipment", "language"]
    assert [rule.code for rule in load_packs()["C"].conduct_rules] == named
