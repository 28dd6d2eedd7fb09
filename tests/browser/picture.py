"""Take the picture of a report that the README shows: ``make picture``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

import research
from tests.browser.conftest import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    with TemporaryDirectory() as folder, sync_playwright() as player:
        research.report.write(research.tag(research.load(ROOT / "seeds" / "articles"), ROOT / "seeds" / "themes.toml"), folder)
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 760}, color_scheme="light", reduced_motion="reduce")
        page.goto((Path(folder) / "report.html").as_uri())
        page.wait_for_selector("#explorer[data-ready]")
        page.screenshot(path=ROOT / "reports" / "page.png")
        page.fill("#x-search", "صاروخ")
        page.wait_for_selector("#explorer mark")
        page.evaluate("document.getElementById('explorer').scrollIntoView()")
        page.wait_for_timeout(300)
        page.screenshot(path=ROOT / "reports" / "search.png")
        browser.close()


if __name__ == "__main__":
    main()
