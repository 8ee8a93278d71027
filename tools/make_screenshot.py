"""Take the pictures of README.md from a plan's report: `python tools/make_screenshot.py out/report.html`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDTH = 1180


def main(report: Path) -> None:
    """The map as `map.png`, and the sheet of the third contact as `sheet.png`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        page.locator("section[aria-labelledby=map] .card svg").first.screenshot(path=FOLDER / "map.png")
        sheet = page.locator("section[aria-labelledby=contacts] details").nth(2)
        sheet.locator("summary").click()
        sheet.screenshot(path=FOLDER / "sheet.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
