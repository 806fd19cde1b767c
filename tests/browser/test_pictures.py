"""The pictures in a real browser: they are there, reached by keyboard, zoomed, saved as PNG, and drawn without scripts too."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from kg.web.pictures.pages import KINDS
from tests.conftest import Served

ADDRESSES = [f"/{kind.name}" for kind in KINDS] + ["/compare?a=KHM&b=USA", "/timeline?actor=Cambodia&from=2016-01-26"]


def _show(browser: Chrome, url: str, width: int = 1280, *, scripts: bool = True) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(url)


def _view(browser: Chrome) -> list[float]:
    return [float(n) for n in browser.find_element(By.CSS_SELECTOR, "svg.wide").get_dom_attribute("viewBox").split()]


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_picture_has_no_fault(path: str, browser: Chrome, service: Served) -> None:
    for width, seen in ((390, "narrow"), (1280, "wide")):
        _show(browser, service.url + path, width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        shown = [d for d in browser.find_elements(By.CSS_SELECTOR, "figure svg") if d.is_displayed()]
        assert [seen in d.get_attribute("class").split() for d in shown] == [True] * len(shown)
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"}
    assert [url for url in urls if url.startswith("http") and not url.startswith(service.url)] == []
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_keyboard_reaches_a_mark_and_follows_it(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/timeline?type=Visit")
    browser.find_element(By.CSS_SELECTOR, "figure .skip").send_keys(Keys.NULL)
    ActionChains(browser).send_keys(Keys.TAB).perform()
    focused = browser.switch_to.active_element
    assert focused.tag_name == "a"
    assert focused.accessible_name.startswith("Visit: John Kerry – Cambodia (26 Jan 2016")
    tip = browser.find_element(By.CSS_SELECTOR, ".tip")
    assert tip.is_displayed()
    assert tip.text == focused.find_element(By.TAG_NAME, "title").get_property("textContent")
    ActionChains(browser).move_to_element(focused).perform()
    assert focused.find_elements(By.TAG_NAME, "title") == [], "the browser shows its own words too"
    ActionChains(browser).move_to_element(browser.find_element(By.TAG_NAME, "h1")).perform()
    assert not tip.is_displayed()
    assert focused.find_elements(By.TAG_NAME, "title")
    focused.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: "/page/event/" in b.current_url)


def test_zoom_and_pan(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/map")
    whole = _view(browser)
    browser.find_element(By.XPATH, "//button[text()='Zoom in']").click()
    near = _view(browser)
    assert near[2] == pytest.approx(whole[2] / 1.5, abs=0.1)
    browser.find_element(By.CSS_SELECTOR, "svg.wide a").send_keys(Keys.ARROW_RIGHT)
    assert _view(browser)[0] > near[0]
    canvas = browser.find_element(By.CSS_SELECTOR, ".canvas")
    before = _view(browser)
    ActionChains(browser).move_to_element_with_offset(canvas, 0, 60).click_and_hold().move_by_offset(
        90, 0
    ).release().perform()
    assert _view(browser)[0] < before[0]
    assert browser.current_url == f"{service.url}/map", "dragging follows no link"
    browser.find_element(By.XPATH, "//button[text()='Whole picture']").click()
    assert _view(browser) == whole


def test_a_picture_is_saved_as_png(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/network")
    # what would be saved is looked at on its way: the link that the script makes
    browser.execute_script(
        "window.saved = null; HTMLAnchorElement.prototype.click = function () { window.saved = [this.href, this.download]; };"
    )
    browser.find_element(By.CSS_SELECTOR, "button.png").click()
    address, name = WebDriverWait(browser, 10).until(lambda b: b.execute_script("return window.saved"))
    assert address.startswith("blob:")
    assert name == "network.png"
    width = browser.execute_async_script(
        "const done = arguments[1]; const image = new Image(); image.onload = () => done(image.naturalWidth);"
        "image.onerror = () => done(-1); const canvas = document.createElement('canvas');"
        "image.src = document.querySelector('button.png').dataset.picture;",
        address,
    )
    assert width == 952
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_a_file_opens_by_itself_in_its_own_colours(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/network.svg")
    fills = browser.execute_script(
        "return [...document.querySelectorAll('circle')].map((c) => getComputedStyle(c).fill)"
    )
    assert set(fills) == {"rgb(44, 54, 68)"}
    assert [entry["message"] for entry in browser.get_log("browser") if "favicon" not in entry["message"]] == []


def test_all_of_it_works_without_scripts(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/timeline", scripts=False)
    assert browser.find_element(By.CSS_SELECTOR, "svg.wide a").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, "button.png").is_displayed()
    browser.find_element(By.CSS_SELECTOR, "select[name=type]").send_keys("Visit")
    browser.find_element(By.CSS_SELECTOR, "form.choices button").click()
    WebDriverWait(browser, 10).until(lambda b: "type=Visit" in b.current_url)
    assert len(browser.find_elements(By.CSS_SELECTOR, "svg.wide a")) == 1
    browser.find_element(By.CSS_SELECTOR, "details.table summary").click()
    assert len(browser.find_elements(By.CSS_SELECTOR, "details.table tbody tr")) == 1


def test_two_actors_are_compared_from_the_network(browser: Chrome, service: Served) -> None:
    _show(browser, f"{service.url}/network")
    line = browser.find_element(By.CSS_SELECTOR, "svg.wide a[href*='a=KHM&b=USA']")
    line.send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda b: "/compare" in b.current_url)
    assert browser.find_element(By.TAG_NAME, "h1").text == "Cambodia and United States"
    assert browser.find_elements(By.CSS_SELECTOR, "ol.events a")
