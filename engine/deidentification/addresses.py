"""Postal addresses: where somebody lives, works, or has parcels brought to."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}"
_REGION = r"(?:[\u4e00-\u9fff]{2,8}?(?:特别行政区|自治区|自治州|自治县|省|市|州|盟|区|县|旗))"
_STREET = r"(?:大道|大街|马路|公路|路|街|巷|弄|胡同|里|道|条)"
_PLACE = r"(?:小区|花园|家园|花苑|公寓|大厦|广场|新村|新城|别墅|山庄|公馆|中心|苑|城|庭|府|居|园|邸|村|屯|寨|镇|乡)"
_WITHIN = rf"(?:\s?{_NUMBER}\s?[-－—]?\s?(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|户|房|组|队))"
_HAN = r"[\u4e00-\u9fffA-Za-z0-9]"
_STREET_AND_NUMBER = re.compile(
    rf"{_REGION}{{0,4}}(?:[\u4e00-\u9fff]{{1,8}}(?:街道|镇|乡))?[\u4e00-\u9fff]{{1,6}}{_STREET}(?:[东南西北中]段|"
    rf"[东南西北]侧)?\s?{_NUMBER}\s?(?:号|弄|巷|之|栋|幢)"
    rf"(?:{_HAN}{{0,8}}?{_PLACE})?{_WITHIN}{{0,5}}(?:\s?[0-9]{{1,5}}(?:[-－][0-9]{{1,4}})*)?"
)
_PLACE_AND_NUMBER = re.compile(
    rf"{_REGION}{{0,4}}(?:[\u4e00-\u9fff]{{1,8}}(?:街道|镇|"
    rf"乡))?[\u4e00-\u9fff]{{1,8}}{_PLACE}"
    rf"(?:[一二三四五六七八九十东南西北]{{1,2}}[期区苑])?{_WITHIN}{{1,5}}(?:\s?[0-9]{{1,5}}(?:[-－][0-9]{{1,4}})*)?"
)
_PLACE_AND_DASHES = re.compile(
    rf"{_REGION}{{0,4}}[\u4e00-\u9fff]{{2,8}}{_PLACE}\s?[0-9]{{1,3}}(?:\s?[-－#]\s?[0-9A-Za-z]{{1,5}}){{1,3}}(?:室|号|户)?"
)
_INSIDE = re.compile(rf"{_NUMBER}\s?(?:号楼|栋|幢|座)\s?(?:{_NUMBER}\s?单元\s?)?{_NUMBER}\s?(?:室|号|户|房|层)")
_UNIT = re.compile(rf"{_NUMBER}\s?单元\s?{_NUMBER}\s?(?:室|号|户)?")
_REGIONS = re.compile(
    r"[\u4e00-\u9fff]{2,8}?(?:省|自治区|市)(?:[\u4e00-\u9fff]{1,8}?(?:市|州|盟))?[\u4e00-\u9fff]{1,7}?(?:区|县|旗|"
    r"市)[\u4e00-\u9fff]{1,12}?(?:街道|镇|乡|村|路|街|小区|花园|大厦|广场|公寓|苑)"
    rf"(?:{_HAN}{{0,12}}?(?:号|栋|幢|室|组|队|楼))*"
)
_VILLAGE = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:县|区|市)?[\u4e00-\u9fff]{1,6}(?:镇|"
    r"乡)[\u4e00-\u9fff]{1,6}村(?:[\u4e00-\u9fff0-9]{1,5}(?:组|队|社|号))?"
)
_NAMED = re.compile(
    r"(?:(?:收货|收件|家庭|通讯|联系|送货|寄送|上门|安装|现住|详细|居住|户籍|注册|办公|退货|取件|配送|邮寄)?(?:地址|住址|住所)|家住|现住|住在|居住在|寄到|寄往|寄给|"
    r"送到|送至|发到|发往|搬到|位于)"
    r"(?:改为|改成|变更为|更新为|换成|应为|应该是|写成|填成|填的是|是|为|在|"
    r"[:：])?\s?(?P<address>[\u4e00-\u9fffA-Za-z0-9#\-（）() ]{4,60}?)(?=[，。；;,！!？?\n\"”、]|$)"
)
_TELLS = re.compile(
    r"[0-9]|[一二三四五六七八九十]\s?(?:号|栋|幢|单元)|(?:省|市|区|县|镇|乡|村|路|街|巷|弄|胡同|小区|花园|公寓|大厦|苑).{0,30}(?:号|室|楼|栋|幢|路|街|"
    r"村|镇|区|县|小区|花园|公寓|大厦|苑)"
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
    rf"(?:{_UNITS},?\s){{0,3}}(?:No\.?\s?)?\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})?,?\s(?:(?:[A-Z][A-Za-z'.\-]*|"
    rf"\d{{1,3}}(?:st|nd|rd|th))\s){{1,5}}{_WAYS}\b\.?"
    rf"(?:,?\s{_UNITS}){{0,3}}{_TOWN}{{0,4}}{_POSTCODE}?"
)
_ENGLISH_UNITS = re.compile(rf"{_UNITS}(?:,?\s{_UNITS}){{1,3}}(?:,\s?[A-Z][A-Za-z.'\- ]+){{0,4}}")
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s\d+\b(?:,\s?[A-Z][A-Za-z.'\- ]+){0,3}", re.IGNORECASE)
_BRITISH = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b")
_ENGLISH_NAMED = re.compile(
    r"\b(?:(?:home|postal|mailing|shipping|delivery|billing|new|old|my|their|his|her)\s){0,2}(?:address|"
    r"lives? at|living at|resid(?:es|ing) at|delivered to|ship(?:ped)? (?:it )?to|deliver (?:it )?to|"
    r"sent to)"
    r"\s?(?:is|was|:|to)?\s?(?P<address>(?=[^.;\n]{0,60}\d)[A-Z0-9#][^.;\n!?]{5,90})",
)


def find(text: str) -> Iterator[Found]:
    """Streets and estates with a number, regions down to a street, and what follows a word that says so."""
    for pattern in (
        _STREET_AND_NUMBER,
        _PLACE_AND_NUMBER,
        _PLACE_AND_DASHES,
        _INSIDE,
        _UNIT,
        _REGIONS,
        _VILLAGE,
        _ENGLISH,
        _ENGLISH_UNITS,
        _BOX,
        _BRITISH,
    ):
        yield from matches(pattern, text, Identifying.ADDRESS)
    for match in _NAMED.finditer(text):
        if _TELLS.search(match["address"]):
            yield Found(match.start("address"), match.end("address"), Identifying.ADDRESS)
    yield from matches(_ENGLISH_NAMED, text, Identifying.ADDRESS, "address")
