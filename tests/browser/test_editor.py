"""The query editor: written in by keyboard, completed from the ontology, its answer in every view, and shared."""

from __future__ import annotations

import urllib.parse

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.checks import axe_faults, console_errors, other_hosts, show
from tests.conftest import Served

PLACES = """PREFIX geo: <http://www.w3.org/2003/01/geo/wgs84_pos#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?place ?lat ?long { ?place geo:lat ?lat ; geo:long ?long }"""
COUNTS = (
    """SELECT ?class (COUNT(DISTINCT ?s) AS ?things) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?things) LIMIT 5"""
)
DAYS = """PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#>
SELECT DISTINCT ?event ?day { ?event a dipl:Event ; dipl:earliestDate ?day }"""


def _wait(browser: Chrome, selector: str) -> WebElement:
    return WebDriverWait(browser, 20).until(lambda b: b.find_element(By.CSS_SELECTOR, selector))


def _words(browser: Chrome, selector: str, beginning: str) -> str:
    """The words of the first such element, once they begin so: what is drawn anew meanwhile is looked up again."""

    def found(_: object) -> str:
        text: str = browser.find_element(By.CSS_SELECTOR, selector).text
        return text if text.startswith(beginning) else ""

    gone = [StaleElementReferenceException]
    return WebDriverWait(browser, 20, ignored_exceptions=gone).until(found)


def _open(browser: Chrome, service: Served, **parameters: str) -> None:
    show(browser, f"{service.url}/query?{urllib.parse.urlencode(parameters)}")
    _wait(browser, "[data-editor=ready]")


def _text(browser: Chrome) -> str:
    text: str = browser.execute_script(
        "return document.querySelector('.tabPanel.active .CodeMirror').CodeMirror.getValue()"
    )
    return text


def _write(browser: Chrome, text: str) -> None:
    """Put the cursor into the editor, empty it, and type."""
    browser.find_element(By.CSS_SELECTOR, ".tabPanel.active .yasqe [contenteditable]").click()
    keys = ActionChains(browser).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(Keys.DELETE)
    keys.send_keys(text).perform()


def test_a_query_is_typed_completed_run_and_shared(browser: Chrome, service: Served) -> None:
    _open(browser, service)
    _write(browser, "SELECT * WHERE { ?meeting a dipl:Meeti")
    # the term itself comes first, with its definition
    assert len(_words(browser, ".CodeMirror-hint", "dipl:Meeting")) > len("dipl:Meeting ")
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    assert "PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#>" in _text(browser)
    ActionChains(browser).send_keys(" }").key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    _words(browser, ".yasr td a", "Meeting: ")
    browser.find_element(By.CSS_SELECTOR, ".tabPanel.active button.share").click()
    shared = _wait(browser, ".link input").get_attribute("value") or ""
    assert shared.startswith(f"{service.url}/query?query=")
    written, rows = _text(browser), len(browser.find_elements(By.CSS_SELECTOR, ".yasr tbody tr"))
    assert browser.current_url == shared, "the address bar has the query too"
    browser.execute_script("localStorage.clear()")
    browser.get(shared)
    _wait(browser, ".yasr td a")
    assert _text(browser) == written
    assert len(browser.find_elements(By.CSS_SELECTOR, ".yasr tbody tr")) == rows >= 1
    assert [*console_errors(browser), *other_hosts(browser, service.url)] == []


def test_codes_are_offered_where_a_property_takes_them(browser: Chrome, service: Served) -> None:
    _open(browser, service)
    _write(browser, "PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#> SELECT * { ?e dipl:modality dipl:")
    _wait(browser, ".CodeMirror-hint")
    offered = [hint.text.partition(" ")[0] for hint in browser.find_elements(By.CSS_SELECTOR, ".CodeMirror-hint")]
    assert set(offered[:4]) == {f"dipl:modality-{code}" for code in ("actual", "planned", "possible", "negated")}


@pytest.mark.parametrize(
    ("view", "query", "drawn"),
    [
        ("chart", COUNTS, "svg rect title"),
        ("map", PLACES, "svg circle.spot title"),
        ("timeline", DAYS, "ol.days time"),
        ("response", DAYS, "pre"),
    ],
)
def test_an_answer_is_shown_as(view: str, query: str, drawn: str, browser: Chrome, service: Served) -> None:
    _open(browser, service, query=query, view=view)
    assert _wait(browser, f".yasr_results {drawn}").get_attribute("textContent")
    selected = browser.find_element(By.CSS_SELECTOR, ".tabPanel.active .yasr_btn.selected")
    assert selected.text == view.capitalize()
    if view == "map":
        WebDriverWait(browser, 10).until(lambda b: b.find_element(By.CSS_SELECTOR, "path.outline").get_attribute("d"))
    assert f"view={view}" in browser.current_url
    assert [*axe_faults(browser), *console_errors(browser), *other_hosts(browser, service.url)] == []


def test_a_view_is_chosen_by_a_click_and_stays_in_the_address(browser: Chrome, service: Served) -> None:
    _open(browser, service, query=COUNTS)
    _wait(browser, ".yasr tbody tr")
    browser.find_element(By.CSS_SELECTOR, ".tabPanel.active .select_chart").click()
    _wait(browser, ".yasr svg rect")
    WebDriverWait(browser, 10).until(lambda b: "view=chart" in b.current_url)


def test_a_table_is_sorted_and_filtered(browser: Chrome, service: Served) -> None:
    _open(browser, service, query='SELECT * { VALUES (?name ?things) { ("one" 20) ("two" 100) ("three" 3) } }')
    _wait(browser, ".yasr tbody tr")

    def numbers() -> list[int]:
        return [int(cell.text) for cell in browser.find_elements(By.CSS_SELECTOR, ".yasr td.number")]

    browser.find_element(By.CSS_SELECTOR, "th[data-name=things] button").click()
    assert numbers() == [3, 20, 100]
    browser.find_element(By.CSS_SELECTOR, "th[data-name=things] button").click()
    assert numbers() == [100, 20, 3]
    browser.find_element(By.CSS_SELECTOR, ".yasr input[type=search]").send_keys("TH")
    assert numbers() == [3]
    assert "1 of 3 rows" in browser.find_element(By.CSS_SELECTOR, ".yasr [role=status]").text


def test_an_example_opens_in_a_tab_and_what_is_wrong_is_told(browser: Chrome, service: Served) -> None:
    _open(browser, service)
    Select(browser.find_element(By.CSS_SELECTOR, "#editor select")).select_by_value("who-met-whom")
    assert len(_wait(browser, ".yasr tbody").find_elements(By.TAG_NAME, "tr")) == 2
    _write(browser, "SELECT nonsense")
    browser.find_element(By.CSS_SELECTOR, ".tabPanel.active button.run").click()
    assert "not SPARQL" in _wait(browser, ".tabPanel.active [role=alert]").text


def test_the_keyboard_gets_out_of_the_editor(browser: Chrome, service: Served) -> None:
    _open(browser, service)
    browser.find_element(By.CSS_SELECTOR, ".yasqe [contenteditable]").click()
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element.text == "Run"


def test_without_scripts_the_plain_form_asks(browser: Chrome, service: Served) -> None:
    show(browser, f"{service.url}/query?{urllib.parse.urlencode({'query': COUNTS})}", scripts=False)
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 5
    browser.find_element(By.CSS_SELECTOR, "#plain button").click()
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 5
    show(browser, f"{service.url}/ask/who-met-whom", scripts=False)
    browser.find_element(By.NAME, "party").send_keys("Hor Namhong")
    browser.find_element(By.CSS_SELECTOR, "form.ask button").click()
    WebDriverWait(browser, 10).until(lambda b: "Hor+Namhong" in b.current_url)
    assert len(browser.find_elements(By.CSS_SELECTOR, "table.answer tbody tr")) >= 1


def test_the_plain_field_takes_over_what_was_written(browser: Chrome, service: Served) -> None:
    _open(browser, service, query=COUNTS)
    browser.find_element(By.XPATH, "//button[text()='Plain text field']").click()
    field = browser.find_element(By.ID, "text")
    assert field.is_displayed()
    assert field.get_attribute("value") == COUNTS
