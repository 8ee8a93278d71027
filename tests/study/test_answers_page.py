"""The page and the tables of a report: they agree, hold no script, and show hostile names as words."""

from __future__ import annotations

import base64
import csv
import dataclasses
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import pytest
from answer_studies import base_and, noisy, record_of, results_of

from eagleplan.study.answer_tables import TABLES, answer_tables
from eagleplan.study.answers import Answers, answers
from eagleplan.study.charts import fixed, interval_text, nice_ticks
from eagleplan.study.digest import digest_json, digest_lines
from eagleplan.study.intervals import Estimate
from eagleplan.study.labels import short_label
from eagleplan.study.page import MOST_FAILURES, MOST_PARTS, MOST_ROWS, study_html

VOID = {"meta", "line", "rect", "circle", "polyline", "br", "link", "img"}


class Page(HTMLParser):
    """Rows of tables as texts by section, and whether what is opened is closed."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, list[list[str]]] = {}
        self.section = ""
        self.text = ""
        self.feed(data.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.section = dict(attrs)["aria-labelledby"] or ""
        if tag == "tr":
            self.rows.setdefault(self.section, []).append([])
        if tag in ("td", "th"):
            self.rows[self.section][-1].append("")
        if tag == "small" and ("td" in self.open or "th" in self.open):
            self.rows[self.section][-1][-1] += " | "
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if "td" in self.open or "th" in self.open:
            self.rows[self.section][-1][-1] += data


def station_study(**changes: object) -> Answers:
    record = record_of(
        {"orbit.ltan": ["18:00", "22:30"]},
        sets=base_and("-a", "-b", "+x", "+y", "+x+y"),
        cost={"x": 1.0, "y": 2.0},
        n_weeks=10,
    )
    record = dataclasses.replace(record, **changes)  # type: ignore[arg-type]
    nights = noisy(record, seed=3, most=8)
    return answers(record, results_of(record, noisy(record), nights=nights, failed=[15]), budget=1.5)


def fleet_study() -> Answers:
    record = record_of({"pattern": ["53:2/1/0", "53:4/1/0"], "demand.scale_frac": ["1.0", "2.0"]}, n_weeks=10)
    return answers(record, results_of(record, noisy(record), n_satellites=lambda p: int(p[0][3])), 0.3)


def hypercube_study(n_points: int = 8) -> Answers:
    points = [(repr(0.123456789 + place), repr((place * 7 % n_points) + 0.5)) for place in range(n_points)]
    record = record_of({"a": [], "b": []}, design="latin-hypercube", n_samples=n_points, n_weeks=2)
    return answers(record, results_of(record, noisy(record), points=points))


def bare_study() -> Answers:
    record = record_of(n_weeks=1, n_skies=0)
    return answers(record, results_of(record, lambda *_: [300]))


def sky_less_stations() -> Answers:
    record = record_of(sets=base_and("-a", "+x"), n_weeks=2, n_skies=0)
    return answers(record, results_of(record, noisy(record)), budget=4.0)


STUDIES = {
    "stations": station_study,
    "fleets": fleet_study,
    "hypercube": hypercube_study,
    "bare": bare_study,
    "stations without skies": sky_less_stations,
}


def numbers(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in re.findall(r"−?[0-9]+\.[0-9]+", text)]


def tables(found: Answers) -> dict[str, list[dict[str, str]]]:
    return {
        name: list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        for name, data in answer_tables(found).items()
    }


@pytest.mark.parametrize("name", STUDIES)
def test_a_page_is_whole_needs_no_script_and_is_the_same_again(name: str) -> None:
    found = STUDIES[name]()
    data = study_html(found)
    page = Page(data)
    assert study_html(STUDIES[name]()) == data
    assert answer_tables(STUDIES[name]()) == answer_tables(found)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form"}
    for _, attributes in page.tags:
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on") or key == "src"]
        assert (attributes.get("href") or "#").startswith("#")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert {str(target).removeprefix("#") for target in targets} <= set(ids)
    assert "None" not in page.text
    assert "nan" not in page.text
    (policy,) = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", data.decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"


@pytest.mark.parametrize("name", STUDIES)
def test_every_table_can_be_read_back(name: str) -> None:
    found = STUDIES[name]()
    for table, rows in tables(found).items():
        assert table in TABLES
        assert rows
        for row in rows:
            assert None not in row.values()
            assert None not in row
    json.loads(digest_json(found))
    assert all(len(line) < 160 for line in digest_lines(found))


def test_the_page_says_what_the_tables_say() -> None:
    found = station_study()
    page, csvs = Page(study_html(found)), tables(found)

    def text(row: dict[str, str], name: str) -> list[object]:
        return [pytest.approx(100 * float(row[f"{name}_{part}_frac"]), abs=0.051) for part in ("mean", "low", "high")]

    stations = [row for row in page.rows["stations"] if row[0] != "Station"]
    assert len(stations) == len(csvs["stations.csv"]) == 7
    for shown, row in zip(stations, csvs["stations.csv"], strict=True):
        assert shown[0] == row["station_id"]
        assert numbers(shown[2])[:3] == text(row, "met_gain")
        low, high = float(row["met_gain_low_over_weeks_frac"]), float(row["met_gain_high_over_weeks_frac"])
        assert numbers(shown[3]) == pytest.approx([100 * low, 100 * high], abs=0.0051)
        assert ("not told from 0" in shown[2]) is (row["told"] == "no")
    sets = [row for row in page.rows["sets"] if row[1] != "Set"]
    assert [(row[1], numbers(row[2]), row[4].split(" | ")[0]) for row in sets] == [
        (row["stations"], text(row, "met"), row["efficient"]) for row in csvs["station-sets.csv"]
    ]
    pairs = [row for row in page.rows["pairs"] if row[0] != "Pair"]
    assert len(pairs) == len(csvs["pairs.csv"]) == 24
    for shown, row in zip(pairs, csvs["pairs.csv"], strict=True):
        assert shown[0] == f"{row['node_a']} – {row['node_b']} | {row['demand_id']}"
        assert numbers(shown[2]) == text(row, "met")
        assert [shown[3], shown[5]] == [f"{float(row[p]) / 1000:.2f} kbit" for p in ("p10_bits", "p90_bits")]
        dark = float(row["n_nights_without_key_mean"])
        assert shown[-1].startswith(f"{dark:.1f} of {row['n_nights']} | {row['n_nights_without_key_p10']} – ")
    maps = [cell for row in page.rows["maps"] if row[0] in ("18:00", "22:30") for cell in row[1:]]
    means = [numbers(cell)[0] for cell in maps if cell != "–"]
    assert means == pytest.approx([100 * float(row["met_mean_frac"]) for row in csvs["maps.csv"]], abs=0.051)
    assert page.rows["failures"][1:] == [["15", "cell 15 broke"]]
    assert csvs["failures.csv"] == [{"cell": "15", "error": "cell 15 broke"}]


def test_the_page_says_what_fleets_need_and_what_matters() -> None:
    found = fleet_study()
    page, csvs = Page(study_html(found)), tables(found)
    shown = [row[-1].split(" | ")[0] for row in page.rows["satellites"] if row[0] != "Pair"]
    first = [row for row in csvs["satellites.csv"] if row["n_satellites"] == "2"]
    assert shown == [row["n_satellites_needed"] or "more than 4" for row in first]
    assert {row["elsewhere"] for row in first} == {"demand.scale_frac=1.0", "demand.scale_frac=2.0"}
    found = hypercube_study()
    page, csvs = Page(study_html(found)), tables(found)
    assert "maps" not in page.rows
    assert [row[0] for row in page.rows["sensitivity"][1:]] == [row["axis"] for row in csvs["sensitivity.csv"]]
    assert "0.1235" in page.text
    assert {row["a"] for row in csvs["variants.csv"]} == {repr(0.123456789 + place) for place in range(8)}


def test_a_study_without_skies_shows_no_intervals() -> None:
    page = Page(study_html(bare_study()))
    (row,) = [row for row in page.rows["pairs"] if "d1" in row[0]]
    assert row[1:] == ["1.00 kbit", "30.0", "–", "–", "–", "–"]
    assert "what the plans expect" in page.text
    (first, *_) = tables(bare_study())["pairs.csv"]
    assert (first["met_mean_frac"], first["met_low_frac"], first["p10_bits"]) == ("0.300000", "", "")


def test_without_an_interval_nothing_is_told_or_not() -> None:
    found = sky_less_stations()
    assert "not told from" not in Page(study_html(found)).text
    assert "not told from" not in "\n".join(digest_lines(found))
    assert {(row["told"], row["told_from_best"]) for row in tables(found)["stations.csv"]} == {("", "")}
    assert {row["not_told_from"] for row in tables(found)["station-sets.csv"]} == {""}


def test_incomplete_and_failed_studies_say_so() -> None:
    record = record_of({"a": ["1", "2"]}, n_weeks=5)
    found = answers(record, list(results_of(record, noisy(record), failed=[2]))[:8])
    text = Page(study_html(found)).text
    assert "2 plans still to be made" in text
    assert "1 plan failed" in text
    assert "of 5, 1 failed" in " ".join(text.split())
    assert next(iter(digest_lines(found))).endswith("7 of 10 plans, 1 failed, 2 still to be made")


def test_an_unfinished_search_is_told() -> None:
    record = record_of(n_weeks=2)
    results = list(results_of(record, noisy(record)))
    for gap_frac, is_told in ((0.3, True), (0.0, False)):
        rows = [dataclasses.replace(one, row=dataclasses.replace(one.row, gap_frac=gap_frac)) for one in results[:1]]
        found = answers(record, [*rows, results[1]])
        assert found.mean_gap_frac == pytest.approx((gap_frac + 0.01) / 2)
        text = Page(study_html(found)).text
        assert ("Plans are up to 15.5 % from the best possible in the mean, 30.0 % at most" in text) is is_told
        assert any(line.startswith("Plans are up to 15.5 %") for line in digest_lines(found)) is is_told


def test_skies_of_one_seed_are_told() -> None:
    assert "from one seed" in Page(study_html(station_study(sky_seed=None))).text
    assert "from one seed" not in Page(study_html(station_study())).text


HOSTILE = '<script>alert("1")</script>&\'"'


def test_hostile_names_are_words() -> None:
    record = record_of({HOSTILE: [HOSTILE, "b"]}, n_weeks=10, name=HOSTILE)
    found = answers(record, results_of(record, noisy(record), wanted={HOSTILE: 1000}, failed=[19]))
    found = dataclasses.replace(found, failures=(dataclasses.replace(found.failures[0], text=HOSTILE),))
    data = study_html(found)
    page = Page(data)
    assert b"<script" not in data
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p", "nav", "dl", "div",
        "dt", "dd", "main", "section", "table", "thead", "tbody", "tr", "th", "td", "small", "span", "ul", "li", "b",
        "br", "details", "summary", "code",
    }  # fmt: skip
    assert page.text.count(HOSTILE) >= 5
    assert tables(found)["variants.csv"][0][HOSTILE] == HOSTILE


def test_a_page_of_a_thousand_variants_stays_a_page() -> None:
    n_points = 2 * MOST_ROWS
    found = hypercube_study(n_points)
    one = station_study().stations[0]
    points = [dataclasses.replace(one, point=(str(number), "x")) for number in range(2 * MOST_PARTS)]
    found = dataclasses.replace(found, stations=tuple(points))
    data = study_html(found)
    assert len(data) < 2_000_000
    text = Page(data).text
    assert f"{n_points - MOST_ROWS} more variants in variants.csv" in text
    assert f"{MOST_PARTS} more points of the axes in stations.csv" in text
    record = record_of({"a": ["1", "2"]}, n_weeks=2 * MOST_FAILURES)
    many = answers(record, results_of(record, noisy(record), failed=range(1, 2 * MOST_FAILURES)))
    assert len(Page(study_html(many)).rows["failures"]) == MOST_FAILURES + 1
    assert f"{MOST_FAILURES - 1} more failed plans in failures.csv" in Page(study_html(many)).text


def test_the_digest_answers_first() -> None:
    lines = list(digest_lines(station_study()))
    (budget, *_) = [line for line in lines if line.startswith("For 1.5")]
    found = station_study()
    assert found.budgets[0].best is not None
    assert budget.startswith(f"For 1.5 (18:00): {found.budgets[0].best.station_set}, ")
    content = json.loads(digest_json(found))
    assert [one["station_id"] for one in content["stations"]] == [one.station_id for one in found.stations]
    assert content["stations"][0]["gain"]["met_frac"]["mean"] == found.stations[0].gain.met_frac.mean
    needed = [line for line in digest_lines(fleet_study()) if line.startswith("Satellites for 30 % met")]
    assert needed[0].startswith("Satellites for 30 % met, demand.scale_frac = 1.0: ")


def test_words_of_numbers() -> None:
    assert interval_text(Estimate(mean=0.0513, low=-0.0001, high=0.1)) == "5.13 (−0.01 to 10.00)"
    assert interval_text(Estimate(mean=0.5, low=None, high=None), 1) == "50.0"
    assert fixed(-0.001, 2) == "0.00"
    assert [short_label(label) for label in ("0.6681697853810245", "22:30", "2.0", "nan", "12345678")] == [
        "0.6682", "22:30", "2.0", "nan", "12345678",
    ]  # fmt: skip
    assert nice_ticks(0.0, 0.0, 6)[0] == 0.0
    assert nice_ticks(2.0, 4.0, 6, whole=True) == (2.0, 3.0, 4.0)
