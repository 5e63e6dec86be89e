"""People, numbers and places made up apart from the lists by which they are found: what a detector has not seen.

Names come from the Hundred Family Surnames and from characters put together by chance, places likewise; numbers come as
people type and say them; sentences are those of calls, chats, forms and complaints. None of it is read by the product.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from string import Formatter

from engine.deidentification.finding import Identifying
from tests.factories.personal import Planted
from tests.factories.strangers import numbers, people, places
from tests.factories.strangers.sentences import CHINESE, ENGLISH

K = Identifying
MAKERS: Mapping[str, tuple[Callable[[Random], str], Identifying]] = {
    "name": (people.chinese, K.NAME),
    "surname": (people.surname, K.NAME),
    "familiar": (people.familiar, K.NAME),
    "ename": (people.english, K.NAME),
    "elast": (people.english_surname, K.NAME),
    "mobile": (numbers.mobile, K.PHONE),
    "landline": (numbers.landline, K.PHONE),
    "ephone": (numbers.phone_abroad, K.PHONE),
    "wechat": (numbers.messenger, K.PHONE),
    "email": (numbers.email, K.EMAIL),
    "id": (numbers.id_number, K.ID_NUMBER),
    "passport": (numbers.passport, K.ID_NUMBER),
    "card": (numbers.card, K.CARD_NUMBER),
    "order": (numbers.order, K.ORDER_NUMBER),
    "plate": (numbers.plate, K.PLATE),
    "address": (places.chinese, K.ADDRESS),
    "eaddress": (places.english, K.ADDRESS),
}
"""What stands between braces in a sentence."""


def strangers(
    count: int,
    seed: int,
    makers: Mapping[str, tuple[Callable[[Random], str], Identifying]] = MAKERS,
) -> Iterator[Planted]:
    """So many texts of one to three sentences in one language; the same seed makes the same."""
    chance = Random(seed)
    for _text in range(count):
        sentences = CHINESE if chance.random() < 0.7 else ENGLISH
        glue = "" if sentences is CHINESE else " "
        chosen = chance.sample(sentences, chance.randint(1, 3))
        yield _filled(glue.join(chosen), chance, makers)


def _filled(
    template: str, chance: Random, makers: Mapping[str, tuple[Callable[[Random], str], Identifying]]
) -> Planted:
    text, pieces = "", []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        text += literal
        if name:
            make, kind = makers[name]
            made = make(chance)
            pieces.append((len(text), len(text) + len(made), kind))
            text += made
    return Planted(text, pieces)
