import pytest

from engine.accounts import passwords


@pytest.mark.parametrize(
    "password", ["a quiet river", "x1y2z3w4", "密码要好记又难猜才行", "  spaces around  ", "a1" * 2 + "bcdefghij" * 6]
)
def test_password_is_accepted(password: str) -> None:
    assert passwords.faults(password) == []


@pytest.mark.parametrize(
    "password",
    ["", "seven77", "aaaaaaaaaaaa", "password", "PassWord", "woaini1314", "1qaz2wsx", "12345678", "Kefu1234"],
)
def test_password_is_refused(password: str) -> None:
    assert passwords.faults(password)


def test_password_may_be_64_characters_and_more() -> None:
    assert passwords.faults("correct horse battery staple " * 3) == []
    assert passwords.faults("ab cd ef " * 40)


@pytest.mark.parametrize("about", ["zhang.san", "Zhang.San", "客服中心一"])
def test_password_about_its_holder_is_refused(about: str) -> None:
    assert passwords.faults(f"my {about} 2026", [about])


def test_short_names_may_occur_in_a_password() -> None:
    assert passwords.faults("a liquid river", ["li"]) == []


def test_list_of_common_passwords_is_as_long_as_it_says() -> None:
    common = passwords.common_passwords()
    assert len(common) >= 3000
    assert all(len(each) >= passwords.SHORTEST for each in common)
    assert all(passwords.faults(each) for each in common)


def test_password_is_taken_exactly_as_typed() -> None:
    stored = passwords.hashed("A Quiet River")
    assert passwords.opens(stored, "A Quiet River")
    assert not passwords.opens(stored, "a quiet river")
    assert not passwords.opens(stored, "A Quiet River ")


def test_long_passwords_are_not_cut_off() -> None:
    long = "x" * 40 + "y" * 100
    stored = passwords.hashed(long)
    assert passwords.opens(stored, long)
    assert not passwords.opens(stored, long[:-1])
    assert not passwords.opens(stored, long + "z")


def test_hash_is_argon2id_with_its_own_salt() -> None:
    first, second = passwords.hashed("the same"), passwords.hashed("the same")
    assert first != second
    assert first.startswith("$argon2id$")


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_nothing_opens_without_a_hash(stored: str | None) -> None:
    assert not passwords.opens(stored, "\0")
    assert not passwords.opens(stored, "anything at all")
