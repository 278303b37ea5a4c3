"""The map of a comparison in a browser: it says of gained and lost people what the tables say."""

import pytest
from quick_runs import tables_only
from toy_study import GOAL, people_table, points_table, run_toy

from lifecircle.studies.comparing.compare import compare

LONGER = {**GOAL, "id": "longer", "title": {"zh": "放宽", "en": "Longer"}}
PEOPLE = people_table([("a", 1, 0, 10, 4), ("b", 9, 0, 20, 5), ("c", 31, 0, 40, 50), ("d", 52, 0, 5, 1)], "kids")
KIDS = {**GOAL, "id": "kids", "group": "kids"}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """East closes, far opens; one of the goals is about children, one allows 17 minutes where it was 10."""
    folder, demand = tmp_path_factory.mktemp("compared"), {"groups": {"kids": "kids"}}
    before, after = points_table([("west", 0, 0), ("east", 30, 0)]), points_table([("west", 0, 0), ("far", 53, 0)])
    with tables_only():
        first = run_toy(folder / "2024", PEOPLE, before, goals=[GOAL, KIDS, LONGER], demand=demand)
        second = run_toy(folder / "2025", PEOPLE, after, goals=[GOAL, KIDS, {**LONGER, "minutes": 17}], demand=demand)
        return compare(first.out, second.out, lang="en")


@pytest.mark.parametrize(("goal", "gained", "lost"), [("clinic", 5, 40), ("kids", 1, 40), ("longer", 25, 40)])
def test_tiles_are_the_figures_of_the_comparison(open_file, compared, goal, gained, lost):
    page = open_file(compared.out / "map.html")
    page.click(f"[data-key={goal}]")
    shown = [float(page.locator(f"[data-figure={name}]").get_attribute("data-value")) for name in ("gained", "lost")]
    change = compared.units[goal]
    assert shown == [change.gained, change.lost] == [gained, lost]


def test_the_view_of_the_change_adds_up_and_names_the_year(open_file, compared):
    page = open_file(compared.out / "map.html")
    page.click("[data-key=change]")
    assert sum(int(cell.get_attribute("data-people")) for cell in page.locator("#legend [data-people]").all()) == 75
    assert "2024" in page.inner_text("#legend")
    page.click("#swipe-switch input")
    assert page.evaluate("lifecircle.app.state.swipe") is not None
    assert "2025" in page.title()
