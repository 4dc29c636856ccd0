"""Text of `conf/` is text on pages: it is shown, and does nothing."""

import re

import pytest

from casebook.templates import markdown_text
from tests.browser import markup

HOSTILE = "<script>window.ran = 1</script> *a* [b](c) {claim}`d` ![e](f)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ModelView(User, db.session)", "ModelView(User, db.session)"),
        ("the `a < b` case", "the `a < b` case"),
        ("<b>", "&#60;b&#62;"),
        ("*a* _b_ [c](d)", "&#42;a&#42; &#95;b&#95; &#91;c&#93;(d)"),
        ("{raw}`x`", "&#123;raw&#125;`x`"),
        ("# one", "&#35; one"),
        ("% one", "&#37; one"),
        ("(one)=", "&#40;one)="),
        ("one\n    two", "one\ntwo"),
        ("`a` b", "`a` b"),
        ("an `open one", "an &#96;open one"),
        ("```{raw} html\nx\n```", "&#96;&#96;&#96;&#123;raw&#125; html\nx\n&#96;&#96;&#96;"),
    ],
)
def test_markdown_shows_exactly_the_text(text, shown):
    assert markdown_text(text) == shown


@pytest.mark.slow
def test_what_titles_hold_is_shown_and_is_no_markup(tiny):
    plan = "conf/tiny.toml"
    text = tiny.path(plan).read_text(encoding="utf-8")
    tiny.write(plan, re.sub(r'^title = ".*"$', f'title = "{HOSTILE}"', text, flags=re.MULTILINE))
    built = tiny.casebook("site")
    assert built.returncode == 3, built.stderr
    pages = list(tiny.path("build/html").rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        found = markup.parse(page)
        assert found.inline_scripts == 0, page
        assert "c" not in found.links, page
