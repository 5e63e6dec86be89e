"""A pack file is taken whole or refused with every fault and its line."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from engine.packs.errors import PackRefused
from engine.packs.loader import FOLDER, load_clauses, load_folder, load_pack, load_packs, load_rulebook
from engine.packs.offsets import Offset, OffsetUnit, parse_duration, parse_offset
from engine.packs.reading import MAX_BYTES
from engine.packs.values import Limits, Weekday, typed_value, value_problems

SOUND = """\
code: Q
title: {zh: 质检, en: Inspection}
version: "2.0"
effective: 2026-03-01
clauses:
  - TRN-1
  - TRN-6
  - QA-2
  - QA-4
  - QA-6
  - RCT-1
  - APR-2
parameters:
  - name: pass_mark
    clause: TRN-6
    type: integer
    unit: points
    value: 80
    min: 1
    max: 100
    label: {zh: 合格线, en: Pass mark}
    help: {zh: 低于此分须补考。, en: A result below this opens a resit.}
  - name: rectification_days
    clause: RCT-1
    type: table
    of: integer
    value:
      minor: 7
      severe: 3
    max: 30
    label: {zh: 整改期限, en: Days to rectify}
    help: {zh: 按严重程度。, en: By severity.}
reminders:
  - clause: QA-6
    name: hand_in
    title: {zh: 提交, en: Handing in}
    steps:
      - {offset: -2wd, to: [owner]}
      - {offset: "0", to: [owner, qa_supervisor]}
      - {offset: +1d, to: [department_manager]}
scorecard:
  clause: QA-2
  version: "1"
  title: {zh: 评分表, en: Scorecard}
  base_score: 100
  floor: 0
  step: 1
  bands:
    - {severity: minor, clause: QA-4, title: {zh: 轻微, en: Minor}, min: 1, max: 3}
    - {severity: general, clause: QA-4, title: {zh: 一般, en: General}, min: 4, max: 6}
    - {severity: severe, clause: QA-4, title: {zh: 严重, en: Severe}, min: 7, max: 10}
  categories:
    - code: attitude
      clause: QA-2
      title: {zh: 态度, en: Attitude}
      weight: 60
      items:
        - {code: courtesy, title: {zh: 礼貌, en: Courtesy}, checks: {zh: 用语。, en: Wording.}}
    - code: norms
      clause: QA-2
      title: {zh: 规范, en: Norms}
      weight: 40
      items:
        - {code: process, title: {zh: 流程, en: Process}, checks: {zh: 流程。, en: Process.}}
indicators:
  - code: qa_score
    clause: APR-2
    title: {zh: 质检得分, en: QA score}
    weight: 100
    source: system
    measure: mean_qa_score
    unit: points
    zero_at: 60
    full_at: 95.5
    formula: {zh: 平均值, en: Mean}
"""

# What is changed in the sound file, into what, on which line the fault is then told, and words of the reason.
FAULTS = {
    "unknown key": ("version:", "edition: 1\nversion:", 3, "edition is not known"),
    "unknown nested key": ("    unit: points\n    value", "    unti: points\n    value", 17, "unti is not known"),
    "missing key": ('version: "2.0"\n', "", 1, "version is missing"),
    "missing nested key": ("    unit: points\n    value: 80\n", "    unit: points\n", 14, "value is missing"),
    "unknown unit": ("    unit: points\n    value", "    unit: furlongs\n    value", 17, "not a unit"),
    "version as number": ('version: "2.0"', "version: 2.0", 3, "should be text"),
    "list expected": ("clauses:\n", "clauses: TRN-1\nother:\n", 5, "should be a list"),
    "wrong type": ("value: 80", "value: eighty", 18, "whole number"),
    "boolean for a number": ("value: 80", "value: true", 18, "whole number"),
    "wrong type in a table": ("minor: 7", "minor: soon", 28, "whole number"),
    "wrong parameter type": ("type: integer\n    unit", "type: integr\n    unit", 16, "one of"),
    "table that does not say of what": ("    of: integer\n", "", 25, "what it holds"),
    "bound of another type": ("max: 100", "max: many", 20, "bound is not"),
    "weight as text": ("weight: 60", 'weight: "60"', 56, "should be a number"),
    "value too small": ("value: 80", "value: 0", 18, "0 is below the least allowed, 1"),
    "value too large": ("value: 80", "value: 101", 18, "101 is above the most allowed, 100"),
    "table entry too large": ("minor: 7", "minor: 31", 28, "31 is above the most allowed, 30"),
    "unknown clause in the list": ("  - TRN-1\n", "  - TRN-99\n", 6, "no clause TRN-99"),
    "clause of another policy": ("  - TRN-1\n", "  - ROS-1\n", 6, "ROS-1 does not come from policy Q"),
    "clause listed twice": ("  - TRN-1\n", "  - TRN-6\n", 7, "second time"),
    "unknown clause of a value": ("    clause: TRN-6", "    clause: TRN-66", 15, "no clause TRN-66"),
    "clause of a value not listed": ("    clause: TRN-6", "    clause: TRN-7", 15, "TRN-7 is not in this pack"),
    "duplicate parameter": ("name: rectification_days", "name: pass_mark", 23, "pass_mark stands here a second time"),
    "duplicate key": ("    value: 80", "    value: 80\n    value: 81", 19, "value is written twice"),
    "bands overlap": ("min: 4, max: 6", "min: 3, max: 6", 50, "overlaps"),
    "bands leave a gap": ("min: 4, max: 6", "min: 5, max: 6", 50, "gap"),
    "band ends before it begins": ("min: 7, max: 10", "min: 7, max: 6.5", 51, "ends before"),
    "bands out of order": ("severity: minor", "severity: severe", 48, "in this order"),
    "band larger than the score": ("base_score: 100", "base_score: 9", 51, "more than a score can lose"),
    "floor above base": ("floor: 0", "floor: 100", 46, "least score"),
    "category weights": ("weight: 60", "weight: 50", 52, "sum to 90"),
    "category weight too large": ("weight: 60", "weight: 160", 56, "at most 100"),
    "indicator weights": ("weight: 100", "weight: 99.5", 65, "sum to 99.5"),
    "indicator without a range": ("full_at: 95.5", "full_at: 60", 74, "different figures"),
    "unknown recipient": ("[owner, qa_supervisor]", "[owner, boss]", 39, "Nobody is known"),
    "nobody to remind": ("[owner, qa_supervisor]", "[]", 39, "should not be empty"),
    "bad offset": ("-2wd", "-2weeks", 38, "not an offset"),
    "steps out of order": ("-2wd", "+5h", 39, "follow each other"),
    "missing language": ("{zh: 合格线, en: Pass mark}", "{zh: 合格线}", 21, "English text is missing"),
    "empty language": ("title: {zh: 质检, en: Ins", 'title: {zh: "", en: Ins', 2, "Chinese text is missing"),
    "language without words": ("{zh: 质检, en: Inspection}", "{zh: 质检, en: }", 2, "English text is missing"),
    "one language only": ("title: {zh: 质检, en: Inspection}", "title: 质检", 2, "group of keys"),
    "item named twice": ("code: process", "code: courtesy", 64, "courtesy stands here a second time"),
    "bad date": ("2026-03-01", "2026-02-30", 4, "date such as"),
    "bad code": ("code: Q\n", "code: q q\n", 1, "such a code"),
    "bracket left open": ("  - TRN-1\n", "  - [TRN-1\n", 6, "not valid YAML"),
    "quotation left open": ('version: "1"', 'version: "1', 43, "not valid YAML"),
    "quotation mark left over": ('version: "2.0"', 'version: "2.0""', 3, "not valid YAML"),
    "wrong indentation": ("    unit: points\n    value", "    unit: points\n   value", 18, "not valid YAML"),
    "tab": ("    unit: points\n    value", "\tunit: points\n    value", 17, "not valid YAML"),
    "alias": ("[owner, qa_supervisor]", "*people", 39, "Anchors and aliases"),
    "anchor": ("[owner, qa_supervisor]", "&people [owner]", 39, "Anchors and aliases"),
    "tag": ("[owner, qa_supervisor]", "!!python/name:os.system ''", 39, "Tags are not allowed"),
    "key that is a list": ("title: {zh: 质检", "title: {[a]: b, zh: 质检", 2, "plain word"),
    "control character": ("Pass mark", "Pass\x07mark", 21, "not allowed|not valid|does not allow"),
}  # fmt: skip


def written(folder: Path, text: str, name: str = "pack.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(PackRefused) as raised:
        load_pack(path)
    return [(error.file, error.line, str(error.reason)) for error in raised.value.errors]


def test_sound_pack_is_loaded_with_its_types(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path, SOUND))
    assert (pack.code, pack.version, pack.effective) == ("Q", "2.0", date(2026, 3, 1))
    assert pack.title.words == {"zh": "质检", "en": "Inspection"}
    assert {name: each.typed for name, each in pack.parameter.items()} == {
        "pass_mark": 80,
        "rectification_days": {"minor": 7, "severe": 3},
    }
    assert pack.indicators[0].full_at == Decimal("95.5")
    assert [step.offset for step in pack.reminders[0].steps] == [
        Offset(-2, OffsetUnit.WORKING_DAYS),
        Offset(0, OffsetUnit.MINUTES),
        Offset(1, OffsetUnit.DAYS),
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_pack_is_refused_with_file_and_line_on(fault: str, tmp_path: Path) -> None:
    old, new, line, words = FAULTS[fault]
    assert SOUND.count(old) >= 1
    errors = refused(written(tmp_path, SOUND.replace(old, new, 1), "mine.yaml"))
    found = [error for error in errors if error[1] == line and any(word in error[2] for word in words.split("|"))]
    assert [error[0] for error in found] == ["mine.yaml"], errors


def test_all_faults_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = SOUND
    for old, new in [
        ("value: 80", "value: 800"),
        ("minor: 7", "minor: soon"),
        ("[department_manager]", "[boss]"),
        ("-2wd", "whenever"),
        ("min: 4, max: 6", "min: 5, max: 6"),
        ("weight: 60", "weight: 50"),
        ("en: Mean", "fr: Moyenne"),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    assert [(line, reason) for _file, line, reason in refused(written(tmp_path, text))] == [
        (18, "800 is above the most allowed, 100."),
        (28, "This should be a whole number."),
        (38, "This is not an offset such as -3d, +4h, -2wd or 0."),
        (40, "Nobody is known by this name as a recipient."),
        (50, "There is a gap between this band and the one below it."),
        (52, "The weights sum to 90; they should sum to 100."),
        (75, "The English text is missing."),
        (75, "The key fr is not known here."),
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "i_support_standard",
            'open: "09:00", close: "18:00"',
            'open: "18:00", close: "18:00"',
            "close after it opens",
        ),
        ("i_support_standard", 'close: "18:00"', 'close: "24:00"', "time of day"),
        (
            "i_support_standard",
            "days: [monday, tuesday, wednesday, thursday, friday]",
            "days: [mon]",
            "weekday such as",
        ),
        ("i_support_standard", "first_response: 30m", "first_response: -30m", "length of time"),
        ("i_support_standard", "tier: 1", "tier: 4", "at most 3"),
        ("i_support_standard", "tier: 1", "tier: 0", "at least 1"),
        ("i_support_standard", "code: email", "code: chat", "chat stands here a second time"),
        ("b_customer_service", "category: service_norms", "category: norms", "no course category norms"),
        ("b_customer_service", "grade: good", "grade: excellent", "excellent stands here a second time"),
        ("b_customer_service", "rate: 150", "rate: -1", "at least 0"),
        ("b_customer_service", "exam: true", "exam: yes", "true or false"),
        ("q_quality_department", "period: quarter", "period: quarters", "one of"),
        ("c_customer_care", "code: visitors", "code: food", "food stands here a second time"),
    ],
)
def test_our_own_packs_are_refused_when_changed_wrongly(
    name: str, old: str, new: str, words: str, tmp_path: Path
) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    found = [
        (number, words in reason) for _file, number, reason in refused(written(tmp_path, text.replace(old, new, 1)))
    ]
    assert found == [(line, True)]


def test_words_too_long_for_a_screen_are_refused(tmp_path: Path) -> None:
    text = SOUND.replace("en: Inspection", f"en: {'long ' * 250}")
    assert refused(written(tmp_path, text)) == [("pack.yaml", 2, "This is longer than 1000 characters.")]


def test_scorecard_with_a_faulty_band_is_not_judged_on_gaps(tmp_path: Path) -> None:
    text = SOUND.replace("min: 4, max: 6", "min: four, max: 6")
    assert refused(written(tmp_path, text)) == [("pack.yaml", 50, "This should be a number.")]


def test_bands_are_judged_even_when_the_score_is_not_a_number(tmp_path: Path) -> None:
    text = SOUND.replace("min: 4, max: 6", "min: 5, max: 6").replace("base_score: 100", "base_score: full")
    assert [line for _file, line, _reason in refused(written(tmp_path, text))] == [45, 50]


def test_pack_of_a_department_may_hold_clauses_of_any_policy(tmp_path: Path) -> None:
    text = SOUND.replace("code: Q\n", "code: OURS\n").replace("  - TRN-1\n", "  - ROS-1\n  - HIRE-1\n")
    assert load_pack(written(tmp_path, text)).clauses[:2] == ("ROS-1", "HIRE-1")


def test_pack_of_a_department_may_not_hold_unknown_clauses(tmp_path: Path) -> None:
    text = SOUND.replace("code: Q\n", "code: OURS\n").replace("  - TRN-1\n", "  - ROS-12\n")
    assert refused(written(tmp_path, text)) == [("pack.yaml", 6, "There is no clause ROS-12 in the rulebook.")]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "empty"),
        (b"# nothing\n", 1, "empty"),
        (b"just words", 1, "group of keys"),
        (b"code: Q\n---\ncode: B\n", 2, "more than one document"),
        (b"code: Q\ntitle: \xff\n", 2, "not UTF-8"),
        (b"#" * (MAX_BYTES + 1), 1, "larger than 512 KB"),
        (b"code: " + b"[" * 40 + b"]" * 40, 1, "nested too deeply"),
        (b"code: " + b"[" * 100_000, 1, "nested too deeply|not valid YAML"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "Anchors and aliases"),
        (b"!!python/object/apply:os.getcwd []\n", 1, "Tags"),
    ],
)  # fmt: skip
def test_file_is_refused_when_it_is_no_plain_yaml(data: bytes, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(data)
    found = [error for error in refused(path) if error[1] == line and any(w in error[2] for w in words.split("|"))]
    assert len(found) == 1


def test_refusal_reads_as_a_list_of_places(tmp_path: Path) -> None:
    text = SOUND.replace("value: 80", "value: 0").replace("minor: 7", "minor: 31")
    with pytest.raises(PackRefused) as raised:
        load_pack(written(tmp_path, text))
    assert str(raised.value).splitlines() == [
        "pack.yaml:18: 0 is below the least allowed, 1.",
        "pack.yaml:28: 31 is above the most allowed, 30.",
    ]


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml") == [("none.yaml", 1, "The file can not be read.")]


def test_words_that_old_yaml_misreads_stay_what_was_written(tmp_path: Path) -> None:
    integer = "type: integer\n    unit: points\n    value: 80\n    min: 1\n    max: 100"
    text = SOUND.replace(integer, "type: time\n    value: 09:00")
    assert load_pack(written(tmp_path, text)).parameter["pass_mark"].typed == time(9)
    text = text.replace("type: time", "type: boolean").replace("09:00", "no")
    assert refused(written(tmp_path, text)) == [("pack.yaml", 17, "This should be true or false.")]


def test_packs_cannot_be_changed(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path, SOUND))
    with pytest.raises(ValueError, match="frozen"):
        pack.parameters[0].value = 10
    with pytest.raises(TypeError):
        pack.parameter["pass_mark"] = pack.parameters[1]  # type: ignore[index]  # writing to it is what must fail


def test_built_in_packs_are_read_once() -> None:
    assert load_packs() is load_packs()
    assert load_clauses() is load_clauses()


def test_folder_tells_the_faults_of_all_its_files(tmp_path: Path) -> None:
    written(tmp_path, SOUND.replace("value: 80", "value: 0"), "a.yaml")
    written(tmp_path, SOUND, "b.yaml")
    written(tmp_path, SOUND, "c.yaml")
    with pytest.raises(PackRefused) as raised:
        load_folder(tmp_path)
    assert [(error.file, error.line) for error in raised.value.errors] == [("a.yaml", 18), ("c.yaml", 1)]
    assert str(raised.value.errors[1]) == "c.yaml:1: Another file already holds pack Q."


RULEBOOK = """\
chapters:
  - {id: ROS, title: {zh: 排班, en: Rosters}}
clauses:
  - id: ROS-1
    chapter: ROS
    sources: [C]
    reminds: false
    title: {zh: 时段, en: Hours}
    sentence: {zh: 每周七天。, en: Seven days a week.}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("chapter: ROS", "chapter: TRN", 5, "no chapter TRN"),
        ("sources: [C]", "sources: []", 6, "empty"),
        ("reminds: false", "reminds: maybe", 7, "true or false"),
        ("id: ROS-1", "id: roster one", 4, "such a code"),
        (", en: Seven days a week.", "", 9, "English text is missing"),
        ("Rosters}}\n", "Rosters}}\n  - {id: ROS, title: {zh: 班, en: B}}\n", 3, "second time"),
    ],
)  # fmt: skip
def test_rulebook_is_refused_with_its_faults(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(PackRefused) as raised:
        load_rulebook(written(tmp_path, RULEBOOK.replace(old, new, 1)))
    assert [(error.line, words in str(error.reason)) for error in raised.value.errors] == [(line, True)]


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("-3d", -3, OffsetUnit.DAYS),
        ("+4h", 4, OffsetUnit.HOURS),
        ("-15m", -15, OffsetUnit.MINUTES),
        ("-2wd", -2, OffsetUnit.WORKING_DAYS),
        ("0", 0, OffsetUnit.MINUTES),
        ("0d", 0, OffsetUnit.DAYS),
        ("7d", 7, OffsetUnit.DAYS),
    ],
)
def test_offset_is_read(text: str, amount: int, unit: OffsetUnit) -> None:
    assert parse_offset(text) == Offset(amount, unit)


@pytest.mark.parametrize("text", ["", "3", "-d", "3 d", "--3d", "3w", "3D", "99999d", "1.5h", "３d", "-3d\n"])
def test_offset_is_refused_when_written_otherwise(text: str) -> None:
    with pytest.raises(ValueError, match="not an offset"):
        parse_offset(text)


@pytest.mark.parametrize("text", ["-3d", "+4h", "-2wd", "0", "+30m"])
def test_offset_writes_itself_as_it_was_read(text: str) -> None:
    assert str(parse_offset(text)) == text


def test_duration_is_refused_when_it_has_a_sign() -> None:
    assert parse_duration("1wd") == Offset(1, OffsetUnit.WORKING_DAYS)
    with pytest.raises(ValueError, match="no sign"):
        parse_duration("-1wd")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", 3, "3"),
        ("decimal", "4.5", "NaN"),
        ("decimal", 4, "four"),
        ("decimal", "0", 1.5),
        ("boolean", False, 0),
        ("time", "23:59", "24:00"),
        ("month_day", "02-29", "02-30"),
        ("month_day", "12-15", "13-01"),
        ("weekday", "friday", "Friday"),
        ("duration", "30m", "-30m"),
        ("text", "words", "  "),
    ],
)
def test_value_is_judged_by_its_type(kind: str, good: object, bad: object) -> None:
    limits = Limits(kind)  # type: ignore[arg-type]  # the text of a kind, as a parameter of the test
    assert (list(value_problems(limits, good)), len(list(value_problems(limits, bad)))) == ([], 1)


def test_value_of_a_list_is_judged_entry_by_entry() -> None:
    limits = Limits("list", "text", choices=("a", "b"))
    assert [place for place, _reason in value_problems(limits, ["a", "c", 4, "b"])] == [(1,), (2,)]
    assert [place for place, _reason in value_problems(limits, "a")] == [()]
    assert [place for place, _reason in value_problems(limits, [])] == [()]


def test_value_of_a_table_is_judged_entry_by_entry() -> None:
    limits = Limits("table", "integer", min=1)
    assert [place for place, _reason in value_problems(limits, {"a": 1, "b": 0, "c": "x"})] == [("b",), ("c",)]
    assert [place for place, _reason in value_problems(limits, [1])] == [()]
    assert [place for place, _reason in value_problems(limits, {})] == [()]


def test_value_becomes_what_a_rule_works_with() -> None:
    assert typed_value(Limits("list", "weekday"), ["friday", "monday"]) == (Weekday.FRIDAY, Weekday.MONDAY)
    assert typed_value(Limits("table", "decimal"), {"a": "1.50", "b": 2}) == {"a": Decimal("1.50"), "b": Decimal(2)}
    assert typed_value(Limits("duration"), "2wd") == Offset(2, OffsetUnit.WORKING_DAYS)


@pytest.mark.parametrize(("kind", "raw"), [("list", "friday"), ("table", ["friday"])])
def test_value_of_another_shape_becomes_nothing(kind: str, raw: object) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        typed_value(Limits(kind, "text"), raw)  # type: ignore[arg-type]  # the text of a kind, as a parameter of the test


def test_durations_are_compared_whatever_their_unit() -> None:
    limits = Limits("duration", min=parse_duration("30m"), max=parse_duration("2d"))
    allowed = [text for text in ("29m", "30m", "1h", "48h", "49h", "2wd") if not list(value_problems(limits, text))]
    assert allowed == ["30m", "1h", "48h", "2wd"]
