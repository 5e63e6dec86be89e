from engine.tabular.columns import (
    NOTE_MARK,
    THRESHOLD,
    Field,
    Kind,
    columns_by_name,
    fingerprint,
    guess_mapping,
    name_likeness,
    shape_likeness,
)
from engine.tabular.problems import Cell

FIELDS = (
    Field("reference", "通话编号", "Call number", ("call id", "流水号"), required=True),
    Field("agent", "坐席", "Agent", ("客服", "工号", "staff"), required=True),
    Field("day", "通话日期", "Call date", ("日期", "date"), Kind.DATE, required=True),
    Field("started", "开始时间", "Start time", ("时间", "time"), Kind.TIME),
    Field("answered", "是否接听", "Answered", ("接听",), Kind.YES_NO),
    Field("talk", "通话时长", "Talk time", ("talk duration",), Kind.DURATION),
    Field("rating", "满意度", "Satisfaction", ("评分", "rating"), Kind.RATING),
    Field("wait", "等待秒数", "Seconds to answer", ("speed of answer",), Kind.INTEGER),
)


def columns(header: list[str], *rows: list[Cell]) -> dict[str, str]:
    guesses = guess_mapping(header, rows, FIELDS)
    return columns_by_name(header, {name: guess.column for name, guess in guesses.items()})


def test_guess_finds_chinese_columns() -> None:
    header = ["流水号", "客服工号", "日期", "开始时间", "是否接听？", "通话时长（秒）", "满意度评分"]
    row: list[Cell] = ["C1", "A1", "2024-03-01", "9:05", "是", 120, 5]
    assert columns(header, row) == {
        "reference": "流水号",
        "agent": "客服工号",
        "day": "日期",
        "started": "开始时间",
        "answered": "是否接听？",
        "talk": "通话时长（秒）",
        "rating": "满意度评分",
    }


def test_guess_finds_english_columns_in_any_spelling() -> None:
    header = [
        "CALL_ID",
        "agent",
        "CallDate",
        "start-time",
        "Answered (Y/N)",
        "AvgTalkDuration",
        "Speed of answer in seconds",
    ]
    row: list[Cell] = ["C1", "Ann", "2024-03-01", "9:05", "Y", "00:02:00", 12]
    assert columns(header, row) == dict(
        zip(("reference", "agent", "day", "started", "answered", "talk", "wait"), header, strict=True)
    )


def test_guess_is_none_where_the_cells_contradict_the_name() -> None:
    assert columns(["日期", "满意度"], ["周一例会", "很好"], ["周二例会", "一般"]) == {}
    assert columns(["日期"]) == {"day": "日期"}


def test_guess_goes_by_the_earlier_name_of_a_ranked_field() -> None:
    person = Field("staff_id", "考生", "Candidate", ("工号", "姓名"), ranked=True)
    assert guess_mapping(["姓名", "工号"], [["林娜", "K1013"]], [person])["staff_id"].column == 1
    assert guess_mapping(["姓名", "得分"], [["林娜", "90"]], [person])["staff_id"].column == 0


def test_guess_is_none_where_two_columns_suit_equally() -> None:
    row: list[Cell] = ["2024-03-01", "2024-03-02", "A1"]
    assert columns(["日期", "Date", "坐席"], row) == {"agent": "坐席"}


def test_guess_tells_two_columns_apart_by_their_cells() -> None:
    assert columns(["日期", "Date"], ["2024-03-01", "x"], ["2024-03-02", "y"]) == {"day": "日期"}


def test_guess_never_takes_a_name_that_says_nothing() -> None:
    assert columns(["A", "备注", "column 3"], ["2024-03-01", "是", "9:05"]) == {}


def test_guess_gives_each_column_to_one_field() -> None:
    guesses = guess_mapping(["日期", "时间", "通话时间"], [["2024-03-01", "9:05", "9:06"]], FIELDS)
    used = [guess.column for guess in guesses.values()]
    assert len(used) == len(set(used))
    assert guesses["started"].column == 1
    assert all(THRESHOLD <= guess.confidence <= 1 for guess in guesses.values())


def test_guess_leaves_out_the_columns_that_were_added_here() -> None:
    assert columns([NOTE_MARK + "日期", "坐席"], ["2024-03-01", "A1"]) == {"agent": "坐席"}


def test_name_likeness_is_one_but_for_case_width_and_brackets() -> None:
    day = FIELDS[2]
    assert [name_likeness(title, day) for title in ("ＤＡＴＥ", "date (d/m/y)", "通话 日期", "日期【必填】")] == [
        1.0
    ] * 4
    assert name_likeness("备注", day) < THRESHOLD
    assert name_likeness("()", day) == 0


def test_shape_likeness_is_the_share_of_cells_that_fit() -> None:
    cells: list[Cell] = ["5", "4分", "x", 101]
    assert shape_likeness(cells, Kind.RATING) == 0.5
    assert shape_likeness(cells, Kind.TEXT) == 1
    assert shape_likeness(["1,000", 2.5], Kind.DECIMAL) == 1
    assert shape_likeness(["1,000", 2.5], Kind.INTEGER) == 0.5
    assert shape_likeness([True, "未接", "?"], Kind.YES_NO) == 2 / 3


def test_fingerprint_is_that_of_the_columns_and_their_order() -> None:
    known = fingerprint(["日期", "Agent Name"])
    assert fingerprint(["日期 ", "ａｇｅｎｔ  name", NOTE_MARK + "原因"]) == known
    assert fingerprint(["Agent Name", "日期"]) != known
    assert fingerprint(["日期", "Agent Name", "备注"]) != known
    assert fingerprint(["日期Agent Name"]) != known
