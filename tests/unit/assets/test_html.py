"""Splitting index.html: documents as people and tools write them, parsed as browsers do."""

from __future__ import annotations

import pytest

from litestar_vite._assets.html import HTMLShell, entry_of, parse_shell
from litestar_vite._assets.tags import NONCE_SLOT
from litestar_vite.exceptions import ConfigError

TAGS = b"<TAGS>"


def shell_of(source: str, element_id: str = "app") -> HTMLShell:
    return parse_shell(source, TAGS, element_id=element_id, origin="index.html")


def rendered(source: str, *head: bytes) -> str:
    return shell_of(source).render(head, b"<PAGE>").decode()


def document(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "element",
    [
        '<div id="app"></div>',
        "<div id=app></div>",
        "<DIV ID='app'></DIV>",
        '<div id="app" ></div >',
        '<div\n  class="x"\n  id="app"\n>\n</div\n>',
        '<div id="app"/>',
        '<div id="app" />',
        '<div id="app"><div><div>a</div></div><p>b</p><br></div>',
        '<div id="app"><!-- </div> --></div>',
        '<main id="app"><div>a</div></main>',
        '<div title="a > b" id="app"></div>',
        '<div id="app"><script type="module" src="/src/inside.js"></script></div>',
    ],
)
def test_the_whole_element_makes_room_for_the_page(element: str) -> None:
    assert rendered(document(f"<p>before</p>{element}<p>after</p>")) == document(
        "<p>before</p><PAGE><p>after</p>", "<TAGS>"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", ["Zürich", "日本語", "😀", "&amp;&nbsp;&#x1F600;", "\u2028", "\x0b\x0c\x85"])
def test_places_are_found_behind_any_text_and_line_end(newline: str, text: str) -> None:
    page = newline.join(
        (f"<title>{text}</title>", f"<!-- {text} -->", "</head><body>", text, '<div id="app">', text, "</div>", text)
    )
    source = f"<html><head>{newline}{page}</body></html>"
    page = newline.join((f"<title>{text}</title>", f"<!-- {text} -->", "<TAGS></head><body>", text, "<PAGE>", text))
    assert rendered(source) == f"<html><head>{newline}{page}</body></html>"


def test_only_the_element_with_the_configured_id_is_taken() -> None:
    source = document('<div id="app-root">a</div><div id="root">b</div><div class="root">c</div>')
    html = shell_of(source, "root").render((), b"<PAGE>").decode()
    assert html == document('<div id="app-root">a</div><PAGE><div class="root">c</div>', "<TAGS>")


def test_the_first_of_two_elements_is_taken_as_browsers_do() -> None:
    assert rendered(document('<div id="app">1</div><div id="app">2</div>')) == document(
        '<PAGE><div id="app">2</div>', "<TAGS>"
    )


def test_without_element_and_body_the_page_goes_to_the_end() -> None:
    assert rendered("<head></head><p>text") == "<head><TAGS></head><p>text<PAGE>"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "text",
        "<html><body></body></html>",
        "<!-- <head></head> -->",
        '<script>"<head></head>"</script>',
        "<html><head><title>a</title>",
    ],
)
def test_a_document_without_a_head_is_rejected_by_name(source: str) -> None:
    with pytest.raises(ConfigError, match=r"'index\.html' has no </head>"):
        shell_of(source)


def test_an_element_without_an_end_tag_is_rejected() -> None:
    with pytest.raises(ConfigError, match="#app without an end tag"):
        shell_of(document('<div id="app"><p>text</p>'))


@pytest.mark.parametrize("place", ["head", "body"])
def test_only_the_entrys_script_is_removed(place: str) -> None:
    keep_before = '<script type="module" src="https://cdn.example/a.js"></script><script type="module">inline()</script><script src="/old.js"></script>'
    keep_after = (
        '<script type="module" src="//cdn.example/b.js"></script><script type="module" src="/src/second.js"></script>'
    )
    entry = '<script type="module" src="/src/app.tsx"></script>'
    inside = f"{keep_before}{entry}{keep_after}"
    source = document(inside) if place == "body" else document("", inside)
    kept = f"{keep_before}{keep_after}"
    assert rendered(source) == (
        document(f"{kept}<PAGE>", "<TAGS>") if place == "body" else document("<PAGE>", f"{kept}<TAGS>")
    )


@pytest.mark.parametrize(
    ("script", "entry"),
    [
        ('<script type="module" src="/src/app.tsx"></script>', "src/app.tsx"),
        ('<script type="module" src="./src/app.tsx"></script>', "src/app.tsx"),
        ('<script type="module" src="src/app.tsx"></script>', "src/app.tsx"),
        ("<SCRIPT SRC=/src/app.tsx TYPE=MODULE></SCRIPT >", "src/app.tsx"),
        ('<script type="module" async crossorigin src="/src/app.tsx">\n</script\n>', "src/app.tsx"),
        ('<script type="module" src="https://cdn.example/a.js"></script>', None),
        ('<script type="module" src=""></script>', None),
        ('<script type="module" src></script>', None),
        ('<script type="module">import "/src/app.tsx"</script>', None),
        ('<script src="/src/app.tsx"></script>', None),
        ('<!-- <script type="module" src="/src/app.tsx"></script> -->', None),
        ('<script>"<script type=module src=/src/app.tsx>"</script>', None),
        ("", None),
    ],
)
def test_the_entry_is_the_first_local_module_script(script: str, entry: str | None) -> None:
    source = document(script)
    assert entry_of(source) == entry
    assert rendered(source) == document(("" if entry else script) + "<PAGE>", "<TAGS>")


@pytest.mark.parametrize(
    "title", ["<title>old</title>", "<TITLE>old</TITLE >", '<title data-x="1">old\n</title\n>', "<title></title>"]
)
def test_a_pages_title_replaces_that_of_the_document(title: str) -> None:
    source = document("", f'<meta name="a">{title}<meta name="b">')
    assert rendered(source, b"<title inertia>new</title>") == document(
        "<PAGE>", '<meta name="a"><meta name="b"><TAGS><title inertia>new</title>'
    )
    assert rendered(source, b'<meta name="c">') == document(
        "<PAGE>", f'<meta name="a">{title}<meta name="b"><TAGS><meta name="c">'
    )


def test_the_title_of_a_drawing_is_left_alone() -> None:
    drawing = "<svg><title>a drawing</title></svg>"
    assert rendered(document(drawing), b"<title>new</title>") == document(
        f"{drawing}<PAGE>", "<TAGS><title>new</title>"
    )


def test_entry_and_title_are_both_cut_in_any_order() -> None:
    entry, title = '<script type="module" src="/a.js"></script>', "<title>old</title>"
    for head in (f"<a1>{entry}<a2>{title}<a3>", f"<a1>{title}<a2>{entry}<a3>", f"<a1>{entry}{title}<a2><a3>"):
        html = rendered(document("", head), b"<title>new</title>")
        assert html == document("<PAGE>", "<a1><a2><a3><TAGS><title>new</title>"), head


def test_comments_styles_and_templates_that_look_like_the_places_are_left_alone() -> None:
    head = '<!-- <title>no</title></head><body><div id="app"></div> --><style>a::after{content:"</head>"}</style>'
    body = "<!-- <div id='app'></div> --><textarea></textarea><!----><!-- a -- b -->"
    assert rendered(document(f'{body}<div id="app"></div>', head)) == document(f"{body}<PAGE>", f"{head}<TAGS>")


def test_slots_in_the_source_are_filled_or_removed() -> None:
    """A Vite that was started with nonces may outlive the setting."""
    source = document("", '<script nonce="\0"></script>')
    shell = parse_shell(source, b"", element_id="app", origin="test")
    assert shell.render((), b"<PAGE>", None) == document("<PAGE>", "<script></script>").encode()


def test_a_nonce_fills_the_slots_of_the_shell_and_touches_nothing_else() -> None:
    shell = parse_shell(document(""), b'<script nonce="' + NONCE_SLOT + b'">', element_id="app", origin="test")
    html = shell.render((b"<HEAD>",), b"<PAGE>", 'a"b').decode()
    assert html == document("<PAGE>", '<script nonce="a&quot;b"><HEAD>')
