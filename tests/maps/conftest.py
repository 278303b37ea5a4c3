"""A made-up valley as finished results: small for numbers, large for looks and weight."""

import os
import shutil
import sys
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import get_data_path

from lifecircle.analyses.coverage import STATUSES
from lifecircle.analyses.results import Results
from lifecircle.analyses.scorecard import COLUMNS
from lifecircle.layers.goals import CircleGoal, Text
from lifecircle.layers.services import Service

WEST, SOUTH = 120.10, 29.05
METRES = 111_195.0
REASONS = {"beyond": "too_few", "cut-off": "cut_off", "unconnected": "no_street"}
NASTY = "<script>alert(1)</script>"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
GOALS = (
    CircleGoal(
        id="fitness-10min", title=Text(zh="10分钟健身圈", en="10-minute fitness circle"), service="fitness",
        mode="walk", minutes=10, target=0.9, population="urban",
        phrase="到2025年,构建城市社区“10分钟健身圈”", section="八(一)1",
    ),
    CircleGoal(
        id="rural-90min", title=Text(zh="1.5小时偏远农村服务圈", en="1.5-hour rural service circle"), service="health",
        mode="car", minutes=90, population="rural",
    ),
)  # fmt: skip
SERVICES = {
    "fitness": Service(title=Text(zh="健身设施", en="fitness sites")),
    "health": Service(title=Text(zh="卫生院", en="health centres")),
}


def to_degrees(x, y):
    """Metres east and north of the corner to longitude and latitude."""
    latitude = SOUTH + np.asarray(y) / METRES
    return WEST + np.asarray(x) / (METRES * np.cos(np.radians(SOUTH))), latitude


def box(west, south, east, north):
    (x0, x1), (y0, y1) = to_degrees([west, east], [south, north])
    return shapely.box(x0, y0, x1, y1)


def facilities(width, height, generator, per_service):
    rows = []
    for service in SERVICES:
        x = generator.uniform(0.05 * width, 0.55 * width, per_service)
        lon, lat = to_degrees(x, generator.uniform(0.05 * height, 0.95 * height, per_service))
        names = [NASTY, "=1+1", None, *(f"{service} 站 {i}" for i in range(3, per_service))][:per_service]
        rows += [
            (f"{service}-{i}", service, names[i], float(10 * i) if i else np.nan, "toy.csv", lon[i], lat[i], x[i])
            for i in range(per_service)
        ]
    table = pd.DataFrame(rows, columns=["facility", "service", "name", "capacity", "source", "lon", "lat", "metres"])
    points = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table.drop(columns="metres"), geometry=points, crs="EPSG:4326")


def judge(goal, people_frame, sites, urban, river):
    """Minutes by straight line with a detour; east of the river nobody gets anywhere; some corners have no street."""
    lon0, lat0 = people_frame["lon"].to_numpy(), people_frame["lat"].to_numpy()
    mine = sites[sites["service"] == goal.service]
    east = (lon0[:, None] - mine.geometry.x.to_numpy()) * np.cos(np.radians(SOUTH))
    metres = np.hypot(east, lat0[:, None] - mine.geometry.y.to_numpy()) * METRES
    nearest = metres.argmin(axis=1)
    minutes = metres.min(axis=1) * 1.3 / (83.33 if goal.mode == "walk" else 22.0)
    status = np.where(minutes <= goal.minutes, "covered", "beyond").astype(object)
    status[river] = "cut-off"
    status[people_frame["lost"]] = "unconnected"
    status[~urban if goal.population == "urban" else urban] = "excluded"
    reached = np.isin(status, ["covered", "beyond"])
    facility = np.where(reached, mine["facility"].to_numpy()[nearest], None)
    return np.where(reached, minutes, np.nan), pd.Categorical(status, categories=STATUSES), facility


def weighted_quantile(minutes, people, share):
    known = np.isfinite(minutes) & (people > 0)
    if not known.any():
        return np.nan
    order = np.argsort(minutes[known])
    total = np.cumsum(people[known][order])
    return float(minutes[known][order][np.searchsorted(total, share * total[-1])])


def score(demand, goals, zones, sites):
    rows = []
    for goal in goals:
        count = int((sites["service"] == goal.service).sum())
        groups = [("all", "all", None, demand)]
        for level, table in zones.items():
            groups += [
                (level, zone, name, demand[demand[f"zone.{level}"] == zone])
                for zone, name in zip(table["zone"], table["name"], strict=True)
            ]
        for level, unit, name, part in groups:
            people = part.groupby(f"{goal.id}.status", observed=False)["people"].sum()
            asked = people.sum() - people["excluded"]
            share = people["covered"] / asked if asked > 0 else np.nan
            met = None if goal.target is None or asked == 0 else bool(share >= goal.target)
            minutes, weight = part[f"{goal.id}.minutes"].to_numpy(), part["people"].to_numpy()
            rows.append(
                (goal.id, level, unit, name, people.sum(), *people[list(STATUSES)], share, goal.target, met,
                 weighted_quantile(minutes, weight, 0.5), weighted_quantile(minutes, weight, 0.9), count)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def find_gaps(demand, goals, cell_boxes):
    rows = []
    for goal in goals:
        open_ = demand[f"{goal.id}.status"].isin(["beyond", "cut-off", "unconnected"])
        found = []
        for _, part in demand[open_].groupby("zone.township"):
            minutes = part[f"{goal.id}.minutes"]
            timed = minutes.notna()
            mean = np.average(minutes[timed], weights=part["people"][timed]) if timed.any() else np.nan
            known = part[f"{goal.id}.facility"].dropna()
            found.append(
                (goal.id, part["people"].sum(), known.iloc[0] if len(known) else None, None, mean, mean - goal.minutes,
                 REASONS[str(part[f"{goal.id}.status"].mode()[0])], len(part), shapely.union_all(cell_boxes[part.index]))
            )  # fmt: skip
        found.sort(key=lambda row: -row[1])
        rows += [(goal_id, i + 1, *rest) for i, (goal_id, *rest) in enumerate(found)]
    columns = ["goal", "gap", "people", "facility", "facility_name", "minutes", "minutes_over", "reason"]
    columns += ["units", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:4326")


def build(columns=16, rows=13, metres=200.0, per_service=5, shape="point", whole_people=False, seed=1):
    """Return a run over `columns` x `rows` cells of `metres`."""
    generator = np.random.default_rng(seed)
    width, height = columns * metres, rows * metres
    column, row = (part.ravel() for part in np.meshgrid(np.arange(columns), np.arange(rows)))
    west, south = column * metres, row * metres
    lon, lat = to_degrees(west + metres / 2, south + metres / 2)
    boxes = np.array([box(w, s, w + metres, s + metres) for w, s in zip(west, south, strict=True)], dtype=object)
    crowd = np.exp(-(((column / columns - 0.35) ** 2 + (row / rows - 0.5) ** 2) / 0.06))
    people = generator.gamma(2.0, 40 * crowd + 1)
    people = np.round(people) if whole_people else people
    lost = (column >= columns * 0.9) & (row >= rows * 0.8)
    frame = pd.DataFrame({"lon": lon, "lat": lat, "lost": lost})
    urban = crowd > 0.08
    river = (column > columns * 0.72 + 2 * np.sin(row / 2)) & ~lost
    halves = {"county": (2, 1), "township": (4, 3)}
    zones = {level: zone_table(level, width, height, *split) for level, split in halves.items()}
    demand = pd.DataFrame({"id": [f"c{i}" for i in range(len(lon))], "people": people, "urban": urban})
    for level, (across, up) in halves.items():
        index = (row * up // rows) * across + column * across // columns
        demand[f"zone.{level}"] = zones[level]["zone"].to_numpy()[index]
    demand.loc[[0, len(demand) - 1], ["zone.county", "zone.township"]] = None
    demand["snap_metres"] = np.where(lost, np.nan, 20.0)
    sites = facilities(width, height, generator, per_service)
    for goal in GOALS:
        minutes, status, facility = judge(goal, frame, sites, urban, river)
        demand[f"{goal.id}.minutes"], demand[f"{goal.id}.status"] = minutes, status
        demand[f"{goal.id}.facility"] = pd.Series(facility, dtype="object")
    geometry = boxes if shape == "polygon" else gpd.points_from_xy(lon, lat)
    demand = gpd.GeoDataFrame(demand, geometry=geometry, crs="EPSG:4326")
    return Results(
        name="金谷县", goals=GOALS, services=SERVICES, demand=demand, cell_metres=metres if shape == "point" else None,
        facilities=sites, zones=zones, scorecard=score(demand, GOALS, zones, sites),
        gaps=find_gaps(demand, GOALS, boxes), streets=street_table(width, height, metres),
    )  # fmt: skip


def zone_table(level, width, height, across, up):
    names = {"county": ["东阳区", "西林县"], "township": [f"第{i + 1}镇" for i in range(12)]}[level]
    shapes = [
        box(i * width / across, j * height / up, (i + 1) * width / across, (j + 1) * height / up)
        for j in range(up) for i in range(across)
    ]  # fmt: skip
    zones = [f"{33 if level == 'county' else 3300}{i:02d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"zone": zones, "name": names[: len(shapes)]}, geometry=shapes, crs="EPSG:4326")


def street_table(width, height, metres):
    lines, classes, names = [], [], []
    step = metres * 2
    for direction, (length, other) in enumerate([(width, height), (height, width)]):
        for i, at in enumerate(np.arange(0, other, step)):
            along = np.linspace(0, length, 12)
            across = np.full(12, at) + 0.1 * step * np.sin(along / step + i)
            lon, lat = to_degrees(along, across) if direction == 0 else to_degrees(across, along)
            lines.append(shapely.linestrings(np.column_stack([lon, lat])))
            kind = ("residential", "tertiary", "residential", "secondary", "footway", "primary_link")[i % 6]
            classes.append(kind)
            names.append(f"{'人民' if direction else '解放'}路{i}段" if i % 3 else None)
    return gpd.GeoDataFrame({"highway": classes, "name": names}, geometry=lines, crs="EPSG:4326")


@pytest.fixture(scope="session")
def build_results() -> Callable[..., Results]:
    """Return the builder, for tests that need another size or shape."""
    return build


@pytest.fixture(scope="session")
def toy() -> Results:
    """Return 208 point cells, two goals, two levels, all five statuses, gaps and awkward names."""
    return build()


@pytest.fixture(scope="session")
def launch():
    """Start a Chromium that playwright drives, in an environment of one's own where one is given."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on PATH: the pages are only checked in a browser where there is one")
    with playwright.sync_playwright() as driver:
        yield lambda env=None: driver.chromium.launch(executable_path=found, args=ARGUMENTS, env=env)


@pytest.fixture(scope="session")
def browser(launch):
    """Return a Chromium."""
    opened = launch()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def fontless_browser(launch, tmp_path_factory):
    """Return a Chromium that finds no font with Chinese: only those that matplotlib brings along."""
    if not sys.platform.startswith("linux"):
        pytest.skip("fonts can be kept from a browser only where it asks fontconfig for them")
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "fonts.conf").write_text(
        f"<fontconfig><dir>{get_data_path()}/fonts/ttf</dir><cachedir>{folder}</cachedir></fontconfig>", encoding="utf-8"
    )
    opened = launch({**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")})
    yield opened
    opened.close()


@pytest.fixture
def open_file(browser):
    """Open a page with the network shut; afterwards assert that nothing was fetched, logged or thrown."""
    trouble, contexts = [], []

    def open_one(path, *, width=1360, height=860, script=""):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.on("request", lambda request: request.url == path.as_uri() or trouble.append(request.url))
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: trouble.append(dialog.message) or dialog.dismiss())
        page.add_init_script(script)
        page.goto(path.as_uri())
        if path.name != "report.html":
            page.wait_for_selector("body.ready")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert trouble == []
