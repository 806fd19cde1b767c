"""Search in a real browser: suggestions by keyboard and pointer, without scripts, wide and narrow."""

from __future__ import annotations

import json
import time

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import Served


@pytest.fixture
def field(browser: webdriver.Chrome, service: Served) -> WebElement:
    """The field of the search page, in a service that has read everything into its index."""
    deadline = time.monotonic() + 60
    while not json.loads(service.get("/search.json").body)["current"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    browser.get(f"{service.url}/search")
    return browser.find_element(By.ID, "q")


def _options(browser: webdriver.Chrome, number: int = 1) -> list[WebElement]:
    def shown(driver: webdriver.Chrome) -> list[WebElement] | None:
        held = driver.find_elements(By.CSS_SELECTOR, "main [role=option]")
        return held if len(held) >= number and held[0].is_displayed() else None

    return WebDriverWait(browser, 10).until(shown)  # type: ignore[arg-type]


def test_a_suggestion_is_chosen_by_keyboard(browser: webdriver.Chrome, field: WebElement) -> None:
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "false"
    field.send_keys("hun s")
    (option, *_) = _options(browser)
    assert field.get_attribute("aria-expanded") == "true"
    assert browser.find_element(By.ID, field.get_attribute("aria-controls") or "").get_attribute("role") == "listbox"
    field.send_keys(Keys.ARROW_DOWN)
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert option.get_attribute("aria-selected") == "true"
    assert field.get_attribute("value") == "Hun Sen"
    assert browser.switch_to.active_element == field
    field.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: "/page/person" in b.current_url)
    assert browser.find_element(By.TAG_NAME, "h1").text == "Hun Sen"


def test_arrows_go_round_and_escape_gives_back_what_was_typed(browser: webdriver.Chrome, field: WebElement) -> None:
    field.send_keys("united")
    options = _options(browser, 2)
    field.send_keys(Keys.ARROW_UP)
    assert field.get_attribute("aria-activedescendant") == options[-1].get_attribute("id")
    field.send_keys(Keys.ARROW_DOWN)
    assert field.get_attribute("aria-activedescendant") is None
    field.send_keys(Keys.ARROW_DOWN)
    assert field.get_attribute("value") != "united"
    field.send_keys(Keys.ESCAPE)
    assert field.get_attribute("value") == "united"
    assert field.get_attribute("aria-expanded") == "false"
    assert not browser.find_elements(By.CSS_SELECTOR, "main [role=option]")


def test_enter_without_a_choice_searches_for_what_was_typed(browser: webdriver.Chrome, field: WebElement) -> None:
    field.send_keys("Kerry")
    _options(browser)
    field.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: "q=Kerry" in b.current_url)
    assert "results" in browser.find_element(By.CSS_SELECTOR, "main .total").text
    assert {mark.text for mark in browser.find_elements(By.CSS_SELECTOR, "main .name mark")} == {"Kerry"}


def test_a_suggestion_is_chosen_by_pointer(browser: webdriver.Chrome, field: WebElement) -> None:
    field.send_keys("cambod")
    next(option for option in _options(browser) if option.text.startswith("Cambodia")).click()
    WebDriverWait(browser, 10).until(lambda b: b.current_url.endswith("/page/state/KHM"))


def test_hits_are_narrowed_down_step_by_step_and_back(browser: webdriver.Chrome, field: WebElement) -> None:
    field.send_keys("Kerry" + Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: "q=Kerry" in b.current_url)
    for words in ("Cambodia", "Sentences"):
        browser.find_element(By.CSS_SELECTOR, "aside").find_element(By.LINK_TEXT, words).click()
    assert "country=KHM" in browser.current_url
    assert "kind=Sentence" in browser.current_url
    assert browser.find_elements(By.CSS_SELECTOR, "main blockquote mark")
    browser.find_element(By.PARTIAL_LINK_TEXT, "Kind: Sentences").click()
    assert "kind=" not in browser.current_url
    assert "country=KHM" in browser.current_url


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path", ["/search", "/search?q=Kerry", "/search?q=blorptastic&country=KHM", "/search?kind=State"]
)
def test_the_page_fits_its_window(path: str, width: int, browser: webdriver.Chrome, service: Served) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(service.url + path)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_it_works_without_scripts(browser: webdriver.Chrome, service: Served) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{service.url}/search")
        field = browser.find_element(By.ID, "q")
        field.send_keys("Kerry" + Keys.ENTER)
        WebDriverWait(browser, 10).until(lambda b: "q=Kerry" in b.current_url)
        assert browser.find_elements(By.CSS_SELECTOR, "main .hit")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_nothing_is_refused_or_fails_in_the_console(browser: webdriver.Chrome, field: WebElement) -> None:
    browser.get_log("browser")
    field.send_keys("hun")
    _options(browser)
    assert [entry["message"] for entry in browser.get_log("browser")] == []
