"""Takes ``article.png``, the picture of the README: the page of the article in ``seeds/``, as Chromium shows it by day.

    python docs/pictures/shoot.py

It reads the article into a store of its own, serves it, and takes the picture 1280 pixels wide. Needs Chromium with ChromeDriver,
selenium, and Pillow (``pip install pillow``), by which the file is made small.
"""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WIDTH, HEIGHT = 1280, 860
LARGEST = 200_000
_KG = (sys.executable, "-c", "from kg.cli import main; main()")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def served() -> Iterator[str]:
    """The address of a service on the seeds."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        store = ("--store", f"{folder}/store")
        subprocess.run([*_KG, "ingest", "seeds", *store], cwd=ROOT, check=True)
        service = subprocess.Popen([*_KG, "serve", "--port", port, *store], cwd=ROOT)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/health/ready")
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.2)
            yield address
        finally:
            service.terminate()
            service.wait()


def article(address: str) -> str:
    """The path of the page of the one article."""
    with urllib.request.urlopen(f"{address}/articles") as answer:
        page = answer.read().decode()
    return "/page/article/" + page.partition('href="/page/article/')[2].partition('"')[0]


def shot(url: str) -> bytes:
    """A page as PNG."""
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, _CHROMIUM)))
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(option)
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        light = {"name": "prefers-color-scheme", "value": "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [light]})
        browser.get(url)
        time.sleep(0.5)
        return browser.get_screenshot_as_png()
    finally:
        browser.quit()


def main() -> None:
    """Take the picture."""
    with served() as address:
        picture = Image.open(io.BytesIO(shot(address + article(address)))).convert("RGB")
    target = HERE / "article.png"
    picture.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    if target.stat().st_size > LARGEST:
        raise SystemExit(f"{target.name} is larger than {LARGEST:,} bytes.")


if __name__ == "__main__":
    main()
