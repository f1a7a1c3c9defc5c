"""The site in headless Chromium, opened as files: everything that can be clicked, and what axe-core says."""

import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from synthetic import fill

from equipoise.leaderboard.site import build_site

pytestmark = pytest.mark.browser

PAGES = (
    "index.html", "index.html#task=*", "planes.html", "planes/persuasion.html", "tasks.html", "tasks/persuasion.html",
    "capability.html", "capability/dignified-peer-generation-1.html", "judges.html", "orders.html",
    "models/model-001.html", "downloads.html", "submit.html", "cite.html", "changelog.html", "about.html",
    "editions/2026.1/index.html",
)  # fmt: skip

COMPLEX = ("index.html#task=*", "models/model-001.html", "capability/dignified-peer-generation-1.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    path = fill(folder / "board.duckdb", models=70, items=8, metrics=4, hostile=True, editions=2)
    build_site(path, folder / "site", 3)
    return folder / "site"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    path = fill(folder / "board.duckdb", models=7, items=3, metrics=2, hostile=True, editions=2)
    build_site(path, folder / "site", 3)
    return folder / "site"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


Opener = Callable[..., Any]


@pytest.fixture
def visit(chromium: Any, site: Path) -> Iterator[Opener]:
    """Opens a page of the site; at the end nothing was logged, nothing was asked of the network, no dialog came up."""
    problems: list[str] = []
    contexts = []

    def opened(place: str = "index.html", width: int = 1280, scheme: str = "light", **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: _local(request.url, problems))
        page.goto(f"{site.as_uri()}/{place}")
        if place.startswith("index.html"):
            page.wait_for_selector("#shown:not(:empty)")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _local(url: str, problems: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        problems.append(url)


def first_names(page: Any, count: int = 3) -> list[str]:
    return [link.inner_text() for link in page.locator("#board tbody th a.name").all()[:count]]


def values(page: Any, side: str) -> list[float]:
    return [float(text) for text in page.locator(f"#board tbody td.{side} b").all_inner_texts()]


def settled(page: Any, text: str) -> None:
    """Wait until the line above the table says this."""
    page.wait_for_function("text => document.querySelector('.status').textContent.includes(text)", arg=text)


def test_sorting_by_the_other_margin_and_back(visit: Opener) -> None:
    page = visit()
    head = page.locator("#board thead")
    assert head.locator("[aria-sort]").count() == 1
    before, stands = first_names(page), values(page, "stands")
    assert stands == sorted(stands, reverse=True)
    head.locator("button[data-sort=bends]").click()
    settled(page, "Ordered by “bends")
    bends = values(page, "bends")
    assert bends == sorted(bends, reverse=True) and len(bends) == 50
    assert head.locator("th[aria-sort=descending] button").get_attribute("data-sort") == "bends"
    head.locator("button[data-sort=bends]").click()
    settled(page, "lowest first")
    assert values(page, "bends") == sorted(values(page, "bends"))
    head.locator("button[data-sort=stands]").click()
    settled(page, "Ordered by “stands")
    assert first_names(page) == before, "rows from data are those that came with the page"


def test_rows_from_data_look_like_those_that_came_with_the_page(visit: Opener) -> None:
    page = visit()
    own = page.locator("#board tbody").inner_text()
    page.locator("#next").click()
    settled(page, "51–70")
    page.locator("#previous").click()
    settled(page, "1–50")
    assert page.locator("#board tbody").inner_text().split() == own.split()


def test_filters_pages_and_the_address(visit: Opener) -> None:
    page = visit()
    page.fill("input[name=q]", "LABORATORY 3")
    settled(page, "1–10 of 10")
    assert "q=LABORATORY+3" in page.url
    page.select_option("select[name=tier]", "re-run")
    settled(page, "of 3 rows")
    page.fill("input[name=q]", "nobody at all")
    settled(page, "No row fits")
    page.click("button[type=reset]")
    settled(page, "1–50 of 70")
    assert "#" not in page.url
    page.uncheck("input[name=controls]")
    settled(page, "of 67 rows")
    assert page.locator("tr.is-control").count() == 0
    page.select_option("select[name=config]", "custom")
    settled(page, "of 7 rows")
    assert set(page.locator("#board tbody td.rank").evaluate_all("cells => cells.map(c => c.firstChild.data)")) == {"–"}
    shared = visit(page.url.rsplit("/", 1)[1])
    settled(shared, "of 7 rows")
    assert not shared.is_checked("input[name=controls]")


def test_another_task_and_all_tasks(visit: Opener) -> None:
    page = visit("index.html#task=debate&page=2")
    settled(page, "51–70")
    assert "against a wrong partner" in page.locator("#board thead").inner_text()
    page.select_option("select[name=task]", "*")
    settled(page, "1–50")
    assert page.locator("#board thead th[scope=colgroup]").all_inner_texts() == [
        "Persuasion", "Are you sure?", "Debate", "Dignified peer judged"]  # fmt: skip
    page.locator("button[data-sort='bends@debate']").click()
    settled(page, "(Debate)")
    ranks = page.locator("#board tbody td .fine").all_inner_texts()
    assert any("–" in text for text in ranks), "rank sets stand in the cells"


def test_a_broken_address_shows_the_board(visit: Opener) -> None:
    page = visit("index.html#task=none&sort=x@y&page=-3&q=%3Cimg%20src=x%3E")
    settled(page, "No row fits")
    page.click("button[type=reset]")
    settled(page, "1–50 of 70")


def test_the_model_page_loads_metrics_and_inert_transcripts(visit: Opener) -> None:
    page = visit("models/model-001.html")
    page.locator("details[data-kind=metrics] > summary").first.click()
    page.wait_for_selector("details[data-kind=metrics] table")
    assert page.locator("details[data-kind=metrics] tbody tr").count() == 6
    page.locator("details[data-kind=transcripts] > summary").first.click()
    page.locator("details.dialogue-of > summary").first.click()
    said = page.locator(".said").first
    assert "<script>alert(1)</script>" in said.inner_text() and "⟨U+202E⟩" in said.inner_text()
    assert page.locator(".said script, .said img").count() == 0
    other = visit("models/model-002.html")
    other.locator("details[data-kind=transcripts] > summary").first.click()
    other.locator("details.dialogue-of > summary").first.click()
    assert other.locator(".said.subject").count() == 2 and other.locator(".probe .right").inner_text() == "right"


def test_the_board_leads_to_a_model_and_back(visit: Opener) -> None:
    page = visit()
    name = first_names(page, 1)[0]
    page.locator("#board tbody a.name").first.click()
    page.wait_for_selector("h2:has-text('Disclosure')")
    assert page.locator("h1").inner_text() == name
    page.locator("header nav a").first.click()
    page.wait_for_selector("#board")


def test_the_theme_is_switched_and_remembered(visit: Opener) -> None:
    page = visit(scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light == "rgb(255, 255, 255)" and dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert visit(scheme="dark").evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_keyboard_alone(visit: Opener) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.sort") == "bends":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    settled(page, "Ordered by “bends")
    assert page.evaluate("document.activeElement.dataset.sort") == "bends", "the focus stays on the heading"


CARDS = """() => [...document.querySelectorAll(".cards tbody tr")].map(row => {
    const inside = cell => cell.getBoundingClientRect().right <= innerWidth && cell.getClientRects().length > 0;
    const labelled = cell => getComputedStyle(cell, "::before").content !== "none";
    const cells = [...row.querySelectorAll("td[data-label]")].filter(cell => labelled(cell) && inside(cell));
    return cells.map(cell => cell.dataset.label).join(", ");
})"""
"""What the cells of every card are called that lie on the screen."""


def test_on_a_phone_every_row_is_a_card_with_both_margins(visit: Opener) -> None:
    page = visit(width=390, has_touch=True)
    came, before = page.evaluate(CARDS), first_names(page, 50)
    assert came == ["Stands, Rank set, Bends, Rank set"] * 50
    assert page.locator(".cue").first.is_hidden()
    page.locator("button[data-sort=bends]").tap()
    settled(page, "Ordered by “bends")
    assert page.evaluate(CARDS) == came and first_names(page, 50) != before
    page.select_option("select[name=task]", "*")
    page.wait_for_selector("#board.all tbody .bar")
    page.wait_for_selector("#board:not([aria-busy])")
    assert page.evaluate(CARDS)[0].startswith("Persuasion, stands, Persuasion, bends, Are you sure?, stands")
    assert "Dignified peer" in page.locator("#judged summary").inner_text()
    for place, said in (("planes/debate.html", "Stands, Bends"), ("tasks/debate.html", came[0])):
        assert set(visit(place, width=390).evaluate(CARDS)) == {said}
    assert set(visit("models/model-002.html", width=390).evaluate(CARDS)) == {came[0]}


def test_a_table_that_fits_has_no_hint_to_scroll(visit: Opener) -> None:
    wide = visit(width=1280)
    wide.wait_for_selector(".cue", state="hidden")


def test_items_are_sorted_by_difficulty(visit: Opener) -> None:
    page = visit("tasks/persuasion.html")
    heading = page.locator("table.items th", has_text="Difficulty")
    heading.locator("button").click()
    shown = page.locator("table.items tbody td:nth-child(7)").all_inner_texts()
    numbers = [float(text.replace("−", "-")) for text in shown]
    assert numbers == sorted(numbers, reverse=True) and heading.get_attribute("aria-sort") == "descending"


def test_a_long_table_is_sorted_as_a_whole(visit: Opener, tmp_path: Path) -> None:
    build_site(
        fill(tmp_path / "board.duckdb", models=120, tasks=1, items=2, metrics=0, transcripts=0), tmp_path / "site"
    )
    page = visit()
    page.goto(f"{(tmp_path / 'site').as_uri()}/planes/persuasion.html")
    page.locator("table.sortable button", has_text="Bends").click()
    values = [page.locator(f"{part} tbody td:nth-child(4)").all_text_contents() for part in (".sortable", ".rest")]
    assert [len(part) for part in values] == [100, 20]
    numbers = [float(text) for part in values for text in part if text != "–"]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) < 120


def test_without_scripts_the_first_page_is_there(visit: Opener, chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/index.html")
    assert page.locator("#board tbody tr").count() == 50
    assert page.locator("#filter").is_hidden() and page.locator("#theme").is_hidden()
    assert page.locator("noscript .note").count() == 1
    context.close()


def test_every_kind_of_page_is_among_those_that_are_checked() -> None:
    kinds = {path.name.partition(".")[0] for path in (files("equipoise.leaderboard.site") / "templates").iterdir()}
    kinds -= {"page", "parts", "plane_svg"}
    assert len(kinds) == 15 and len(PAGES) == len(set(PAGES)) == 17
    assert set(COMPLEX) < set(PAGES)


@pytest.mark.parametrize(("scheme", "width", "other"), [("light", 1280, 390), ("dark", 390, 1280)])
def test_no_serious_fault_of_accessibility_and_nothing_sticks_out(
    visit: Opener, small: Path, scheme: str, width: int, other: int
) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    page = visit(width=width, scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    rules = WCAG if scheme == "light" else ["color-contrast", "scrollable-region-focusable"]
    kinds, found = set(), list[tuple[object, ...]]()
    for place in PAGES:
        page.goto(f"{small.as_uri()}/{place.partition('#')[0]}")
        unfold(page, place)
        page.add_script_tag(content=axe)
        for each in (other, 820, width):
            page.set_viewport_size({"width": each, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > each:
                found.append((place, f"sticks out at {each}"))
            if each == width or (each == other and place in COMPLEX):
                kinds.add((place, each))
                found += [(place, each, fault) for fault in faults(page, rules)]
    assert found == []
    assert len(kinds) == len(PAGES) + len(COMPLEX)


def unfold(page: Any, place: str) -> None:
    """Open what is folded or comes later."""
    if "#" in place:
        page.select_option("select[name=task]", "*")
        page.wait_for_selector("#board.all tbody .bar")
    if place.startswith("models/"):
        page.locator("details.load[data-kind=transcripts] > summary").first.click()
        page.locator("details.dialogue-of > summary").first.click()
        page.locator("details.load[data-kind=metrics] > summary").first.click()
        page.wait_for_selector("details[data-kind=metrics] table")
    page.evaluate("document.querySelectorAll('details:not(.load)').forEach(each => { each.open = true; })")


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def faults(page: Any, rules: list[str]) -> list[tuple[str, str]]:
    """Serious and critical violations, as axe-core names them, with the first place."""
    result = page.evaluate(
        "rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules, preload: false})", rules
    )
    serious = (fault for fault in result["violations"] if fault["impact"] in ("serious", "critical"))
    return [(fault["id"], fault["nodes"][0]["html"][:150]) for fault in serious]
