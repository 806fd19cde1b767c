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
@pytest.mark.parametrize("path", ["/", "/page/state/KHM", "/query?question=evidence", "/ontology", "/nothing"])
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
    for path in ("/", "/page/state/KHM", "/query?question=who-met-whom", "/ontology", "/topic/trade"):
        browser.get(service.url + path)
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_keyboard_reaches_the_content_first(browser: webdriver.Chrome, service: Served) -> None:
    browser.get(service.url)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.text == "Skip to content"
    focused.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
