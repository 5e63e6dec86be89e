import pytest

from admin_views.redirects import safe_target


@pytest.mark.parametrize(
    "target",
    [
        "//e",
        "/\\e",
        "\\/e",
        "http:e",
        "https:e",
        "http://e/x",
        "///e",
        "\t//e",
        "/\t/e",
        "/\n/e",
        "/a\r\nSet-Cookie: x",
        "e@",
        "e",
        "",
        None,
        " /a",
        "/a b",
        "/\x00",
        "/\x7f",
        "/a\\b",
        "javascript:alert(1)",
        "/\x0b/e",
    ],
)
def test_target_outside_is_refused(target: str | None) -> None:
    assert safe_target(target) is None


@pytest.mark.parametrize(
    "target",
    ["/", "/staff/", "/staff/?search=张三&page=2", "/staff/details/?id=1#top", "/a//b", "/@e", "/x?u=http://e"],
)
def test_target_at_home_is_kept(target: str) -> None:
    assert safe_target(target) == target
