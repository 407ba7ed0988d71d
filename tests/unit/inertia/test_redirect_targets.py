"""Redirect targets: the path back to the app, taken from a full URL."""

import pytest
from hypothesis import example, given, strategies

from litestar_vite.inertia._redirect_targets import origin_of, own_path, path_on

# Mostly characters that browsers treat specially.
PARTS = strategies.sampled_from(
    ["/", "\\", "?", "#", ":", "@", ".", "-", "a", "1", "99999", "%5C", "[", "ß", " ", "\t", "\x00"]
)
URLS = strategies.builds(
    lambda start, parts: start + "".join(parts),
    strategies.sampled_from(["https://a", "http://a.b", "HTTP://a", "https://", "https:/", "ftp://a", ""]),
    strategies.lists(PARTS, max_size=10),
)


@given(URLS)
@example("https://a:8000/b?c=\\#d")
def test_the_path_of_a_usual_url_is_read_like_that_of_any_other(url: str) -> None:
    assert own_path(url) == path_on(url, (origin_of(url),))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://app.example.org/members?page=1#top", "/members?page=1#top"),
        ("http://localhost:8000/", "/"),
        ("https://app.example.org", "/"),
        ("https://app.example.org//evil.com", None),
        ("https://app.example.org/\\evil.com", None),
        ("https://user@app.example.org/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_path_of_a_full_url(url: str, path: str | None) -> None:
    assert own_path(url) == path
