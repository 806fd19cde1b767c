"""The pages in a real browser: what a person sees and clicks, by keyboard too, wide and narrow, and without errors."""

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.checks import show
from tests.conftest import Served

#: A page of each sort; the last one is not there.
ARTICLE = "4c746df65e6d6e56"
PATHS = [
    *(
        "/",
        "/about",
        "/articles",
        "/ontology",
        "/query?question=evidence",
        "/topic/trade",
        "/page/state/KHM",
        "/page/state/KHM?list=links",
    ),
    *(
        "/page/person/hun-sen-khm",
        "/page/organization/ASEAN",
        "/page/office/prime-minister-khm",
        "/page/place/phnom-penh-khm",
    ),
    *(
        f"/page/{kind}/{ARTICLE}{key}"
        for kind, key in (("article", ""), ("event", "-e1"), ("statement", "-s1"), ("tenure", "-t1"))
    ),
    f"/page/graph/article/{ARTICLE}",
    "/nothing",
]


def _heading(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "h1").text


def test_from_the_front_page_to_the_sentence(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    assert _heading(browser).startswith("Who met whom")
    browser.find_element(By.LINK_TEXT, "visited").click()
    assert _heading(browser) == "John Kerry (United States) visited Cambodia in Phnom Penh on 26 January 2016"
    assert "during his visit to the capital on Tuesday" in browser.find_element(By.TAG_NAME, "main").text
    browser.find_element(By.LINK_TEXT, "Cambodia").click()
    assert _heading(browser) == "Cambodia"
    browser.find_element(By.CSS_SELECTOR, "details.evidence summary").click()
    browser.find_element(By.CSS_SELECTOR, "details.evidence[open] figcaption a").click()
    target = browser.find_element(By.CSS_SELECTOR, ".passage:target")
    assert target.is_displayed()
    assert "Kerry" in target.text


def test_evidence_opens_without_scripts_and_by_keyboard(browser: webdriver.Chrome, service: Served) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(service.url + "/page/state/KHM")
        summary = browser.find_element(By.CSS_SELECTOR, "details.evidence summary")
        quoted = browser.find_element(By.CSS_SELECTOR, "details.evidence mark")
        assert not quoted.is_displayed()
        summary.send_keys(Keys.ENTER)
        assert quoted.is_displayed()
        assert quoted.text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_has_the_keyboard_sees_where_it_is(scheme: str, browser: webdriver.Chrome, service: Served) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(service.url + "/page/person/hun-sen-khm")
    body = browser.find_element(By.TAG_NAME, "body")
    ground = body.value_of_css_property("background-color")
    seen = set()
    for _ in range(40):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        focused = browser.switch_to.active_element
        assert focused.value_of_css_property("outline-style") == "solid", focused.tag_name
        assert focused.value_of_css_property("outline-color") != ground
        seen.add(focused.tag_name)
        if "summary" in seen:
            break
    assert {"a", "summary"} <= seen


def test_the_address_of_a_thing_leads_a_person_to_its_page(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(f"{service.url}/id/person/hun-sen-khm")
    assert browser.current_url == f"{service.url}/page/person/hun-sen-khm"
    assert _heading(browser) == "Hun Sen"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_the_narrowest_window_and_is_styled(path: str, browser: webdriver.Chrome, service: Served) -> None:
    show(browser, service.url + path, 360)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    font = browser.execute_script("return getComputedStyle(document.body).fontFamily")
    assert "serif" in font, "the style sheet was not loaded"


def test_keyboard_reaches_the_content_first(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.text == "Skip to content"
    focused.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
