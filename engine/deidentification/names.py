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
    SINGLE_GIVEN,
    SURNAMES,
    USUAL_SURNAMES,
)

MOST_USUAL = 80
"""So many surnames, the most usual ones, are found in 小王 and 老李."""
FIRST_OF_TWO = frozenset("一小大来万千少多")
ENOUGH_SIGNS, ALL_SIGNS = 2, 3
_HAN = r"\u4e00-\u9fff"
_SURNAME = rf"(?:{'|'.join(sorted(COMPOUND_SURNAMES))}|[{''.join(sorted(SURNAMES))}])"
_TITLE = (
    r"(?:先生|女士|小姐|太太|夫人|阿姨|叔叔|大爷|大妈|大叔|大姐|大哥|奶奶|爷爷|老师|师傅|医生|律师|教授|同学|同志|"
    r"经理|主任|老板|总监|总(?![共计额部结数之体量是会能有在要经裁监而算]))"
)
_TITLED = re.compile(rf"(?P<name>{_SURNAME}[{_HAN}]{{0,3}}?)\s?{_TITLE}")
_SURE = (
    r"(?:姓\s?名|名\s?字|客户名|用户名|户名|联系人|收件人|收货人|寄件人|签收人|机主|户主|车主|业主|房主|投保人|被保人|"
    r"被保险人|受益人|持卡人|申请人|经办人|办理人|代办人|来电人|致电人|投诉人|报修人|法定代表人|法人)"
)
_LIKELY = (
    r"(?:乘客|旅客|患者|病人|家长|学员|学生|会员|买家|卖家|顾客|客户|用户|本人|负责人|老公|老婆|丈夫|妻子|儿子|女儿|"
    r"父亲|母亲|爸爸|妈妈|朋友|同事|邻居|亲属|家属)"
)
_LABELLED = re.compile(
    rf"(?:{_SURE}|{_LIKELY})(?:名称|姓名|名字)?\s?(?:[:：=]|是|为|叫做|叫|名叫|——|-)\s?"
    rf"(?P<name>{_SURNAME}\s?[{_HAN}](?:\s?[{_HAN}]{{1,2}})?)"
)
_CALLED_SURE = re.compile(
    rf"(?:我叫|名叫|叫做|本名|全名|署名|落款|他叫|她叫|自称是?|备注名)\s?[:：]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})"
)
_CALLED = re.compile(rf"(?:您是|请问是|我是|这里是|这是|实名)\s?[:：]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_NEXT_TO_SURE = re.compile(rf"{_SURE}\s?[（(“\"【]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_NEXT_TO = re.compile(rf"{_LIKELY}\s?[（(“\"【]?\s?(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_SMALL = re.compile(rf"(?<![{_HAN}])(?P<name>[小老阿][{USUAL_SURNAMES[:MOST_USUAL]}])(?![{_HAN}]?[时程米区票额])")
_BEFORE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[由给和与跟向找把被让请是叫为及同替对称访知系户人诉复谢询促约陪])$")
_AFTER = re.compile(
    r"[^\u4e00-\u9fff]|$|先生|女士|来|致|打|反|表|要|投|咨|询|称|说|的|在|于|想|购|买|下单|收到|签收|申请|认为|同意|不|已|会|曾|再|又|"
    r"今|昨|前|本|和|与|及|等|从|对|向|把|被|将|联系|需|希望|提|确认|核|办|登|预|接|拒|到|去|也|因|通过|手机|电|身份|名下|账|帐|"
    r"您好|你好|取|寄|代|个人|发|换|退|家|是|有|进|完|主|现|当|刚|正|可|能|应|须|才|还|就|报|查|拨|处|使|付|订|续|补|修|装|姓|微|邮|"
    r"没|未|无|只|一|两|自|至|给|让|请|愿|得|了|很|非|并|但"
)
_SPEAKS = re.compile(r"来电|致电|打来|反映|反馈|表示|要求|投诉|咨询|询问|提出|先生|女士|小姐|[（(]|，手机|，电话")
"""What a customer does: whoever does it right after a word for a customer bears a name."""
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


def find(text: str) -> Iterator[Found]:
    """Names with a title, after a word that announces one, and full names that stand on their own."""
    for pattern in (_TITLED, _SMALL):
        yield from _checked(pattern, text)
    for pattern, surely in (
        (_LABELLED, True),
        (_NEXT_TO_SURE, True),
        (_CALLED_SURE, True),
        (_CALLED, False),
        (_NEXT_TO, False),
    ):
        for match in pattern.finditer(text):
            if (end := _announced_end(text, match, surely=surely)) is not None:
                yield Found(match.start("name"), end, Identifying.NAME)
    yield from _bare(text)
    yield from _english(text)


def _checked(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        if not _is_common(match["name"]):
            yield Found(match.start("name"), match.end("name"), Identifying.NAME)


def _is_common(name: str) -> bool:
    """Whether what begins like a surname is an everyday word."""
    return any(name[:length] in COMMON_WORDS for length in (2, 3))


def _surname_length(name: str) -> int:
    return 2 if name[:2] in COMPOUND_SURNAMES else 1


def _are_given(characters: str) -> bool:
    """Whether people are called so; some characters only begin a name of two (一诺, 小红)."""
    if len(characters) > 1 and characters[0] in FIRST_OF_TWO:
        characters = characters[1:]
    return bool(characters) and all(char in GIVEN_CHARACTERS for char in characters)


def _announced_end(text: str, match: re.Match[str], *, surely: bool) -> int | None:
    """Where a name that was announced ends: two given characters, one where the sentence goes on; None: no name.

    `surely` for an announcement after which nothing but a name stands.
    """
    name = match["name"].replace(" ", "")
    given = name[_surname_length(name) :]
    if not given or (_is_common(name) and not (_are_given(given[:2]) and (surely or len(given) > 1))):
        return None
    start, end = match.start("name"), match.end("name")
    two, one = _place(text, start, _surname_length(name) + 2, end), _place(text, start, _surname_length(name) + 1, end)
    if two is not None and _are_given(given[:2]):
        return two
    likely = surely or given[0] in GIVEN_CHARACTERS
    for candidate in (one, two):
        if candidate is not None and (_AFTER if likely else _SPEAKS).match(text, candidate):
            return candidate
    return (two or one) if likely else None


def _place(text: str, start: int, count: int, end: int) -> int | None:
    """Where the `count`-th character of a name ends, blanks aside; None when the name is shorter."""
    for place in range(start, end):
        count -= not text[place].isspace()
        if not count:
            return place + 1
    return None


def _bare(text: str) -> Iterator[Found]:
    """Full names without a word that announces them: every given character is one that people are called by."""
    for start, char in enumerate(text):
        if char not in SURNAMES and text[start : start + 2] not in COMPOUND_SURNAMES:
            continue
        if (found := _bare_at(text, start)) is not None:
            yield found


def _bare_at(text: str, start: int) -> Found | None:
    """A name that nothing announces needs signs enough: what stands before and after, how usual its parts are."""
    length = _surname_length(text[start : start + 2])
    begin = start + length
    is_common = _is_common(text[start : start + 3])
    announced = _BEFORE.search(text[max(0, start - 2) : start]) is not None
    usual = length > 1 or text[start] in USUAL_SURNAMES
    two, one = text[begin : begin + 2], text[begin : begin + 1]
    if len(two) > 1 and _are_given(two):
        signs = usual + announced + (_AFTER.match(text, begin + 2) is not None) + (two[0] in GIVEN_CHARACTERS)
        if signs >= ALL_SIGNS:
            return Found(start, begin + 2, Identifying.NAME)
    if not _are_given(one):
        return None
    signs = announced + (_AFTER.match(text, begin + 1) is not None) + (length > 1) + (usual and one in SINGLE_GIVEN)
    return Found(start, begin + 1, Identifying.NAME) if signs >= (ALL_SIGNS if is_common else ENOUGH_SIGNS) else None


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
