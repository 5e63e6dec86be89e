"""Postal addresses: where somebody lives, works, or has parcels brought to."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}"
_CHARACTER = re.compile(r"(?!客户|用户|客服|坐席)[\u4e00-\u9fff](?<![寄住送称的了是改说请把往给但因到在由])")
"""A character of a place's name: what tells that a sentence goes on is none."""
_REGION = re.compile(r"[省市区县旗州盟镇乡村]")
_FARTHEST, _NEAR = 30, 8
"""How many characters an address may reach back from its number, and how many where no region is named."""
_STREET = r"(?:大道|大街|马路|公路|路|街|巷|弄|胡同|里|道)"
_ESTATE = r"(?:小区|花园|家园|花苑|公寓|大厦|广场|新村|新城|别墅|山庄|公馆|苑|名都|府邸)"
_PLACE = r"(?:中心|城|庭|府|居|园|邸|村|都|湾|郡|屯|寨|镇|乡|里|台|座)"
_UNIT_STRICT = r"(?:号楼|号院|栋|幢|座|单元|室)"
_UNIT = r"(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|户|房)"
_WITHIN = rf"(?:\s?{_NUMBER}\s?[-—]?\s?{_UNIT})"
_ROOM = r"(?:\s?[0-9]{1,5}(?:-[0-9]{1,4})*(?:室|号|户)?)?"
_ANCHORS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_STREET}(?:[东南西北中][段侧路]?)?\s?{_NUMBER}\s?(?:号|弄|巷|之|栋|幢)(?:[\u4e00-\u9fff]{{1,10}}?{_ESTATE})?{_WITHIN}{{0,5}}{_ROOM}",
        rf"{_ESTATE}(?:[一二三四五六七八九十东南西北]{{1,2}}[期区苑])?{_WITHIN}{{1,5}}{_ROOM}",
        rf"{_PLACE}\s?{_NUMBER}\s?{_UNIT_STRICT}{_WITHIN}{{0,4}}{_ROOM}",
        rf"(?:{_ESTATE}|{_PLACE})\s?[0-9]{{1,3}}(?:\s?[-#]\s?[0-9A-Za-z]{{1,5}}){{1,3}}(?:室|号|户)?",
        r"村\s?[一二三四五六七八九十0-9]{1,3}\s?(?:组|队|社)(?:\s?[0-9]{1,4}\s?号)?",
    )
)
_INSIDE = re.compile(rf"{_NUMBER}\s?(?:号楼|栋|幢|座)\s?(?:{_NUMBER}\s?单元\s?)?{_NUMBER}\s?(?:室|号|户|房|层)")
_FLAT = re.compile(rf"{_NUMBER}\s?单元\s?{_NUMBER}\s?(?:室|号|户)?")
_REGIONS = re.compile(
    r"(?:(?![寄住送称的了是到在由])[\u4e00-\u9fff]){2,4}市[\u4e00-\u9fff]{1,5}[区县市旗][\u4e00-\u9fff]{1,8}"
    r"(?:街道|镇|乡|村|路|街|小区|花园|大厦|广场|公寓|苑)"
)
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
_WAYS = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter"
    r"|Crescent|Close|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Alley|Row|Mews|Gardens|Way|Walk)"
)
_UNITS = (
    r"(?:(?:Apt|Apartment|Flat|Unit|Suite|Ste|Room|Rm|Building|Bldg|Block|Floor|Fl)\.?\s?#?[0-9A-Za-z\-]{1,6}"
    r"|#\s?\d{1,5})"
)
_TOWN = r"(?:,\s?[A-Z][A-Za-z.'\-]+(?:\s[A-Z][A-Za-z.'\-]+){0,2})"
_POSTCODE = r"(?:,?\s(?:[A-Z]{2}\s)?\d{5,6}(?:-\d{4})?|,?\s[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})"
_ENGLISH = re.compile(
    rf"(?:{_UNITS},?\s){{0,3}}(?:No\.?\s?)?\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})?,?\s"
    rf"(?:(?:[A-Z][A-Za-z'.\-]*|\d{{1,3}}(?:st|nd|rd|th))\s){{1,5}}{_WAYS}\b\.?"
    rf"(?:,?\s{_UNITS}){{0,3}}{_TOWN}{{0,4}}{_POSTCODE}?"
)
_ENGLISH_UNITS = re.compile(rf"{_UNITS}(?:,?\s{_UNITS}){{1,3}}(?:,\s?[A-Z][A-Za-z'\- ]+){{0,4}}")
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s\d+\b(?:,\s?[A-Z][A-Za-z.'\- ]+){0,3}", re.IGNORECASE)
_POSTCODE_ALONE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b")
_ENGLISH_NAMED = re.compile(
    r"\b(?:(?:home|postal|mailing|shipping|delivery|billing|new|old|my|their|his|her)\s){0,2}"
    r"(?:address|lives? at|living at|resid(?:es|ing) at|delivered to|ship(?:ped)? (?:it )?to|deliver (?:it )?to"
    r"|sent to)\s?(?:is|was|:|to)?\s?(?P<address>(?=[^.;\n]{0,60}\d)[A-Z0-9#][^.;\n!?]{5,90})",
)


def find(text: str) -> Iterator[Found]:
    """Streets and estates with a number, regions down to a street, and what follows a word that says so."""
    for anchor in _ANCHORS:
        for match in anchor.finditer(text):
            yield Found(_beginning(text, match.start()), match.end(), Identifying.ADDRESS)
    for pattern in (_INSIDE, _FLAT, _REGIONS, _ENGLISH, _ENGLISH_UNITS, _BOX, _POSTCODE_ALONE):
        yield from matches(pattern, text, Identifying.ADDRESS)
    for match in _NAMED.finditer(text):
        if _TELLS.search(match["address"]):
            yield Found(match.start("address"), match.end("address"), Identifying.ADDRESS)
    yield from matches(_ENGLISH_NAMED, text, Identifying.ADDRESS, "address")


def _beginning(text: str, place: int) -> int:
    """Where an address begins whose street or estate stands at `place`: names reach back to the last word before."""
    first = place
    while first > max(0, place - _FARTHEST) and _CHARACTER.match(text, first - 1):
        first -= 1
    return first if _REGION.search(text, first, place) else max(first, place - _NEAR)
