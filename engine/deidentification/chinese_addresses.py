"""Postal addresses in Chinese characters: chains of places and numbers, from the province down to the door.

Every character by which places end (市, 镇, 路, 苑) and every number with its unit (3号楼, 502室) is a mark. Marks with
no more than a name between them are one chain, and the chain tells whether it is an address.
"""

import re
from collections.abc import Iterator, Sequence

from engine.deidentification.finding import Found, Identifying

_NUMERAL = r"(?:[0-9]{1,5}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百零〇]{1,5}|[甲乙丙丁东南西北])"
_WIDE = r"省|自治区|自治州|[市州盟县旗区镇乡]|苏木|街道|地区|林场|农场|团场|矿区|团"
_NARROW = (
    r"村民小组|村民委员会|新村|嘎查|社区|[村屯寨庄堡]|大道|大街|马路|公路|胡同|[路街巷弄里道]|交叉口|路口|小区|"
    r"花园|家园|嘉园|花苑|公寓|大厦|广场|新城|别墅|山庄|公馆|名都|名邸|"
    r"府邸|华府|家属院|安置房|宿舍楼?|工业园|产业园|科技园|园区|中心|大学|学院|医院|商场|市场|写字楼|"
    r"[苑城庭府居园邸都湾郡台厦院]"
)
_UNIT = r"号楼|号院|宿舍楼|单元|[号弄栋幢座楼层室户房门组队社期区连#]"
_TAIL = (
    r"(?:(?<![0-9A-Za-z])[0-9]{1,4}[A-Za-z]?)?(?:\s?[-—#]\s?[0-9A-Za-z]{1,5}){1,3}[室号户]?"
    r"|(?<=[栋幢座楼元门号院#])\s?[0-9]{3,4}[室号户]?"
)
_MARK = re.compile(
    rf"(?P<tail>{_TAIL})(?![0-9A-Za-z])"
    rf"|(?P<number>[附第]?{_NUMERAL}\s?(?:{_UNIT}))|(?P<narrow>{_NARROW})|(?P<wide>{_WIDE})"
)
_CHARACTER = r"(?:(?![寄住送称的了是改说请把往给但因到在由或为对不有我你他她这那各本每])[\u4e00-\u9fff])"
_NAME = re.compile(rf"(?:{_CHARACTER}|\s(?=[0-9]))*")
_REST = re.compile(rf"{_CHARACTER}{{1,4}}(?![\u4e00-\u9fff])")
"""What follows the last mark up to the next stop: an estate or a corner of the house."""
_ANNOUNCED = re.compile(r"地点|地址|住址|家住|户籍|取件|收货|小区在")
_LONGEST_NAME, _FARTHEST = 8, 8
_DOORS = re.compile(r"号楼|号院|单元|[栋幢座室弄#]|门\s?[0-9]")
"""Units that stand in addresses alone."""
_HOUSE_AND_FLAT = re.compile(r"[0-9]{1,3}\s?#\s?[0-9A-Za-z]")
_FEWEST_PLACES = 3
_NAMED = re.compile(
    r"(?:(?:收货|收件|家庭|通讯|联系|送货|寄送|上门|安装|现住|详细|居住|户籍|注册|办公|退货|取件|配送|邮寄)?"
    r"(?:地址|住址|住所)|家住|现住|住在|居住在|寄到|寄往|寄给|送到|送至|发到|发往|搬到|位于)"
    r"(?:由|从|改为|改成|变更为|更新为|换成|应为|应该是|写成|填成|填的是|是|为|在|[:：])?\s?"
    r"(?P<address>[\u4e00-\u9fffA-Za-z0-9#\-() ]{4,60}?)(?=[，。；;,！!？?\n\"”、的]|希望|要求|反映|改[为成到]|$)"
)
_TELLS = re.compile(
    r"[0-9]|[一二三四五六七八九十]\s?(?:号|栋|幢|单元)|"
    r"[省市区县镇乡].{1,20}(?:号|室|楼|栋|幢|路|街|巷|村|镇|区|县|小区|花园|公寓|大厦|苑)"
)


def find(text: str) -> Iterator[Found]:
    """Chains of marks, and what follows a word that says so."""
    for chain in _chains(text):
        if _is_address(chain):
            rest = _REST.match(text, chain[-1].end())
            yield Found(_beginning(text, chain[0].start()), (rest or chain[-1]).end(), Identifying.ADDRESS)
    for match in _NAMED.finditer(text):
        if _TELLS.search(match["address"]):
            yield Found(match.start("address"), match.end("address"), Identifying.ADDRESS)


def _chains(text: str) -> Iterator[Sequence[re.Match[str]]]:
    """Marks with no more than a name between each two."""
    chain: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        if chain and not _is_name(text, chain[-1].end(), mark.start()):
            yield chain
            chain = []
        chain.append(mark)
    if chain:
        yield chain


def _is_name(text: str, start: int, end: int) -> bool:
    return end - start <= _LONGEST_NAME and _NAME.fullmatch(text, start, end) is not None


def _is_address(chain: Sequence[re.Match[str]]) -> bool:
    """Doors; a number behind a place; or places one within the other, down to a narrow one."""
    if _HOUSE_AND_FLAT.match(chain[0][0]):
        return True
    kinds = [mark.lastgroup for mark in chain]
    numbers = [mark[0] for mark in chain if mark.lastgroup in {"number", "tail"}]
    places = len(kinds) - len(numbers)
    if len(numbers) > 1 and any(_DOORS.search(number) for number in numbers):
        return True
    if numbers and places and kinds[0] not in {"number", "tail"}:
        return True
    return places >= _FEWEST_PLACES or kinds[-2:] == ["wide", "narrow"]


def _beginning(text: str, place: int) -> int:
    """Where an address begins whose first mark stands at `place`."""
    first = place
    while first > max(0, place - _FARTHEST) and _NAME.fullmatch(text, first - 1, first):
        first -= 1
    announced = _ANNOUNCED.search(text, first, place)
    return announced.end() if announced else first
