"""Names of people, in Chinese characters, in pinyin and in English: by their surname and what stands around them."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying
from engine.deidentification.name_lists import (
    COMMON_WORDS,
    COMPOUND_SURNAMES,
    ENGLISH_GIVEN,
    GIVEN_CHARACTERS,
    PINYIN_SURNAMES,
    PINYIN_SYLLABLE,
    SURNAMES,
    USUAL_SURNAMES,
)

_HAN = r"\u4e00-\u9fff"
_SURNAME = rf"(?:{'|'.join(COMPOUND_SURNAMES)}|[{SURNAMES}])"
_TITLE = (
    r"(?:先生|女士|小姐|太太|夫人|阿姨|叔叔|大爷|大妈|大叔|大姐|大哥|奶奶|爷爷|老师|师傅|医生|律师|教授|同学|同志|"
    r"经理|主任|老板|总监|总(?![共计额部结数之体量是会能有在要经裁监而算]))"
)
_TITLED = re.compile(rf"(?P<name>{_SURNAME}[{_HAN}]{{0,3}}?)\s?{_TITLE}")
_LABEL = (
    r"(?:姓\s?名|名\s?字|客户名|用户名|户名|联系人|收件人|收货人|寄件人|签收人|机主|户主|车主|业主|房主|投保人|被保人|被保险人|受益人|持卡人|申请人|"
    r"经办人|办理人|代办人|来电人|致电人|投诉人|报修人|乘客|旅客|患者|病人|家长|学员|学生|会员|买家|卖家|顾客|客户|用户|本人|法人|法定代表人|负责人|老公|老婆|丈夫|妻子|儿子|女儿|"
    r"父亲|母亲|爸爸|妈妈|朋友|同事|邻居|亲属|家属)"
)
_LABELLED = re.compile(
    rf"{_LABEL}(?:名称|姓名|名字)?\s?(?:[:：=]|是|为|叫做|叫|名叫|——|-)\s?(?P<name>{_SURNAME}\s?[{_HAN}](?:\s?[{_HAN}]{{1,2}})?)"
)
_CALLED = re.compile(
    rf"(?:我叫|名叫|叫做|本名|全名|实名|署名|落款|化名|他叫|她叫|您是|请问是|我是|这里是|这是|自称|自称是|备注名?)\s?[:：]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})"
)
_NEXT_TO = re.compile(rf"{_LABEL}\s?[（(“\"【]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_BARE = re.compile(rf"(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_SMALL = re.compile(
    rf"(?<![{_HAN}])(?P<name>[小老阿][{USUAL_SURNAMES}])(?![{_HAN}]?[时区票程额红黄米])(?=[^{_HAN}]|[{_HAN}])"
)
_BEFORE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[由给和与跟向找把被让请是叫为及同替对称])$")
_AFTER = re.compile(
    r"[^\u4e00-\u9fff]|$|先生|女士|来电|致电|打来|反映|反馈|表示|要求|投诉|咨询|询问|称|说|的|在|于|想|购买|下单|收到|签收|申请|反应|询|认为|同意|不|已|会|"
    r"曾|再|又|今|昨|前|本|和|与|及|等|从|对|向|把|被|将|联系|需要|希望|提出|提供|确认|核实|办理|登记|预约|接听|拒|到|去|也|因|通过|手机|电话|身份|名下|账|帐|您好|"
    r"你好|来|取|寄|代|个人|发|换|退|家|是|有|要"
)
_ENGLISH_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Mister)"
_WORD = r"[A-Z][a-zA-Z'’\-]+"
_ENGLISH_TITLED = re.compile(rf"\b(?:{_ENGLISH_TITLE})\.?\s(?P<name>{_WORD}(?:\s(?:[A-Z]\.\s?)?{_WORD}){{0,2}})")
_ENGLISH_LABELLED = re.compile(
    rf"\b(?i:(?:full |first |last |customer(?:'s)? |account |contact |recipient(?:'s)? |"
    rf"cardholder(?:'s)? )?name(?:\s(?:is|was))?|customer|client|contact(?: person)?|recipient|caller|"
    rf"cardholder|account holder|attn|attention|passenger|patient|signed(?: for)? by|sold to|ship to|"
    rf"bill to|addressed to)"
    rf"\s?[:=\-]?\s?(?P<name>{_WORD}(?:\s(?:[A-Z]\.\s?)?{_WORD}){{0,3}})"
)
_INTRODUCED = re.compile(
    rf"\b(?i:my name is|my name's|name is|i am|i'm|this is|speaking with|spoke (?:to|with)|called|named|"
    rf"on behalf of|regards,?|sincerely,?|thanks,?|dear|hi|"
    rf"hello)[\s,]+(?P<name>{_WORD}(?:\s(?:[A-Z]\.\s?)?{_WORD}){{0,2}})"
)
_PAIR = re.compile(rf"\b(?P<first>{_WORD})(?:\s[A-Z]\.)?[\s](?P<last>{_WORD})\b")
_SINGLE = re.compile(rf"\b(?P<name>{_WORD})\b")
_SYLLABLES = re.compile(rf"(?:{PINYIN_SYLLABLE})(?:['’\-]?(?:{PINYIN_SYLLABLE})){{0,2}}", re.IGNORECASE)
_LONGEST_SINGLE = 2


def find(text: str) -> Iterator[Found]:
    """Names with a title, after a word that announces one, and full names that stand on their own."""
    for pattern in (_TITLED, _SMALL):
        yield from _checked(pattern, text)
    for pattern in (_LABELLED, _CALLED, _NEXT_TO):
        for match in pattern.finditer(text):
            if (end := _end_of_name(text, match.start("name"), match.end("name"))) is not None:
                yield Found(match.start("name"), end, Identifying.NAME)
    yield from _bare(text)
    yield from _english(text)


def _checked(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        if not _is_common(match["name"]):
            yield Found(match.start("name"), match.end("name"), Identifying.NAME)


def _is_common(name: str) -> bool:
    """Whether what begins like a surname is an everyday word."""
    return any(name.startswith(word) for word in COMMON_WORDS)


def _surname_length(name: str) -> int:
    return 2 if name[:2] in COMPOUND_SURNAMES else 1


def _end_of_name(text: str, start: int, end: int) -> int | None:
    """Where a name that was announced ends: after two given characters at most, one where a sentence goes on."""
    name = text[start:end]
    if _is_common(name):
        return None
    longest = min(end, start + _surname_length(name) + 2)
    for candidate in range(longest, start + _surname_length(name), -1):
        if _AFTER.match(text, candidate):
            return candidate
    given = name[_surname_length(name) :][:2]
    return longest if given and all(char in GIVEN_CHARACTERS for char in given) else None


def _bare(text: str) -> Iterator[Found]:
    """Full names without a word that announces them: every given character is one that people are called by."""
    for start, char in enumerate(text):
        if char not in SURNAMES and text[start : start + 2] not in COMPOUND_SURNAMES:
            continue
        if (found := _bare_at(text, start)) is not None:
            yield found


def _bare_at(text: str, start: int) -> Found | None:
    if _is_common(text[start : start + 4]):
        return None
    begin = start + _surname_length(text[start : start + 2])
    for length in (2, 1):
        given = text[begin : begin + length]
        if len(given) != length or not all(char in GIVEN_CHARACTERS for char in given):
            continue
        if not _AFTER.match(text, begin + length):
            continue
        before = _BEFORE.search(text[:start]) is not None
        if before or (length == _LONGEST_SINGLE and text[start] in USUAL_SURNAMES):
            return Found(start, begin + length, Identifying.NAME)
    return None


def _english(text: str) -> Iterator[Found]:
    for pattern in (_ENGLISH_TITLED, _ENGLISH_LABELLED, _INTRODUCED):
        for match in pattern.finditer(text):
            if _is_english_name(match["name"]) or pattern is _ENGLISH_TITLED:
                yield Found(match.start("name"), match.end("name"), Identifying.NAME)
    for match in _PAIR.finditer(text):
        if _is_pair(match["first"], match["last"]):
            yield Found(match.start(), match.end(), Identifying.NAME)
    for match in _SINGLE.finditer(text):
        if match["name"].lower() in ENGLISH_GIVEN:
            yield Found(match.start(), match.end(), Identifying.NAME)


def _is_english_name(name: str) -> bool:
    first, *others = name.split()
    return first.lower() in ENGLISH_GIVEN or (bool(others) and _is_pair(first, others[-1]))


def _is_pair(first: str, last: str) -> bool:
    if first.lower() in ENGLISH_GIVEN:
        return True
    return _is_pinyin(first, last) or _is_pinyin(last, first)


def _is_pinyin(surname: str, given: str) -> bool:
    return surname.lower() in PINYIN_SURNAMES and _SYLLABLES.fullmatch(given) is not None
