"""Numbers as people type, paste and say them."""

from datetime import date, timedelta
from random import Random

from engine.deidentification.card_numbers import passes_luhn
from engine.deidentification.id_numbers import check_digit

WIDE = str.maketrans("0123456789-@", "０１２３４５６７８９－＠")
SPOKEN = str.maketrans("0123456789", "零一二三四五六七八九")
SPOKEN_ONE = str.maketrans("0123456789", "〇幺二三四五六七八九")


def digits(chance: Random, count: int) -> str:
    """So many."""
    return "".join(chance.choice("0123456789") for _digit in range(count))


def mobile(chance: Random) -> str:
    """A mobile number of mainland China."""
    bare = "1" + chance.choice("3456789") + digits(chance, 9)
    a, b, c = bare[:3], bare[3:7], bare[7:]
    shapes = (
        bare, bare, bare, f"{a} {b} {c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"{a}，{b}，{c}", f"{a}、{b}、{c}",
        f"{bare[:5]} {bare[5:]}",
        f"{bare[:4]}-{bare[4:7]}-{c}", f"+86{bare}", f"0086 {bare}", f"0086-{bare}", f"(+86) {bare}",
        f"86-{a}-{b}-{c}", f"0{bare}",
        bare.translate(WIDE), f"{a}-{b}-{c}".translate(WIDE), bare.translate(SPOKEN), bare.translate(SPOKEN_ONE),
        f"{a}，{b}，{c}".translate(SPOKEN_ONE), " ".join(bare), "-".join(bare), f"{a}…{b}…{c}", f"{a}/{b}/{c}",
        f"{a}  {b}  {c}",
    )  # fmt: skip
    return chance.choice(shapes)


def landline(chance: Random) -> str:
    """A fixed line of mainland China, or a service number."""
    area = chance.choice(("010", "029", "0379", "0451", "0876", "0991", "0632", "0898"))
    line = chance.choice("2345678") + digits(chance, 7 if len(area) == 3 else 6)
    end = digits(chance, 3)
    shapes = (
        f"{area}-{line}", f"{area}{line}", f"（{area}）{line}", f"({area}) {line[:4]} {line[4:]}",
        f"{area}——{line}", f"{area} {line} 转 {end}",
        f"{area}-{line}-{end}", f"+86 {area[1:]} {line[:4]} {line[4:]}", f"0086-{area[1:]}-{line}",
        f"{area}/{line}", f"400 {end}{end[0]} {end}",
        f"{area}-{line}".translate(WIDE),
    )  # fmt: skip
    return chance.choice(shapes)


def phone_abroad(chance: Random) -> str:
    """A number as English texts hold it."""
    three, four = digits(chance, 3), digits(chance, 4)
    shapes = (
        f"+44 7{three} {digits(chance, 6)}", f"+44 (0)20 7{three} {four}", f"07{three} {digits(chance, 6)}",
        f"0161 {three} {four}", f"(212) {three}-{four}",
        f"212.{three}.{four}", f"+1 (646) {three}-{four} ext. {three}", f"+353 1 {three} {four}",
        f"+61 4{digits(chance, 2)} {three} {three}", f"+65 8{three} {four}",
        f"+852 6{three} {four}", f"1-888-{three}-{four}", f"646 {three} {four}", f"+49 151 {digits(chance, 8)}",
        f"+86 1{chance.choice('3589')}{digits(chance, 9)}",
    )  # fmt: skip
    return chance.choice(shapes)


def messenger(chance: Random) -> str:
    """A messenger account."""
    word = chance.choice(("moonlight", "happycat", "ddw", "lulu", "mr_fish", "qy"))
    return chance.choice(
        (f"{word}{digits(chance, 4)}", f"{word}-{digits(chance, 2)}", digits(chance, 9), f"{word}_love")
    )


def email(chance: Random) -> str:
    """An e-mail address."""
    user = chance.choice(
        ("xiaoyu", "d.okonkwo", "sales-2", "m_t", "JURGEN", "no.17", "cuihua88", digits(chance, 9), "anna+shop")
    )
    host = chance.choice(
        (
            "126.com",
            "foxmail.com",
            "yeah.net",
            "139.com",
            "icloud.com",
            "mail.tsinghua.edu.cn",
            "proton.me",
            "bt.co.uk",
        ),
    )
    shapes = (
        f"{user}@{host}", f"{user}@{host}", f"{user}＠{host}", f"{user}@{host}".upper(), f"{user} @{host}",
        f"{user}@ {host}", f"{user}[at]{host}",
        f"{user} (at) {host}", f"{user}艾特{host}", f"{user}@{host.replace('.', '点')}",
        f"{user}@{host}".translate(WIDE),
    )  # fmt: skip
    return chance.choice(shapes)


def id_number(chance: Random) -> str:
    """A resident identity number with its check digit."""
    born = date(1942, 3, 1) + timedelta(days=chance.randrange(25_000))
    region = chance.choice(("130426", "522631", "653125", "230882", "371322", "450722", "620422", "140924", "341204"))
    first = f"{region}{born:%Y%m%d}{digits(chance, 3)}"
    whole = first + check_digit(first)
    split = f"{whole[:6]}-{whole[6:14]}-{whole[14:]}"
    spaced = f"{whole[:3]} {whole[3:6]} {whole[6:10]} {whole[10:14]} {whole[14:]}"
    return chance.choice(
        (whole, whole, whole.lower(), split, spaced, whole.translate(WIDE), f"{whole[:14]} {whole[14:]}")
    )


def passport(chance: Random) -> str:
    """A passport or permit, after a word that says so."""
    letter = chance.choice("ABCDFGHJKLM")
    seven, eight = digits(chance, 7), digits(chance, 8)
    return chance.choice(
        (
            f"E{eight}",
            f"E{letter}{seven}",
            f"G{eight}",
            f"C{eight}",
            f"H{eight}00",
            f"K{seven}E",
            f"E {eight}",
            eight,
            f"L{letter}{seven}",
            f"5{eight}",
        )
    )


def card(chance: Random) -> str:
    """A bank card that passes Luhn's check."""
    body = chance.choice(("622848", "623058", "621226", "356833", "4026", "5413", "3713")) + digits(
        chance, chance.choice((9, 12))
    )
    body = next(body + last for last in "0123456789" if passes_luhn(body + last))
    fours = [body[place : place + 4] for place in range(0, len(body), 4)]
    return chance.choice(
        (
            body,
            body,
            " ".join(fours),
            "-".join(fours),
            body.translate(WIDE),
            f"{body[:6]} {body[6:]}",
            "  ".join(fours),
        ),
    )


def order(chance: Random) -> str:
    """A number of an order, a parcel or a ticket."""
    day = f"2025{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    shapes = (
        f"{day}{digits(chance, 9)}", f"PO-{day}-{digits(chance, 4)}", f"{day}-{digits(chance, 6)}",
        f"GY{day[2:]}{digits(chance, 4)}-2", digits(chance, 12),
        digits(chance, 19), f"E{day}{digits(chance, 8)}", f"ZTO{digits(chance, 12)}",
        f"{digits(chance, 3)}-{digits(chance, 7)}-{digits(chance, 7)}",
        f"TK{digits(chance, 6)}", f"A{chance.randrange(10)}F{digits(chance, 2)}C{digits(chance, 5)}",
        f"SO/{day[:4]}/{digits(chance, 5)}",
    )  # fmt: skip
    return chance.choice(shapes)


def plate(chance: Random) -> str:
    """A number plate, of new-energy cars too."""
    start, letter, last = (
        chance.choice("冀晋辽吉黑皖赣鲁湘桂琼贵云藏陕甘青宁新蒙津粤"),
        chance.choice("ABCDEFGHJK"),
        chance.choice("ABDF"),
    )
    shapes = (
        f"{start}{letter}{digits(chance, 5)}", f"{start}{letter}{last}{digits(chance, 5)}",
        f"{start}{letter}·{last}{digits(chance, 5)}",
        f"{start}{letter}{digits(chance, 5)}{last}", f"{start}{letter} {digits(chance, 3)}{last}Q",
        f"{start} {letter}{last}{digits(chance, 2)}{last}8",
        f"{start}{letter.lower()}{digits(chance, 4)}{last.lower()}", f"{start}{letter}-{digits(chance, 4)}学",
        f"粤Z{digits(chance, 4)}港",
    )  # fmt: skip
    return chance.choice(shapes)
