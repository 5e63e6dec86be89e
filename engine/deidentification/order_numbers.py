"""Numbers of orders, parcels, tickets and records, and every other run of characters that may lead to somebody."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying

_NAMED = re.compile(
    r"(?:订单|运单|快递|物流|工单|单据|流水|交易|支付|退款|售后|合同|保单|发票|会员|客户|用户|记录|预约|取件码?|提货|核销|序列|设备)?"
    r"(?:单号|编号|号码|订单号?|运单号?|工单号?|流水号|会员号|卡券号|取件码|验证码|单|号|SN|IMEI)\s?(?:是|为|:|：|#|\(|（|\s)?\s?"
    r"(?P<number>[A-Za-z]{0,6}[\-_]?[/]?\d[A-Za-z0-9\-_/]{4,31})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:order|tracking|parcel|shipment|waybill|ticket|case|invoice|transaction|reference|ref|booking|"
    r"member(?:ship)?|customer|policy|contract|serial|record)"
    r"(?:\s(?:number|no\.?|num\.?|id|code|reference|ref))*\s?(?:is|was|:|#|"
    r"\()?\s?#?(?P<number>(?=[A-Za-z\-/]{0,8}\d)[A-Za-z0-9][A-Za-z0-9\-_/]{4,31})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?<![A-Za-z0-9_\-@.])[A-Za-z]{1,6}[\-_/]?\d[A-Za-z0-9\-_/]{5,31}(?![A-Za-z0-9])")
_LONG = re.compile(r"(?<![\d.])\d(?:[\-_]?\d){8,31}(?![\d])")
_HASHED = re.compile(r"(?:#|No\.?\s?|№\s?)(?P<number>[A-Z]{0,5}-?\d{5,})(?![A-Za-z0-9])", re.IGNORECASE)
_FEWEST_DIGITS = 4
_DAY = re.compile(r"(?:19|20)\d{2}[\-/]\d{1,2}[\-/]\d{1,2}(?:-\d{1,2})*|\d{1,4}[\-/]\d{1,4}")


def find(text: str) -> Iterator[Found]:
    """After a word that says so; letters with many digits; nine digits and more in a row."""
    for pattern in (_NAMED, _ENGLISH, _HASHED):
        for match in pattern.finditer(text):
            if _tells(match["number"]):
                yield Found(match.start("number"), match.end("number"), Identifying.ORDER_NUMBER)
    for pattern in (_MIXED, _LONG):
        for match in pattern.finditer(text):
            if _tells(match[0], fewest=6):
                yield Found(match.start(), match.end(), Identifying.ORDER_NUMBER)


def _tells(number: str, fewest: int = _FEWEST_DIGITS) -> bool:
    """Whether it has digits enough and is no date."""
    return sum(char.isdigit() for char in number) >= fewest and not _DAY.fullmatch(number)
