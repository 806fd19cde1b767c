"""What every page is held to in a real browser. Each check gives the faults that it found, in words; none is an empty list.

``faults(browser, url)`` runs them all. Add the address of a new page to ``ADDRESSES`` in ``test_every_page.py``.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

#: Fetched with the front end's packages; see kg/web/frontend. https://github.com/dequelabs/axe-core
AXE = Path(__file__).parents[2] / "kg" / "web" / "frontend" / "axe.min.js"
DESK, PHONE = 1280, 390
#: So many controls of a page are walked to by keyboard; the rest are of the same kinds.
MOST_STOPS = 25

_AXE = """
const done = arguments[0];
axe.run(document, {resultTypes: ['violations']}).then(({violations}) => done(violations
  .filter(({impact}) => impact === 'serious' || impact === 'critical')
  .map(({id, help, nodes}) => `${id} (${help}): ${nodes.slice(0, 3).map(({target}) => target.join(' ')).join('; ')}`)));
"""
_STOPS = """
const kinds = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]';
window.stops = [...document.querySelectorAll(kinds)].filter((it) => it.tabIndex >= 0 && !it.disabled && it.type !== 'hidden'
  && (it.matches('.skip') || it.checkVisibility({visibilityProperty: true})));
document.activeElement?.blur?.();
return window.stops.map((it) => (it.textContent || it.name || it.tagName).trim().slice(0, 40));
"""
_FOCUS = """
const here = document.activeElement;
const outlined = (it) => { const style = getComputedStyle(it);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; };
let seen = getComputedStyle(here).boxShadow !== 'none';
for (let it = here, up = 0; it && it !== document.body && up < 8; it = it.parentElement, up += 1) seen ||= outlined(it);
return [window.stops.indexOf(here), seen];
"""


def show(browser: Chrome, url: str, width: int = DESK, scheme: str = "light", *, scripts: bool = True) -> None:
    """Open an address in a window of a width (Chromium's own are never narrower than 500 pixels), by day or in the dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(url)


def console_errors(browser: Chrome) -> list[str]:
    """What the browser complains of since this was last asked: refused styles and scripts, errors, files that are missing.

    That the page itself is one that tells of an error is no fault.
    """
    own = f"{browser.current_url.partition('#')[0]} - Failed to load resource"
    found = [entry["message"] for entry in browser.get_log("browser")]
    return [f"console: {message}" for message in found if not message.startswith(own)]


def requests(browser: Chrome) -> Iterator[str]:
    """The addresses that were asked for since this was last asked."""
    for entry in browser.get_log("performance"):
        message: dict[str, Any] = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]
        elif message["method"] == "Network.webSocketCreated":
            yield message["params"]["url"]


def other_hosts(browser: Chrome, url: str) -> list[str]:
    """Requests to another host than the page's."""
    host = urllib.parse.urlsplit(url).netloc
    asked = {address for address in requests(browser) if address.startswith(("http", "ws"))}
    return [f"asks another host: {a}" for a in sorted(asked) if urllib.parse.urlsplit(a).netloc != host]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def axe_faults(browser: Chrome) -> list[str]:
    """What axe-core calls serious or critical."""
    browser.execute_script(_axe())
    found: list[str] = browser.execute_async_script(_AXE)
    return [f"axe: {fault}" for fault in found]


def too_wide(browser: Chrome, width: int) -> list[str]:
    """Whether the page is to be scrolled sideways."""
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    return [f"is {wide} pixels wide in a window of {width}"] if wide > width else []


def _press_tab(browser: Chrome) -> None:
    key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def keyboard_faults(browser: Chrome) -> list[str]:
    """Controls that the Tab key does not reach in the order of the page, or on which the focus cannot be seen."""
    names: list[str] = browser.execute_script(_STOPS)
    wanted = names[:MOST_STOPS]
    reached: list[int] = []
    faults = []
    for _ in range(4 * len(wanted) + 4):  # a field for a date has several stops of its own
        if len(reached) >= len(wanted):
            break
        _press_tab(browser)
        at, seen = browser.execute_script(_FOCUS)
        if at < 0 or (reached and at == reached[-1]):
            continue
        reached.append(at)
        if not seen:
            faults.append(f"keyboard: no focus to be seen on {names[at]!r}")
    if reached != list(range(len(wanted))):
        missed = next((n for n, at in enumerate(reached) if n != at), len(reached))
        faults.append(f"keyboard: the Tab key does not come to {wanted[missed]!r} as number {missed + 1}")
    return faults


def without_scripts(browser: Chrome, url: str) -> list[str]:
    """Whether there is nothing to read, or nothing to go on with, where scripts are switched off."""
    show(browser, url, scripts=False)
    headings = [heading.text for heading in browser.find_elements(By.TAG_NAME, "h1") if heading.is_displayed()]
    words = "".join(main.text for main in browser.find_elements(By.TAG_NAME, "main"))
    faults = [] if any(headings) else ["without scripts: no heading"]
    return faults if len(words) > 40 else [*faults, "without scripts: hardly a word"]


def faults(browser: Chrome, url: str) -> list[str]:
    """All that is wrong with a page: on a desk by day, on a phone in the dark, by keyboard, and without scripts."""
    found: list[str] = []
    for width, scheme in ((PHONE, "dark"), (DESK, "light")):
        show(browser, url, width, scheme)
        told = [*axe_faults(browser), *too_wide(browser, width)]
        found += [f"{width} pixels, {scheme}: {fault}" for fault in told]
    found += keyboard_faults(browser)
    found += without_scripts(browser, url)
    return [*found, *console_errors(browser), *other_hosts(browser, url)]
