"""How far a call is: told where it is asked for and where somebody sees it, in one place."""

import io
import re

import pytest
from rich.console import Console
from toy_study import people_table, points_table, run_toy

import lifecircle as lc
from lifecircle.studies.speech.progress import Bar, Lines, Step, bar_html, current_teller, telling


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    here = tmp_path_factory.mktemp("progress")
    run_toy(here, people_table([("near", 2, 0, 10), ("far", 40, 0, 20)]), points_table([("a", 0, 0)]))
    return here / "study.yaml"


CALLS = {
    "run": lambda study, **asked: lc.run(study, **asked),
    "access": lambda study, **asked: lc.access(study, measure=["nearest"], out=study.parent / "access", **asked),
    "isochrones": lambda study, **asked: lc.isochrones(study=study, **asked),
    "compare": lambda study, **asked: lc.compare(study.parent / "out", study.parent / "out", out=study.parent / "c", **asked),
    "replay": lambda study, **asked: lc.replay(study.parent / "out", **asked),
    "check": lambda study, **asked: lc.check(study, **asked),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_hears_of_every_stage_and_of_the_end(study, name):
    steps: list[Step] = []
    CALLS[name](study, lang="en", progress=steps.append)
    assert steps[-1].stage == "" and steps[-1].of == steps[-1].done
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert all(step.of is None or step.done < step.of for step in steps[:-1])
    if name in ("run", "access", "isochrones", "replay"):  # foreseen to the stage
        assert {step.of for step in steps} == {steps[-1].done}


def test_functions_without_a_study_tell_too(study):
    streets, people, places = (study.parent / name for name in ("streets.osm", "people.csv", "facilities.csv"))
    for call in (lc.nearest, lc.matrix, lambda *files, **asked: lc.isochrones(files[0], files[2], 5, **asked)):
        steps: list[Step] = []
        call(streets, people, places, progress=steps.append)
        assert len(steps) == 3 and all(step.stage for step in steps[:-1])


@pytest.mark.parametrize("asked", [None, False, True])
def test_who_asks_nothing_or_has_no_screen_sees_no_stage(study, capsys, asked):
    lc.run(study, lang="en", progress=asked)
    said = capsys.readouterr()
    assert said.out == "" and "✓" not in said.err and "Travel times" not in said.err
    assert "flat" in said.err  # remarks are never dropped


def test_one_bar_for_the_whole_call_on_a_terminal(study):
    screen = io.StringIO()
    with telling(Bar(Console(file=screen, force_terminal=True, width=100, color_system=None))):
        lc.access(study, measure=["nearest"], out=study.parent / "access", lang="en")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "Travel times" in shown and "✓" not in shown
    assert sum("━" in line.rpartition("\r")[2] for line in shown.split("\n")) == 1  # drawn over, again and again
    assert current_teller().console is not None and not isinstance(current_teller(), Bar)


def test_a_bar_ends_with_the_call_that_fails():
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=100, color_system=None))
    with pytest.raises(ZeroDivisionError), telling(bar), current_teller().stage("[/a]"):
        1 / 0  # noqa: B018
    assert not bar._bar.live.is_started and not isinstance(current_teller(), Bar)


def test_the_command_line_tells_in_lines():
    screen = io.StringIO()
    with telling(Lines(Console(file=screen, width=100))), current_teller().stage("Read [/a]"):
        pass
    assert re.fullmatch(r"✓ Read \[/a\] \d+\.\d s\n", screen.getvalue())


def test_a_bar_in_a_notebook_shows_names_as_text():
    assert bar_html(Step("<b>\x1b", 2, 5)) == '<progress value="2" max="5"></progress> &lt;b&gt;'
    assert bar_html(Step("x", 2, None)).startswith("<progress></progress>")
