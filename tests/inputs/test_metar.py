"""Aerodrome reports: cloud is what they tell, and no cloud is no clear sky."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.metar import parse_metars

NEAR = datetime(2026, 11, 30, tzinfo=UTC)


def _layers(groups: str) -> list[tuple[float, float | None]]:
    (report,) = parse_metars(f"METAR LOWG 300520Z 00000KT 9999 {groups} 02/M02 Q1025", "metar.txt", NEAR)
    return [(layer.cover_frac, None if layer.base_m is None else round(layer.base_m)) for layer in report.layers]


@pytest.mark.parametrize(
    ("groups", "layers"),
    [
        ("FEW015 SCT040 BKN090", [(0.1875, 457), (0.4375, 1219), (0.75, 2743)]),
        ("OVC012", [(1.0, 366)]),
        ("OVC///", [(1.0, None)]),
        ("SCT030CB", [(0.4375, 914)]),
    ],
)
def test_layers_in_oktas(groups: str, layers: list[tuple[float, int | None]]) -> None:
    assert _layers(groups) == layers


@pytest.mark.parametrize("groups", ["NCD", "NSC", "CLR", "SKC", "///015"])
def test_a_report_without_cloud_tells_of_no_layer(groups: str) -> None:
    assert _layers(groups) == []


def test_cavok_is_no_clear_sky_and_fog_hides_the_sky() -> None:
    text = (
        "# two stations\n"
        "METAR LOWG 300520Z AUTO 00000KT CAVOK 02/M02 Q1025 NOSIG=\n\n"
        "SPECI LOWK 300525Z 00000KT 0300 FG VV001 M02/M02 Q1025 BECMG BKN013\n"
    )
    lowg, lowk = parse_metars(text, "metar.txt", NEAR)
    assert (lowg.station, lowg.layers, lowg.line) == ("LOWG", (), 2)
    assert [layer.cover_frac for layer in lowk.layers] == [1.0], "a trend is not what is seen"
    assert lowk.observed_utc == datetime(2026, 11, 30, 5, 25, tzinfo=UTC)


def test_what_follows_a_trend_is_not_read() -> None:
    text = "LOWG 300520Z 00000KT 9999 FEW015 02/M02 Q1025 TEMPO 4000 NSW PROB30 OVC003"
    assert [layer.cover_frac for layer in parse_metars(text, "metar.txt", NEAR)[0].layers] == [0.1875]


@pytest.mark.parametrize(
    ("group", "observed"),
    [
        ("010020Z", datetime(2026, 12, 1, 0, 20, tzinfo=UTC)),
        ("292350Z", datetime(2026, 11, 29, 23, 50, tzinfo=UTC)),
        ("311200Z", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ],
)
def test_the_month_is_the_nearest(group: str, observed: datetime) -> None:
    (report,) = parse_metars(f"LOWG {group} 00000KT 9999 FEW015 02/M02 Q1025", "metar.txt", NEAR)
    assert report.observed_utc == observed


def test_every_bad_line_is_told() -> None:
    text = (
        "no report\nLOWG 300520Z 00000KT 9999 FEW015 02/M02 Q1025\nLOWG 302520Z 9999\nLOWG 300520Z 00000KT 99 XYZ99\n"
    )
    with pytest.raises(InputError) as caught:
        parse_metars(text, "metar.txt", NEAR)
    found = [(problem.path, problem.line, problem.message.split(":")[0]) for problem in caught.value.problems]
    assert found == [
        ("metar.txt", 1, "must be one METAR"),
        ("metar.txt", 3, "must be one METAR"),
        ("metar.txt", 4, "cannot be parsed"),
    ]


def test_a_file_without_reports_is_refused() -> None:
    with pytest.raises(InputError, match="holds no METAR"):
        parse_metars("# nothing\n", "metar.txt", NEAR)
