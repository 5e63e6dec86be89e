"""Names of people in Chinese characters: by how they read among words, by what stands around them, by their dots."""

import re
from collections.abc import Iterator, Mapping

from engine.deidentification import reading
from engine.deidentification.finding import Found, Identifying, matches
from engine.deidentification.vocabulary import COMPOUND_SURNAMES

_HAN = r"[\u4e00-\u9fff]"
_TITLE = (
    r"(?:先生|女士|小姐|太太|夫人|阿姨|叔叔|大爷|大妈|大叔|大姐|大哥|大嫂|奶奶|爷爷|老师|师傅|医生|律师|教授|"
    r"同学|同志|经理|主任|老板|总监|主管|队长|店长|"
    r"站长|科长|处长|局长|院长|校长|书记|会计|护士|警官|工程师)"
)
_SHORT_TITLE = r"[总工姐哥叔姨嫂婶伯爷董局处科]"
_SURE = (
    r"(?:(?:姓\s?名|名\s?字)(?=\s?[:=是叫为])|客户名|用户名|户名|联系人|收件人|收货人|寄件人|签收人|机主|户主|"
    r"车主|业主|房主|房东|租客|投保人|被保人|被保险人|受益人|持卡人|申请人|"
    r"经办人|办理人|代办人|来电人|致电人|投诉人|报修人|预约人|担保人|法定代表人|法人|我叫|他叫|她叫|名叫|叫做|"
    r"本名|全名|署名|落款|自称|[妈爸公婆子儿女]叫)"
)
_LIKELY = (
    r"(?:乘客|旅客|患者|病人|家长|学员|学生|会员|买家|卖家|顾客|客户|用户|本人|负责人|老公|老婆|丈夫|妻子|儿子|"
    r"女儿|父亲|母亲|爸爸|妈妈|朋友|同事|邻居|亲属|"
    r"家属|骑手|快递员|坐席|客服|您是|请问是|我是|这里是|这是)"
)
_MARK = r"\s?(?:名称|姓名|名字|为|是|叫|写)?\s?[:=(“\"【\-]?\s?"
_BEGINS: Mapping[re.Pattern[str], float] = {
    re.compile(rf"{_SURE}{_MARK}"): 14,
    re.compile(rf"{_LIKELY}{_MARK}"): 4,
    re.compile(
        r"(?:联系|转给|告知|通知|答复|回复|找|谢谢|感谢|叫|由|给|和|与|跟|向|把|被|让|请|替|对|称|访|询|促|约|陪|"
        r"因|将|经)"
    ): 2,
    re.compile(rf"(?<!{_HAN})(?={_HAN})"): 2,
}
"""How much likelier a name is right after each of these."""
_SPEAKS = (
    r"(?:来电|致电|打来|反映|反馈|表示|要求|投诉|咨询|询问|提出|说|称|收|本人|不|的|在|已|于|打|办|名下|昨|今|明|"
    r"上午|下午|曾|未|没|对)"
)
_PHONE = r"(?:\(?\+?(?:00)?86|1[3-9]|0\d\d|[幺一][三四五六七八九])"
_TITLED: Mapping[re.Pattern[str], float] = {
    re.compile(rf"(?={_TITLE})"): 7,
    re.compile(rf"(?={_SHORT_TITLE}(?!{_HAN}))"): 6,
    re.compile(rf"(?={_SHORT_TITLE})"): 3,
}
"""How much likelier a name is right before each of these, even a family name alone."""
_ENDS: Mapping[re.Pattern[str], float] = {
    re.compile(rf"(?<={_HAN})(?=\s?[,(]?\s?(?:手机|电话)?:?\s?{_PHONE})"): 6,
    re.compile(rf"(?<={_HAN})(?=[,、(]\s?[男女](?!{_HAN}))"): 6,
    re.compile(rf"(?={_SPEAKS})"): 2,
    re.compile(rf"(?<={_HAN})(?!{_HAN})"): 2,
}
"""The same for full names only."""
_DOT = "[·•・‧∙⋅]"
_DOTTED = re.compile(
    rf"{_HAN}{{1,8}}(?:{_DOT}{_HAN}{{1,6}}?(?={_DOT})|{_DOT}{_HAN}{{2,6}}?(?={_SPEAKS}|(?!{_HAN}))"
    rf"|{_DOT}{_HAN}{{1,4}}){{1,4}}"
)
_ANNOUNCED = re.compile(rf"[^·•・‧∙⋅]*(?:{_SURE}|{_LIKELY}|[由给和与跟向找把被让请对替写])(?={_HAN})")
_FAMILY = re.compile(
    rf"(?:[我你您他她人贵免]|是|就)姓(?P<name>{'|'.join(sorted(COMPOUND_SURNAMES))}|"
    rf"(?![名氏]){_HAN})的?(?!{_HAN}{{2}})"
)
_ALONE = re.compile(rf"{_SURE}\s?(?:[:=\-]|是|为)\s?(?P<name>{_HAN}{{2,6}}|{_HAN}(?:\s{_HAN}){{1,3}})(?!{_HAN})")


def find(text: str) -> Iterator[Found]:
    """Names as they read, and whatever stands by itself after a word that announces a name."""
    signs = reading.Signs(*(_places(patterns, text) for patterns in (_BEGINS, _ENDS, _TITLED)))
    for start, end in reading.names(text, signs):
        yield Found(start, end, Identifying.NAME)
    for match in _DOTTED.finditer(text):
        before = _ANNOUNCED.match(match[0])
        yield Found(match.start() + (before.end() if before else 0), match.end(), Identifying.NAME)
    yield from matches(_FAMILY, text, Identifying.NAME, "name")
    yield from matches(_ALONE, text, Identifying.NAME, "name")


def _places(patterns: Mapping[re.Pattern[str], float], text: str) -> dict[int, float]:
    """Where each pattern ends, with the most that any of them says of that place."""
    places: dict[int, float] = {}
    for pattern, likelier in patterns.items():
        for match in pattern.finditer(text):
            places[match.end()] = max(likelier, places.get(match.end(), 0))
    return places
