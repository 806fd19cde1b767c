"""The documents in a real browser: each on a phone in the dark, and what the script adds.

``test_every_page.py`` has those of each form on a desk, by keyboard and without scripts.
"""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from kg.web.documents.shelf import shelf
from tests.browser.checks import PHONE, axe_faults, console_errors, other_hosts, show, too_wide
from tests.conftest import Served


@pytest.mark.parametrize("name", [document.name for document in shelf().documents])
def test_a_document_has_no_fault(name: str, browser: Chrome, service: Served) -> None:
    url = f"{service.url}/docs/{name}"
    show(browser, url, PHONE, "dark")
    found = [*axe_faults(browser), *too_wide(browser, PHONE)]
    assert [*found, *console_errors(browser), *other_hosts(browser, url)] == []


def test_drawings_follow_the_scheme_and_scroll_on_a_phone(browser: Chrome, service: Served) -> None:
    show(browser, f"{service.url}/docs/data-model", PHONE)
    drawing = browser.find_element(By.CSS_SELECTOR, ".drawing")
    WebDriverWait(browser, 10).until(
        lambda b: b.execute_script("return document.querySelector('.drawing img').complete")
    )
    wide, seen = browser.execute_script("return [arguments[0].scrollWidth, arguments[0].clientWidth]", drawing)
    assert wide >= 640 > seen
    day = drawing.screenshot_as_png
    show(browser, f"{service.url}/docs/data-model", PHONE, "dark")
    assert browser.find_element(By.CSS_SELECTOR, ".drawing").screenshot_as_png != day


def test_code_can_be_copied_and_the_part_that_is_read_is_marked(browser: Chrome, service: Served) -> None:
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    show(browser, f"{service.url}/docs/identity")
    button = browser.find_element(By.CSS_SELECTOR, ".code-box button")
    browser.execute_script("arguments[0].focus()", button)
    button.click()
    WebDriverWait(browser, 10).until(lambda _: button.text == "Copied")
    text = browser.execute_async_script("const done = arguments[0]; navigator.clipboard.readText().then(done, done)")
    assert text.strip() == "kg query widely-reported"
    browser.find_element(By.LINK_TEXT, "Wikidata").click()
    marked = '.docs-side [aria-current="true"]'
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, marked))
    assert browser.find_element(By.CSS_SELECTOR, marked).text == "Wikidata"


def test_the_search_of_the_documents_leads_to_a_section(browser: Chrome, service: Served) -> None:
    show(browser, f"{service.url}/docs")
    field = browser.find_element(By.CSS_SELECTOR, ".docs-search input")
    field.send_keys("curator's file\n")
    WebDriverWait(browser, 10).until(lambda b: "q=curator" in b.current_url)
    link = browser.find_element(By.CSS_SELECTOR, ".docs-hits a")
    address = link.get_attribute("href")
    link.click()
    assert browser.current_url == address
    assert browser.find_element(By.ID, address.partition("#")[2]).is_displayed()
