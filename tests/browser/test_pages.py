"""The pages in a real browser: what a person sees and clicks, by keyboard too, wide and narrow, and without errors."""

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.checks import show
from tests.conftest import Served


def _heading(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "h1").text


def test_from_the_front_page_to_the_sentence(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    assert _heading(browser).startswith("Who met whom")
    browser.find_element(By.PARTIAL_LINK_TEXT, "Visit: John Kerry").click()
    assert _heading(browser) == "Visit: John Kerry – Cambodia, 2016-01-26"
    assert "during his visit to the capital on Tuesday" in browser.find_element(By.TAG_NAME, "main").text
    browser.find_element(By.LINK_TEXT, "Cambodia").click()
    assert _heading(browser) == "Cambodia"
    browser.find_element(By.CSS_SELECTOR, "blockquote footer a").click()
    target = browser.find_element(By.CSS_SELECTOR, "blockquote:target")
    assert target.is_displayed()
    assert "Kerry" in target.text


def test_the_address_of_a_thing_leads_a_person_to_its_page(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(f"{service.url}/id/person/hun-sen-khm")
    assert browser.current_url == f"{service.url}/page/person/hun-sen-khm"
    assert _heading(browser) == "Hun Sen"


@pytest.mark.parametrize("path", ["/", "/page/state/KHM", "/query?question=evidence", "/ontology", "/nothing"])
def test_a_page_fits_the_narrowest_window_and_is_styled(path: str, browser: webdriver.Chrome, service: Served) -> None:
    show(browser, service.url + path, 360)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    font = browser.execute_script("return getComputedStyle(document.body).fontFamily")
    assert "system-ui" in font, "the style sheet was not loaded"


def test_keyboard_reaches_the_content_first(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.text == "Skip to content"
    focused.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
