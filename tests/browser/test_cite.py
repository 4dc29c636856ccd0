"""The button beside a finding: what it copies, says, and does where it may not copy."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

FINDING = "counts-apart.counts-by-name.dictionary.ledger"
PAGE = f"tiny/patterns/counts-by-name.html#{FINDING}"
DENIED = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')) }"
WATCHED = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text } }"


@pytest.fixture(scope="module")
def printed(site):
    """What `nox -s cite` prints for the finding."""
    claim, pattern, environment, database = FINDING.split(".")
    root = site.parent.parent
    command = [sys.executable, "-m", "casebook", "--root", str(root), "cite", claim, pattern]
    command += ["--environment", environment, "--database", database]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def button(page):
    return page.locator(f'button.cite[data-finding="{FINDING}"]')


@pytest.mark.parametrize("over_http", [False, True], ids=["file", "http"])
def test_the_button_copies_what_the_command_prints(visit, served, printed, over_http):
    page = visit(PAGE, at=served if over_http else "")
    if over_http:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button(page).click()
    else:  # there no permission can be granted to read the clipboard: what is written is watched
        page.evaluate(WATCHED)
        button(page).click()
    expect(page.locator(".cite-status")).to_have_text("Copied")
    read = "navigator.clipboard.readText()" if over_http else "window.copied"
    assert page.evaluate(read) == printed


def test_the_button_is_named_and_works_by_keyboard(visit, printed):
    page = visit(PAGE)
    page.evaluate(WATCHED)
    assert button(page).get_attribute("aria-label") == f"Copy the citation of {FINDING}"
    button(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cite-status")).to_have_text("Copied")
    assert page.evaluate("window.copied") == printed


def test_where_it_may_not_copy_the_text_is_shown_and_selected(visit, printed):
    page = visit(PAGE)
    page.evaluate(DENIED)
    button(page).click()
    field = page.locator("dialog.cite-dialog textarea")
    expect(field).to_be_focused()
    chosen = "one => one.value.slice(one.selectionStart, one.selectionEnd)"
    assert field.evaluate(chosen) == printed
    page.keyboard.press("Escape")
    expect(page.locator("dialog.cite-dialog")).to_have_count(0)


def test_without_scripts_there_is_no_button(visit):
    page = visit(PAGE, javascript=False)
    expect(page.locator("button.cite:visible")).to_have_count(0)
