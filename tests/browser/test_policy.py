"""No inline script runs on any page, wherever it came from."""

from tests.browser.kinds import PAGES, each_site

INJECT = """() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.ran = true'>");
}"""


@each_site
def test_every_page_has_no_inline_script_and_says_that_none_may_run(pages):
    for address, page in pages.items():
        assert "script-src 'self'" in page.policy, address
        assert page.inline_scripts == 0, address


def test_an_inline_script_does_not_run(browser, site):
    page = browser.new_page()
    page.goto(f"{site.as_uri()}/{PAGES['pattern']}")
    page.evaluate(INJECT)
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    page.close()


def test_the_colours_that_a_reader_chose_are_there_before_the_page_is_drawn(visit):
    page = visit("index.html")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    assert page.evaluate("document.body.dataset.theme") == "dark"
