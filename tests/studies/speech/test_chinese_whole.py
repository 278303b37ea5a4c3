"""Errors of the lower rooms, raised as a planner meets them, have no English left in their Chinese."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecircle.analyses.access.costs import capacity_of, number_pairs, people_of
from lifecircle.analyses.siting.costs import CostTable
from lifecircle.analyses.siting.problem import SitingProblem
from lifecircle.geo.errors import LifecircleError
from lifecircle.geo.mosaics import mosaic_parts
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.pbf.block import DamagedBlock
from lifecircle.layers.candidates import candidates_from_file
from lifecircle.layers.catalogue import Document, goal_catalogue
from lifecircle.layers.facilities import facilities_from_file
from lifecircle.layers.goals import Text
from lifecircle.layers.layer import Layer
from lifecircle.layers.tables import read_table
from lifecircle.studies.speech.rooms_text import translate, translate_reason

NOTHING = pd.Index(["x"])


def table(folder: Path, text: str = "id,lon,lat\na,120,30\na,120,31\n", name: str = "a.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def mosaic(folder: Path) -> Path:
    band = "<SimpleSource><SourceFilename> a.tif</SourceFilename></SimpleSource>"
    return table(folder, f"<VRTDataset><VRTRasterBand>{band}</VRTRasterBand></VRTDataset>", "m.vrt")


def costs(demand: int = 0, cost: float = 1.0) -> CostTable:
    one = np.zeros(1, np.int32)
    return CostTable(demand=one + demand, candidate=one, cost=np.array([cost]), demands=1, candidates=2)


def posed(**more: object) -> SitingProblem:
    return SitingProblem(problem="p-median", costs=costs(), people=np.ones(1), p=1, **more)  # type: ignore[arg-type]


def times(demand: str) -> pd.DataFrame:
    return pd.DataFrame({"demand": [demand], "facility": ["b"], "minutes": [1.0]})


RAISED: dict[str, tuple[Callable[[Path], object], str]] = {
    "one unit without people": (
        lambda _: people_of(pd.Series([np.nan], NOTHING)),
        "人口单元 'x'没有人口；请补上，或给出默认值。",
    ),
    "two places without capacity": (
        lambda _: capacity_of(pd.Series([np.nan, np.nan], ["x", "y"])),
        "设施 'x' 及另外 1 个没有容量；请补上，或给出默认值。",
    ),
    "a capacity below 0": (lambda _: capacity_of(pd.Series([-1.0], NOTHING)), "设施 'x' 的容量为 -1；请写从 0 起的数。"),
    "an unknown unit": (lambda _: number_pairs(times("a"), NOTHING, pd.Index(["b"])), "出行时间表中的人口单元 'a' 不存在。"),
    "a cost that is none": (lambda _: costs(cost=-1.0), "成本表：第 1 行的成本 -1 小于 0；无路可达的一对请删去。"),
    "a row outside": (lambda _: costs(demand=5), "成本表中的需求行号超出 0 至 0。"),
    "no groups": (lambda _: posed(group_weights={"old": 2.0}), "无"),
    "an upgrade of what closes": (
        lambda _: posed(existing=np.array([0]), closable=np.array([0]), upgrades={1: 0}),
        "被改扩建取代的",
    ),
    "a space in a mosaic": (lambda folder: mosaic_parts(mosaic(folder)), "文件名前后有空格"),
    "no ending": (lambda folder: read_table(table(folder, name="a")), "（无）"),
    "an empty map": (lambda folder: read_osm(table(folder, "", "a.osm")), "文件为空。"),
    "an empty binary map": (lambda folder: read_osm(table(folder, "", "a.osm.pbf")), "文件为空。"),
    "a document that asks": (lambda _: asking().goal(), "浙江规划 没有给出"),
}
KEPT = {  # keys, endings and names of formats
    "closable", "group", "weights", "old", "csv", "vrt", "osm", "pbf", "xlsx", "geojson", "geopackage", "shapefile", "geoparquet",
    "tif", "geotiff",
}  # fmt: skip


def asking():
    """A goal of the shipped catalogue that leaves minutes open, of a document without a number."""
    entry = next(entry for entry in goal_catalogue().values() if entry.missing())
    return replace(entry, document=Document(id="d", title=Text(zh="浙江规划", en="plan of Zhejiang")))


@pytest.mark.parametrize("case", RAISED)
def test_a_raised_error_is_chinese_throughout(tmp_path: Path, case: str) -> None:
    act, words = RAISED[case]
    with pytest.raises(LifecircleError) as caught:
        act(tmp_path)
    assert words in translate(caught.value, "zh")
    if case != "a document that asks":  # which names keys to write
        left = re.findall("[A-Za-z]{3,}", translate(caught.value, "zh").replace(str(tmp_path), ""))
        assert {word.lower() for word in left} <= KEPT, left


def test_proposals_of_a_catalogue_say_their_sources_in_the_language_that_is_spoken() -> None:
    with pytest.raises(LifecircleError) as caught:
        asking().goal()
    assert "plan of Zhejiang gives no" in str(caught.value) and "浙江" not in str(caught.value).partition("Proposed")[0]
    assert not re.search("judgement|the plan's words", translate(caught.value, "zh"))


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (
            lambda file: facilities_from_file(file, service="clinic"),
            "提示：编号已在第 1 行出现；设施保留，以文件和行号为编号",
        ),
        (lambda file: facilities_from_file(file, service="clinic"), "提示：缺少编号；设施保留，以文件和行号为编号"),
        (lambda file: candidates_from_file(file, cost="lat"), "成本不是从 0 起的数"),
        (lambda file: candidates_from_file(file, capacity="lat"), "容量不是从 0 起的数"),
    ],
)
def test_a_refused_row_is_chinese_throughout(tmp_path: Path, read: Callable[[Path], Layer], reason: str) -> None:
    file = table(tmp_path, "id,lon,lat\na,120,30\na,120,31\n,120,32\nb,120,33\nc,120,-30\n")
    assert reason in [translate_reason(why, "zh") for why in read(file).rejected["reason"]]


def test_a_damaged_block_says_why_in_chinese() -> None:
    assert translate(DamagedBlock(Path("a.pbf"), 3), "zh") == "a.pbf：有数据块损坏（应成对的列表长度不一）；请重新下载。"
