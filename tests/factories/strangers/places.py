"""Addresses, from flats in a city to hamlets, of place names put together by chance."""

from random import Random

FIRST = (
    "青白黄龙凤石金银桃李梅竹松柏柳溪泉湖塘湾岭岗坪坝沙杨王张陈刘马牛羊鹿鹤云霞星月东西南北上下新旧前后"
    "双三五永兴福安和平丰乐仁义文武"
)
LAST = "山水河江溪泉湖塘湾岭岗坪坝沟洼庄屯堡寨店铺桥井坡台园林田阳州城关口头洲坨集旺源和宁康泰华"
ROADS = ("路", "街", "大道", "西路", "北街", "中路", "巷", "胡同", "支路", "二路")
ESTATES = (
    "嘉园",
    "华府",
    "雅苑",
    "新居",
    "国际",
    "壹号院",
    "悦府",
    "小区",
    "家属院",
    "安置房",
    "公寓",
    "花园",
    "时代",
    "名邸",
)
WAYS = (
    "Street",
    "Road",
    "Avenue",
    "Close",
    "Crescent",
    "Grove",
    "Hill",
    "Mews",
    "Lane",
    "Way",
    "Drive",
    "Rise",
    "Court",
    "Terrace",
    "Parade",
    "Quay",
)
NAMES = (
    "Wetherby",
    "St. Mary's",
    "Old Mill",
    "Cromwell",
    "Sycamore",
    "Hawthorn",
    "Kingsway",
    "Lower Park",
    "Chestnut",
    "Gladstone",
    "Riverside",
    "Station",
)
TOWNS = (
    "Leeds",
    "Stoke-on-Trent",
    "Aberdeen",
    "Cork",
    "Tucson, AZ 85701",
    "Boise, Idaho",
    "York YO1 7HH",
    "Bath",
    "Kowloon",
    "Pudong, Shanghai",
)


def _place(chance: Random) -> str:
    return chance.choice(FIRST) + chance.choice(LAST)


def chinese(chance: Random) -> str:
    """An address in China."""
    one, two, three = (_place(chance) for _place_name in range(3))
    few, some, many = chance.randrange(1, 9), chance.randrange(1, 60), chance.randrange(101, 3305)
    numeral = chance.choice("一二三四五六七八九十")
    road, estate = two + chance.choice(ROADS), three + chance.choice(ESTATES)
    shapes = (
        f"{one}县{two}镇{three}村{few}组", f"{one}县{two}镇{three}村{numeral}组{some}号",
        f"{one}市{two}乡{three}村民小组{few}号", f"{one}省{two}市{three}区{road}{some}号",
        f"{road}{many}弄{some}号{few}0{few}室", f"{estate}{few}幢{few}单元{many}室",
        f"{one}区{estate}{some}号楼{few}门{many}", f"{one}市{road}{some}号院{few}号楼{few}单元{few}楼西户",
        f"{estate}{some}#{many}", f"{estate}{numeral}期{some}栋{many}", f"{one}州{two}县{three}乡{one}寨{some}号",
        f"{one}旗{two}苏木{three}嘎查", f"{one}街道{two}社区{some}栋{few}0{few}",
        f"{one}开发区{road}{some}号{three}工业园{numeral}栋{few}楼", f"{one}大学{numeral}号宿舍楼{many}",
        f"{one}市{two}区{three}街道{road}与{one}路交叉口{estate}", f"{road}{some}-{few}号",
        f"{one}镇{two}村{three}屯", f"{two}新村{some}-{few}-{many}", f"{one}团{numeral}连{some}号",
        f"{road}{some}号附{few}号", f"{one}市{two}区{estate}{numeral}区{some}座{many}房",
    )  # fmt: skip
    return chance.choice(shapes)


def english(chance: Random) -> str:
    """An address in English."""
    street = f"{chance.randrange(1, 900)}{chance.choice(('', '', 'B'))} {chance.choice(NAMES)} {chance.choice(WAYS)}"
    town, few, many = chance.choice(TOWNS), chance.randrange(1, 40), chance.randrange(101, 3305)
    shapes = (
        street, f"{street}, {town}", f"Flat {few}, {street}, {town}", f"{street}, Unit {few}B",
        f"Apt. {few}, {street}, {town}", f"Suite {many}, {street}, {town}",
        f"No. {few}, Lane {many}, Yongjia Road, Shanghai",
        f"Room {many}, No. {few} Building, {chance.choice(NAMES)} Garden, Suzhou", f"PO Box {many}, {town}",
        f"{few}/F, {chance.choice(NAMES)} Tower, {street}", f"{chance.choice(NAMES)} House, {street}, {town}",
    )  # fmt: skip
    return chance.choice(shapes)
