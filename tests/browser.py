"""A page in headless Chromium, held to what every page of ours promises."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def sound_page(path: Path, title: str, width: int, scheme: str) -> Iterator[Any]:
    """The page, for a test to look at; skips the test where there is no Chromium.

    Nothing sticks out to the side, all pictures are there and in the colours of the scheme, no error is logged, and
    nothing is asked for from the network.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        problems: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        assert page.title() == title
        assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing sticks out to the side"
        yield page
        broken = page.evaluate("[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length")
        assert broken == 0
        chosen = page.evaluate("document.images[0].currentSrc === document.images[0].src")
        assert chosen is (scheme == "light"), "dark pages get the dark figures"
        browser.close()
    assert problems == []
    assert all(url.startswith(("file:", "data:")) for url in requests)
