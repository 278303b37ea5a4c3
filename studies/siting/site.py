"""Siting for a study: from its file to sites, the order of building, a before-and-after comparison and the map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

from ...analyses.results import Results
from ...analyses.siting.build_order import build_order
from ...analyses.siting.plan import OnPlan, Plan
from ...analyses.siting.solving import solve
from ...geo.engine.search import Nearest
from ...geo.errors import StudyError
from ...geo.shown import Portrait, Shown, counted, whole
from ...geo.snapping.chosen import chosen_places, numbered_on
from ...geo.streets import street_lines
from ...layers.rejects import join_rejects
from ...maps.percent import percent
from ..asked import require_known
from ..attribution import study_sources
from ..file.reading import read_study
from ..folder.draft import FolderDraft, draft_folder
from ..folder.left_files import SITING
from ..folder.record import Record
from ..situation.situation import read_situation, reading_stages
from ..speech.messages import Say, default_language, speaker
from ..speech.progress import Asked, told
from .checks import check_plan
from .curve import BUILT, marginal_curve
from .outputs import Finished, NoPlanError, write_finished, write_no_plan
from .places import Sites, gather_sites
from .plan import planned_facilities, site_table
from .problem import Posed, pose
from .question import MCLP, Question
from .reasons import say_pointless, say_reasons, say_uncoverable, uncoverable_people
from .request import Request, make_request
from .results import plan_results, planned_goal, shown_facilities
from .states import Measure, compare_states
from .times import nearest_of


@dataclass(frozen=True, kw_only=True, repr=False)
class Sited(Shown):
    """A finished plan.

    Attributes
    ----------
    request : Request
    plan : Plan
        Rows are those of the problem: candidates, and where needed facilities of today.
    sites : GeoDataFrame
        New sites in the order of building: `rank, site, name, place, role, people_gained, covered, share, people_served, cost,
        total_cost, people_per_cost, capacity, lon, lat, geometry`.
    curve : DataFrame
        As `siting_curve.marginal_curve`, with the sites' ids and places.
    comparison : DataFrame
        Before and after for everyone and every zone.
    uncoverable : DataFrame
        People no candidate can cover, with the reason.
    results : Results
        The goal with the plan in place, compared with today, as maps take it.
    record : dict
        What plan.json holds.
    out : Path
    """

    request: Request
    plan: Plan
    sites: gpd.GeoDataFrame
    curve: pd.DataFrame
    comparison: pd.DataFrame
    uncoverable: pd.DataFrame
    results: Results
    record: dict[str, Any]
    out: Path

    def portrait(self) -> Portrait:
        """Say what the plan gains, and where its sites are."""
        everyone, aim = self.comparison.iloc[0], self.request.aim
        before, after = (percent(everyone[f"share_{when}"], aim) for when in ("before", "after"))
        rows = [
            (str(site.rank), str(site.site), str(site.place), whole(site.people_gained), percent(site.share, aim))
            for site in self.sites.itertuples()
        ]
        figures = [self.request.problem, counted(len(self.sites), "new site"), f"covered {before} -> {after}"]
        columns = ("rank", "site", "place", "people gained", "share")
        return Portrait(figures, name=self.request.goal.id, out=self.out, columns=columns, rows=rows)


@told
def site(
    study_path: str | Path,
    *,
    service: str,
    time_limit_seconds: float = 60.0,
    out: str | Path | None = None,
    lang: str | None = None,
    on_plan: OnPlan | None = None,
    progress: Asked = None,
    **asked: Unpack[Question],
) -> Sited:
    """Find where the next facilities of a service help most, and write the plan with everything that explains it.

    Parameters
    ----------
    study_path : str or Path
        The study file; its section `siting` holds candidates and conditions, which the arguments below replace.
    service : str
    time_limit_seconds : float
        After this the best plan so far is taken, with what is proven of it.
    out : str or Path, optional
        Default: `siting-<service>-<problem>` in the study's `out`.
    lang : {"zh", "en"}, optional
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.
    on_plan : callable, optional
        Called with each better plan as it is found.
    **asked
        As in `question.Question`: `problem`, `p`, `candidates`, `minutes` ...

    Raises
    ------
    StudyError
        If the request is wrong, or cannot be met (then `uncoverable.csv` lists who stands in the way).
    InputError
        If a file cannot be used.
    TooLargeError
        If the table of times would not fit in memory.
    """
    require_known(asked, Question, "site")
    path, say = Path(study_path), speaker(lang or default_language())
    request = make_request(read_study(path, say), service, asked, say)
    folder = request.study.out / f"siting-{service}-{asked.get('problem', MCLP)}" if out is None else Path(out)
    return _written(request, path, folder, time_limit_seconds, on_plan, say)


def _written(request: Request, path: Path, folder: Path, time_limit_seconds: float, on_plan: OnPlan | None, say: Say) -> Sited:
    with draft_folder(folder, SITING, say) as draft:
        finished = _found(request, path, draft, time_limit_seconds, on_plan)
        written = write_finished(finished, draft)
        draft.swap_in()
    return _sited(finished, written, folder)


def _found(request: Request, path: Path, draft: FolderDraft, time_limit_seconds: float, on_plan: OnPlan | None) -> Finished:
    """Find the plan; where there is none, write who stands in its way."""
    try:
        return find_plan(request, path, time_limit_seconds=time_limit_seconds, say=draft.say, on_plan=on_plan)
    except NoPlanError as error:
        listed = write_no_plan(error, draft)
        draft.swap_in()
        where = listed and draft.say("site.listed", file=draft.target / listed)
        raise StudyError(" ".join(filter(None, [str(error), where]))) from error


def _sited(finished: Finished, written: dict[str, Any], folder: Path) -> Sited:
    return Sited(
        request=finished.request,
        plan=finished.plan,
        sites=finished.sites,
        curve=finished.curve,
        comparison=finished.comparison,
        uncoverable=finished.uncoverable,
        results=finished.results,
        record=written,
        out=folder,
    )


def find_plan(request: Request, path: Path, *, time_limit_seconds: float, say: Say, on_plan: OnPlan | None = None) -> Finished:
    """Find a plan for a request out of the study file `path`, and measure it; writes nothing.

    Raises
    ------
    NoPlanError
        If the request cannot be met.
    StudyError, InputError, TooLargeError
        As `site`.
    """
    record = Record()
    return _Siting(request, path, record, say).answer(time_limit_seconds, on_plan)


class _Siting:
    """One request on its way to a plan."""

    def __init__(self, request: Request, path: Path, record: Record, say: Say) -> None:
        self._request, self._record, self._say = request, record, say
        self._path = path.resolve()
        record.teller.expect(reading_stages(request.study) + len(request.goals) + 6)
        self._situation = read_situation(request.study, self._path.parent, record, say)
        self._inputs = self._situation.inputs
        modes = [self._situation.mode_of(goal) for goal in request.goals]
        self._networks = [network for _, network in self._situation.networks(modes)]
        self._measure = Measure(self._situation, self._networks, request.goal)
        if not self._measure.counted.any():
            raise StudyError(say("site.nobody", goal=request.goal.name(say.language)))

    def answer(self, time_limit_seconds: float, on_plan: OnPlan | None) -> Finished:
        """Find the plan and measure it."""
        request, measure, say = self._request, self._measure, self._say
        with self._record.stage(say("site.stage.candidates")):
            sites = gather_sites(request, self._inputs, self._networks, self._record, say)
        with self._record.stage(say("site.stage.times")):
            stays = measure.nearest(sites.kept_snaps)
            uncoverable = self._uncoverable(sites)
            posed = pose(request, self._networks, sites, measure, stays, say)
        self._record.counts["siting"] = {"sites": len(sites.table), "pairs": len(posed.problem.costs.cost)}
        with self._record.stage(say("site.stage.solve")):
            plan = solve(posed.problem, time_limit_seconds=time_limit_seconds, on_plan=on_plan)
        self._require_plan(plan, posed, uncoverable)
        with self._record.stage(say("site.stage.measure")):
            return self._measured(plan, posed, sites, uncoverable)

    def _uncoverable(self, sites: Sites) -> pd.DataFrame:
        """Find whom nothing that is allowed could cover: one search from all of it at once."""
        allowed = np.flatnonzero(~sites.table["forbidden"].to_numpy(bool))
        both = [
            numbered_on([kept, chosen_places(snaps, allowed)]) for kept, snaps in zip(sites.kept_snaps, sites.snaps, strict=True)
        ]
        ids = pd.concat([sites.kept["facility"], sites.table["candidate"].iloc[allowed]], ignore_index=True)
        best: Nearest = nearest_of(self._networks, both, self._request.goal.direction)
        return uncoverable_people(self._inputs.demand.table, self._measure, best, ids)

    def _require_plan(self, plan: Plan, posed: Posed, uncoverable: pd.DataFrame) -> None:
        """Say why there is no plan, and who stands in its way."""
        sentence = say_uncoverable(uncoverable, self._request.goal.minutes, self._say)
        if plan.status != "infeasible":
            if sentence:
                self._record.note(sentence)
            return
        reasons = say_reasons(plan, posed.floor_zones, self._request.goal.minutes, self._say)
        message = " ".join(filter(None, [self._say("site.infeasible"), *reasons, sentence]))
        raise NoPlanError(message, request=self._request, uncoverable=uncoverable, record=self._sealed())

    def _sealed(self) -> Record:
        study = self._request.study
        return self._record.seal(self._path, study, study_sources(study, siting=self._request.siting))

    def _measured(self, plan: Plan, posed: Posed, sites: Sites, uncoverable: pd.DataFrame) -> Finished:
        """Measure the plan on the streets, lay it beside today, and describe its sites in the order of building."""
        request, measure, inputs, say = self._request, self._measure, self._inputs, self._say
        order = build_order(posed.problem, plan)
        opened = order.loc[order["action"].isin(BUILT), "site"].to_numpy(np.int64)
        planned = planned_facilities(plan, sites, opened)
        nearest = measure.nearest(planned.snaps)
        check_plan(plan, posed, nearest.seconds / 60, measure, request, say)
        curve = marginal_curve(self._networks, measure, sites, order, direction=request.goal.direction)
        coverable = float(measure.counted.sum() - uncoverable["people"].sum())
        pointless = say_pointless(curve, coverable, request, say)
        if pointless:
            self._record.note(pointless)
        goal = planned_goal(request, sites=len(opened))
        after = measure.state(goal, planned.table, nearest)
        before = measure.state(goal, sites.today, measure.nearest(sites.today_snaps))
        streets = street_lines(inputs.extract.streets)
        new = site_table(sites, curve, after, list(inputs.zones.values()), streets, say)
        shown = shown_facilities(planned, sites.today, new["place"].tolist(), request.goal.service, say)
        return Finished(
            request=request,
            plan=plan,
            sites=new,
            curve=curve,
            names=sites.table["candidate"].reindex(curve["site"]).reset_index(drop=True),
            comparison=compare_states(before, after),
            uncoverable=uncoverable,
            rejected=join_rejects([inputs.rejected, sites.rejected]),
            results=plan_results(request, inputs, measure, self._networks, after, before, shown, streets, say),
            record=self._sealed(),
        )
