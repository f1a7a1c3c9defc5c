"""The site as files: what is written, how large, how safe, and that a former one survives."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from synthetic import HOSTILE, fill

from equipoise.errors import InputError
from equipoise.leaderboard.site import SiteSummary, build_site
from equipoise.leaderboard.site.swap import MARKER, check_target, staged

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    build_site(fill(folder / "board.duckdb", models=8, tasks=5, items=6, hostile=True, editions=2), folder / "site", 4)
    return folder / "site"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteSummary, list[str]]:
    folder, told = tmp_path_factory.mktemp("many"), list[str]()
    path = fill(folder / "board.duckdb", models=1000, tasks=2, items=5, metrics=0, transcripts=0)
    return folder / "site", build_site(path, folder / "site", 0, told.append), told


def data_of(path: Path) -> object:
    """What a file of data hands to the page."""
    text = path.read_text(encoding="ascii")
    assert text.startswith("equipoise.put(...[") and text.endswith("]);\n")
    return json.loads(text[len("equipoise.put(...") : -3])[1]


def test_every_page_is_strict_and_has_no_inline_script_or_style(hostile: Path) -> None:
    pages = list(hostile.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert CSP in html
        outside = re.sub(r'"[^"]*"', '""', html)  # what stands in the value of an attribute is no attribute
        assert not re.search(r"<style|<script(?! src=)|<[^>]* style=|<[^>]* on\w+=", outside), page
        assert "{{ " not in html and "{%" not in html, page


def test_hostile_texts_are_escaped_everywhere(hostile: Path) -> None:
    html = (hostile / "models" / "model-001.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "⟨U+202E⟩gnp.⟨U+2028⟩⟨U+0007⟩" in html
    assert 'href="javascript:' not in html and "javascript:alert(3)" in html
    for path in [*hostile.rglob("*.html"), *hostile.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text and "<img src=x" not in text
        assert not re.search("[\u202a-\u202e\u2028\x07]", text)


def test_data_files_hold_only_data(hostile: Path) -> None:
    files = list((hostile / "data").rglob("*.js"))
    assert files
    for path in files:
        data_of(path)
        assert not re.search("[<>]", path.read_text(encoding="ascii"))


def test_transcripts_are_of_the_same_dialogues_for_all_models(hostile: Path) -> None:
    found = [data_of(path) for path in sorted((hostile / "data" / "models").glob("*/transcripts-persuasion.js"))]
    chosen = [[(item, arm, epoch) for item, arm, epoch, *_ in each] for each in found]
    assert len(chosen) == 8 and len(chosen[0]) == 4
    assert all(each == chosen[0] for each in chosen)


def test_a_stray_dialogue_of_one_model_is_not_chosen(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=4, tasks=1, items=3, transcripts=2)
    with duckdb.connect(str(path)) as board:
        board.execute("INSERT INTO transcripts SELECT * REPLACE ('stray' AS item) FROM transcripts LIMIT 1")
        board.execute("UPDATE transcripts SET lines = '{broken' WHERE submission = 'model-000'")
    build_site(path, tmp_path / "site", transcripts=12)
    folder = tmp_path / "site" / "data" / "models"
    shown = data_of(folder / "model-001" / "transcripts-persuasion.js")
    assert sorted(item for item, *_ in shown) == ["item-000", "item-001"]
    broken = data_of(folder / "model-000" / "transcripts-persuasion.js")
    assert [lines for _, _, _, lines, _ in broken] == [[], []]


def test_a_dialogue_that_is_cut_tells_how_many_lines_are_left(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=2, tasks=1, items=2, transcripts=1)
    lines = [{"speaker": "subject", "turn": turn, "text": "x", "label": ""} for turn in range(203)]
    with duckdb.connect(str(path)) as board:
        board.execute("UPDATE transcripts SET lines = ? WHERE submission = 'model-000'", [json.dumps(lines)])
    build_site(path, tmp_path / "site")
    folder = tmp_path / "site" / "data" / "models"
    [[*_, shown, left]] = data_of(folder / "model-000" / "transcripts-persuasion.js")
    assert (len(shown), left) == (200, 3)
    [[*_, shown, left]] = data_of(folder / "model-001" / "transcripts-persuasion.js")
    assert (len(shown), left) == (7, 0)


def rows_of(html: str) -> list[list[str]]:
    """Texts of the cells of all body rows."""
    rows = [row for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.S) for row in body.split("<tr")[1:]]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[re.sub(r"\s+", " ", re.sub("<[^>]*>", "", cell)).strip() for cell in row] for row in cells]


def test_agreement_is_one_row_a_measure(hostile: Path) -> None:
    html = (hostile / "judges.html").read_text(encoding="utf-8").partition("<h2>Agreement</h2>")[2]
    assert rows_of(html) == [
        ["empathy", "900", "3", "0.61", "[0.51, 0.71]", "0.55", "1.40 to 1.90"],
        ["trustworthiness", "900", "3", "0.61", "[0.51, 0.71]", "0.55", "–"],  # the floor lies above the ceiling
    ]
    assert "<details" not in html


def test_agreement_on_many_measures_is_folded_by_task(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=2, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute(
            "INSERT INTO agreement SELECT agreement.* REPLACE (measure || k AS measure) FROM agreement, range(16) r(k)"
        )
    build_site(path, tmp_path / "site")
    html = (tmp_path / "site" / "judges.html").read_text(encoding="utf-8").partition("<h2>Agreement</h2>")[2]
    assert html.count("<details><summary>") == 1 and len(rows_of(html)) == 34


def test_order_effects_stand_by_domain_and_nothing_else(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=4, tasks=3, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute("""UPDATE metrics SET "by" = trim('domain=law,' || "by", ',') WHERE arm = 'order_effect'""")
        board.execute(
            """INSERT INTO metrics SELECT * REPLACE ('all_orders' AS arm, 'team_mean' AS measure,
            'domain=law,agent=partner,seat=1' AS "by") FROM metrics WHERE measure = 'range' AND "by" = 'domain=law'"""
        )
    build_site(path, tmp_path / "site")
    html = (tmp_path / "site" / "orders.html").read_text(encoding="utf-8")
    shown, _, folded = html.partition("<details")
    assert re.findall("<h2>(.*)</h2>", html) == ["Debate, law"] and "seat" not in html and "team_mean" not in html
    assert len(rows_of(shown)) == len(rows_of(folded)) == 4
    assert shown.index("subject first") < shown.index("partner first") < shown.index("Range over") < shown.index("Diff")


def test_planes_tell_controls_from_models_and_name_their_axes(hostile: Path) -> None:
    html = (hostile / "planes.html").read_text(encoding="utf-8")
    plots = html.split("<svg")[1:]
    assert len(plots) == 4 and "control agent" in html.partition("<svg")[0]
    for plot in plots:
        assert "stands →" in plot and "bends →" in plot
        assert plot.count('"dots control"') == 1 and plot.count('"dots hollow"') == 2  # and a custom configuration


def test_of_a_thousand_rows_the_first_hundred_are_open(many: tuple[Path, SiteSummary, list[str]]) -> None:
    shown, _, folded = (
        (many[0] / "planes" / "persuasion.html").read_text(encoding="utf-8").partition('<details class="rest"')
    )
    assert (len(rows_of(shown)), len(rows_of(folded))) == (100, 900)
    assert "The other 900 rows" in folded


def test_first_page_of_a_thousand_models_is_small(many: tuple[Path, SiteSummary, list[str]]) -> None:
    site, summary, told = many
    html = (site / "index.html").read_text(encoding="utf-8")
    loaded = [
        site / "index.html",
        *(site / name for name in re.findall(r'(?:src|href)="([^"#]+\.(?:js|css|svg))"', html)),
    ]
    assert site / "data" / "board.js" in loaded
    assert sum(path.stat().st_size for path in set(loaded)) < 300_000
    assert html.count('<th scope="row"') == 50
    assert summary.submissions == 1000 and summary.pages == len(told) == len(list(site.rglob("*.html")))


def test_rows_are_in_chunks_and_orders_hold_every_model_once(many: tuple[Path, SiteSummary, list[str]]) -> None:
    site, _, _ = many
    board = data_of(site / "data" / "board.js")
    chunks = [data_of(site / "data" / f"rows-persuasion-{part}.js") for part in range(5)]
    assert [len(chunk) for chunk in chunks] == [board["chunk"]] * 5
    rows = [row for chunk in chunks for row in chunk]
    known, order = data_of(site / "data" / "order-persuasion.js")["bends"]
    assert sorted(order) == list(range(1000))
    values = [rows[place][1][0] for place in order[:known]]
    assert values == sorted(values, reverse=True)
    assert all(rows[place][1] == 0 for place in order[known:])
    stands = [row[0][0] for row in rows if row[0]]
    assert stands == sorted(stands, reverse=True), "the default order is that of the first margin"


def test_controls_and_custom_configurations_have_no_rank(many: tuple[Path, SiteSummary, list[str]]) -> None:
    site, _, _ = many
    models = data_of(site / "data" / "board.js")["models"]
    rows = [row for part in range(5) for row in data_of(site / "data" / f"rows-persuasion-{part}.js")]
    for model, row in zip(models, rows, strict=True):
        for cell in row[:2]:
            if cell:
                assert (cell[5] == 0) == (model[5] == 1 or model[4] == "custom")


def test_an_empty_board_says_so_and_has_no_rows(tmp_path: Path) -> None:
    summary = build_site(fill(tmp_path / "board.duckdb", models=0), tmp_path / "site")
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert summary.submissions == 0
    assert "No submissions yet" in html and 'href="submit.html"' in html
    assert "<tr" not in html and "<table" not in html


def test_a_board_without_an_edition_is_built(tmp_path: Path) -> None:
    summary = build_site(fill(tmp_path / "board.duckdb", editions=0), tmp_path / "site")
    assert (summary.editions, summary.submissions) == (0, 0)
    assert "No submissions yet" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_links_lead_somewhere(hostile: Path) -> None:
    """Pages, places in them, states of the table, and what scripts load or link to."""
    for page in hostile.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        links = re.findall(r'(?:href|src)="([^"]*)"', html)
        for link in (each for each in links if not each.startswith("https://example.org/m/")):
            path, _, where = link.partition("#")
            target = (page.parent / path) if path else page
            assert target.is_file(), (page, link)
            if where.startswith("task="):
                panels = data_of(target.parent / "data" / "board.js")["panels"]
                assert where.removeprefix("task=") in {panel["slug"] for panel in panels}, (page, link)
            elif where:
                assert f'id="{where}"' in target.read_text(encoding="utf-8"), (page, link)
        data = page.parent / re.search(r'data-home="([^"]*)"', html)[1] / "data"
        for source in re.findall(r'data-source="([^"]*)"', html):
            assert (data / f"{source}.js").is_file(), (page, source)
    for folder in (hostile, hostile / "editions" / "2026.1"):
        models = [name for name, *_ in data_of(folder / "data" / "board.js")["models"]]
        assert len(models) == 8 and all((folder / "models" / f"{name}.html").is_file() for name in models)


def test_a_task_with_one_margin_has_no_plane_and_models_lead_to_its_page(hostile: Path) -> None:
    assert not (hostile / "planes" / "misinformation.html").exists()
    html = (hostile / "models" / "model-000.html").read_text(encoding="utf-8")
    assert 'href="../tasks/misinformation.html"' in html and 'href="../planes/persuasion.html"' in html


def test_what_has_no_data_cannot_be_opened(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=2, tasks=2, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute("DELETE FROM transcripts WHERE task = 'equipoise/persuasion'")
    build_site(path, tmp_path / "site")
    html = (tmp_path / "site" / "models" / "model-000.html").read_text(encoding="utf-8")
    assert re.findall('data-source="models/model-000/(.*?)"', html) == [
        "metrics-persuasion", "metrics-are-you-sure", "transcripts-are-you-sure"]  # fmt: skip


def test_the_fixed_judge_has_no_interval_and_statuses_are_words(hostile: Path) -> None:
    html = (hostile / "judges.html").read_text(encoding="utf-8").partition("<h2>Agreement</h2>")[0]
    assert [(row[2], row[3], row[-1]) for row in rows_of(html)[:3]] == [
        ("1.00", "[0.80, 1.20]", "gave only lowest votes"),
        ("0.00", "–", ""),
        ("−1.00", "[−1.20, −0.80]", "gave only highest votes"),
    ]
    fixed = next(row for row in html.split("<tr>") if "mock/<wbr>b" in row)
    assert fixed.count('class="mark open"') == 1 and 'class="ci"' not in fixed
    assert html.count('class="mark open"') == 2 and html.count('class="ci"') == 4


def test_statuses_of_models_are_words_with_their_reason(hostile: Path) -> None:
    shown = [(hostile / "models" / f"model-00{number}.html").read_text(encoding="utf-8") for number in (0, 1)]
    cells = [next(row for row in rows_of(html) if row[0].startswith("empathy")) for html in shown]
    assert cells[0][-1] == "none: too few votes" and cells[1][-1] == "got only highest votes"
    assert cells[1][3:5] == ["0.00", "–"]
    assert re.search(r"<td[^>]*>: ", shown[0]) is None


def test_judged_tasks_say_that_they_depend_on_the_panel(hostile: Path) -> None:
    note = "the values of Dignified peer depend on this edition&#39;s panel"
    for place in ("planes/dignified-peer-generation.html", "tasks/dignified-peer-generation.html"):
        html = (hostile / place).read_text(encoding="utf-8")
        assert note in html and "<li>mock/<wbr>b@<wbr>strict</li>" in html
    assert "panel of judges" not in (hostile / "planes" / "persuasion.html").read_text(encoding="utf-8")
    html = (hostile / "index.html").read_text(encoding="utf-8")
    assert '<details id="judged" class="note" hidden>' in html and "Dignified peer (judged)</option>" in html


def test_items_without_ranked_submissions_say_why(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=2, tasks=1, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute("DELETE FROM items")
    build_site(path, tmp_path / "site")
    html = (tmp_path / "site" / "tasks" / "persuasion.html").read_text(encoding="utf-8")
    assert "control agents and custom configurations do not count" in html


def test_an_edition_without_rows_leads_to_those_that_have_some(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=3, tasks=1, items=2, editions=3)
    with duckdb.connect(str(path)) as board:
        for table in ("submissions", "metrics"):
            board.execute(f"DELETE FROM {table} WHERE edition IN ('2026.1', '2026.3')")
    build_site(path, tmp_path / "site")
    main = (tmp_path / "site" / "index.html").read_text(encoding="utf-8").partition("<main")[2]
    assert "No submissions yet" in main and "3 rows" in main
    assert re.findall(r'href="(editions/[^"]*)"', main) == ["editions/2026.2/index.html"]


def test_files_of_a_submission_stand_on_its_page(hostile: Path) -> None:
    html = (hostile / "models" / "model-002.html").read_text(encoding="utf-8")
    assert "inspect view --log-dir submissions/model-002/logs" in html
    assert ["votes.jsonl", "5e" * 32] in rows_of(html) and "<script>alert" not in html


def test_marks_on_one_another_share_a_name_and_none_lies_on_a_corner(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=5, tasks=1, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute("UPDATE metrics SET estimate = (side = 'stands')::int WHERE headline")
    build_site(path, tmp_path / "site")
    html = (tmp_path / "site" / "planes" / "persuasion.html").read_text(encoding="utf-8")
    [(height, label)] = re.findall(r'<text class="label" x="[^"]*" y="([^"]*)"[^>]*>([^<]*)<', html)
    assert label.endswith(" +4")
    corner = float(re.search(r'y="([^"]*)"[^>]*>never moves', html)[1])
    assert abs(float(height) - corner) > 12


def test_an_older_edition_has_its_own_pages_and_says_so(hostile: Path) -> None:
    html = (hostile / "editions" / "2026.1" / "index.html").read_text(encoding="utf-8")
    assert "older edition, 2026.1" in html and 'href="../../index.html"' in html
    assert "older edition" not in (hostile / "index.html").read_text(encoding="utf-8")


def test_domains_of_a_task_are_panels_of_their_own_with_their_own_ranks(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=4, tasks=1, items=3)
    with duckdb.connect(str(path)) as board:
        board.execute("""UPDATE metrics SET "by" = 'domain=law,turn=4' WHERE headline""")
        board.execute(
            """INSERT INTO metrics SELECT * REPLACE ('domain=medicine' AS "by") FROM metrics WHERE headline"""
        )
        board.execute("""UPDATE ranks SET "by" = 'domain=law'""")
    build_site(path, tmp_path / "site")
    board_data = data_of(tmp_path / "site" / "data" / "board.js")
    assert [panel["label"] for panel in board_data["panels"]] == ["Persuasion, law", "Persuasion, medicine"]
    law, medicine = (data_of(tmp_path / "site" / "data" / f"rows-{p['slug']}-0.js") for p in board_data["panels"])
    assert any(row[1] and row[1][5] for row in law)
    assert not any(row[1] and row[1][5] for row in medicine)


def test_downloads_hold_the_margins_and_no_formula(hostile: Path) -> None:
    results = pd.read_csv(hostile / "downloads" / "results.csv")
    same = pd.read_parquet(hostile / "downloads" / "results.parquet")
    stated = json.loads((hostile / "downloads" / "results.json").read_text(encoding="utf-8"))
    assert len(results) == len(same) == len(stated) > 0
    assert {"rank_best", "rank_worst", "low", "high", "tier"} <= set(results.columns)
    assert len(results) == len(results.drop_duplicates(["edition", "submission", "task", "arm", "measure", "by"]))
    submissions = pd.read_csv(hostile / "downloads" / "submissions.csv", dtype=str)
    assert not submissions.map(lambda text: str(text).startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert "'@handle0" in set(submissions["contact"])
    assert HOSTILE in set(pd.read_parquet(hostile / "downloads" / "submissions.parquet")["name"])


def test_the_page_on_submitting_lists_the_fields_of_the_schema(hostile: Path) -> None:
    html = (hostile / "submit.html").read_text(encoding="utf-8")
    for text in ("weights_sha256", "trained_on_items", "private_variants", "Runs of this model on this edition"):
        assert text in html
    assert "equipoise board validate FOLDER --board edition-2026.2.json" in html
    assert "equipoise board suite edition-2026.2.json &gt; suite.yaml" in html
    assert 'href="downloads/edition-2026.2.json"' in html


def test_frozen_editions_are_offered_as_they_are(hostile: Path) -> None:
    html = (hostile / "downloads.html").read_text(encoding="utf-8")
    for name in ("2026.1", "2026.2"):
        text = (hostile / "downloads" / f"edition-{name}.json").read_text(encoding="utf-8")
        assert text == json.dumps({"spec": {"edition": name}, "tasks": []}) + "\n"
        assert f'href="downloads/edition-{name}.json"' in html


def test_a_summary_is_one_line() -> None:
    assert str(SiteSummary(38, 7, 1, 2_010_122)) == "38 pages, 7 submissions, 2.0 MB"


def test_equal_boards_give_equal_pages(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=6, tasks=2, items=4)
    for name in ("one", "other"):
        build_site(path, tmp_path / name)
    for page in [*(tmp_path / "one").rglob("*.html"), *(tmp_path / "one").rglob("*.js")]:
        assert page.read_bytes() == (tmp_path / "other" / page.relative_to(tmp_path / "one")).read_bytes()


def test_only_a_site_of_ours_is_replaced(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=0)
    target = tmp_path / "site"
    target.mkdir()
    build_site(path, target)
    (target / "old.html").write_text("old")
    build_site(path, target)
    assert not (target / "old.html").exists() and (target / MARKER).is_file()
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter.tex").write_text("years of work")
    with pytest.raises(InputError, match="holds other files"):
        build_site(path, foreign)
    assert (foreign / "chapter.tex").read_text() == "years of work"
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(InputError, match="is no folder"):
        check_target(tmp_path / "link")


def test_a_failed_build_leaves_the_former_site(tmp_path: Path) -> None:
    build_site(fill(tmp_path / "board.duckdb", models=0), tmp_path / "site")
    before = (tmp_path / "site" / "index.html").read_bytes()
    (tmp_path / "broken.duckdb").write_text("no database")
    with pytest.raises(InputError, match="no DuckDB file"):
        build_site(tmp_path / "broken.duckdb", tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_bytes() == before
    assert not list(tmp_path.glob(".site.building*"))


def test_a_build_that_is_killed_leaves_the_former_site(tmp_path: Path) -> None:
    path = fill(tmp_path / "board.duckdb", models=0)
    build_site(path, tmp_path / "site")
    before = {page: page.read_bytes() for page in (tmp_path / "site").rglob("*.html")}
    with duckdb.connect(str(path)) as board:
        board.execute("UPDATE board SET value = 'Another title' WHERE key = 'title'")
    program = (
        "import os, signal, sys; from pathlib import Path; from equipoise.leaderboard.site import build_site\n"
        "die = lambda page: page == 'cite.html' and os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_site(Path(sys.argv[1]), Path(sys.argv[2]), on_page=die)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path), str(tmp_path / "site")], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".site.building-*"))
    assert {page: page.read_bytes() for page in (tmp_path / "site").rglob("*.html")} == before
    build_site(path, tmp_path / "site")
    assert "Another title" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert not list(tmp_path.glob(".site.building-*"))


def test_what_a_killed_build_left_is_cleared(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, alive = (tmp_path / f".site.building-{process}" for process in (ended.pid, os.getppid()))
    for folder in (left, alive):
        folder.mkdir()
        (folder / MARKER).write_text("{}")
    with staged(tmp_path / "site") as stage:
        (stage / "index.html").write_text("new")
        assert not left.exists() and alive.exists()
    assert (tmp_path / "site" / "index.html").read_text() == "new"


@pytest.mark.parametrize(("table", "column"), [("submissions", "submission"), ("editions", "edition")])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, table: str, column: str) -> None:
    path = fill(tmp_path / "board.duckdb", models=2, tasks=1, items=2)
    with duckdb.connect(str(path)) as board:
        board.execute(f"UPDATE {table} SET {column} = '../../evil'")
    with pytest.raises(InputError, match="expected a name like"):
        build_site(path, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.duckdb: does not exist"):
        build_site(tmp_path / "none.duckdb", tmp_path / "site")
