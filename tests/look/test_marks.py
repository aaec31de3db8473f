"""The few marks of a policy text, and that nothing else comes through."""

import pytest

from gridhall.doors.look.marks import marked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p><p>Three.</p>"),
        ("Blocks:\n- first\n- second\nDone.", "<p>Blocks:</p><ul><li>first</li><li>second</li></ul><p>Done.</p>"),
        ("## Whom it is for\nHomes.", "<h3>Whom it is for</h3><p>Homes.</p>"),
        ("**0.05** more", "<p><strong>0.05</strong> more</p>"),
        (
            "see [the notice](https://example.org/a?b=1)",
            '<p>see <a href="https://example.org/a?b=1" rel="noopener noreferrer">the notice</a></p>',
        ),
        ("", ""),
    ],
)
def test_marks(text: str, html: str) -> None:
    assert marked(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '[x](https://example.org/" onclick="alert(1))',
        "**<img src=x onerror=alert(1)>**",
        "[<b>x</b>](https://example.org)",
        "- <iframe src=//x>",
        "[x](data:text/html,<script>)",
    ],
)
def test_no_tag_but_ours_comes_through(text: str) -> None:
    html = str(marked(text))
    rest = html
    for name in ("p", "ul", "li", "strong", "h3", "br", "a"):
        rest = rest.replace(f"<{name}>", "").replace(f"</{name}>", "")
    links = [piece for piece in rest.split("<")[1:] if not piece.startswith('a href="https://')]
    assert not links, html
    assert "javascript:" not in html.split('href="')[-1] or "href" not in html
