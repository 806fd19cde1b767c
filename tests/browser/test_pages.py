"""The pages in a real browser: what a person sees and clicks, by keyboard too, wide and narrow, and without errors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import Served

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no Chromium with ChromeDriver")

#: Run as root and off the network, as in a container: no sandbox, no calls home.
OPTIONS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()
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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Driver(DRIVER))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


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


def test_a_question_is_asked_changed_and_asked_again(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    browser.find_element(By.PARTIAL_LINK_TEXT, "Who met whom, when and where").click()
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 2
    area = browser.find_element(By.TAG_NAME, "textarea")
    area.send_keys(Keys.CONTROL + Keys.END)  # held until the call ends
    area.send_keys("LIMIT 1")
    browser.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(browser, 10).until(lambda b: "LIMIT" in b.current_url)
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1
    area = browser.find_element(By.TAG_NAME, "textarea")
    area.clear()
    area.send_keys("SELECT nonsense")
    browser.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(browser, 10).until(lambda b: "nonsense" in b.current_url)
    assert "not SPARQL" in browser.find_element(By.CSS_SELECTOR, "[role=alert]").text


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_its_window_and_is_styled(
    path: str, width: int, browser: webdriver.Chrome, service: Served, tmp_path: Path
) -> None:
    # Chromium's own windows are never narrower than 500 pixels
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(service.url + path)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    font = browser.execute_script("return getComputedStyle(document.body).fontFamily")
    assert "system-ui" in font, "the style sheet was not loaded"


def test_nothing_is_refused_or_fails_in_the_console(browser: webdriver.Chrome, service: Served) -> None:
    browser.get_log("browser")
    for path in PATHS[:-1]:
        browser.get(service.url + path)
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_keyboard_reaches_the_content_first(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.text == "Skip to content"
    focused.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
