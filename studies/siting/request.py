"""What a siting command asks: the study's goal and section, with what the caller says on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from pydantic import ValidationError

from ...analyses.siting.kinds import PROBLEMS, TRAITS, Problem, Traits
from ...geo.errors import StudyError
from ...geo.modes import MODES
from ...layers.goals import CircleGoal, Text
from ...layers.source import Source, as_source
from ..coverage.run import named_service
from ..file.errors import nearest
from ..file.study import CandidateDemand, CandidateFile, CandidateSource, CandidateStreets, MinimumShare, Siting, Study
from ..speech.messages import LANGUAGES, Say, speaker
from .question import MCLP, Question

TARGET_SHARE: Final = "target-share"  # lscp with the goal's target


@dataclass(frozen=True, kw_only=True)
class Request:
    """One siting question to a study.

    Attributes
    ----------
    study : Study
        Narrowed to the one goal and service, so that nothing else is read.
    goal : CircleGoal
        Of the service, with the limit asked for.
    goals : tuple of CircleGoal
        The same goal once per mode; a person is covered if any of them does it.
    problem : Problem
    question : Question
        As asked.
    target : float or None
        The share asked for; for `target-share` the goal's, where none is.
    siting : Siting
        The study's section, with what the caller says on top.
    """

    study: Study
    goal: CircleGoal
    goals: tuple[CircleGoal, ...]
    problem: Problem
    question: Question
    target: float | None
    siting: Siting

    @property
    def services(self) -> tuple[str, ...]:
        """Services whose facilities of today count: the goal's, and the stops of a mobile one where it allows them."""
        mobile = self.goal.mobile
        return self.goal.services if mobile is None else (*self.goal.services, mobile.service)

    @property
    def traits(self) -> Traits:
        """What sets this kind of problem apart."""
        return TRAITS[self.problem]

    @property
    def aim(self) -> float | None:
        """The share that is to be reached: the one asked for, else the goal's."""
        return self.goal.target if self.target is None else self.target

    @property
    def existing_stand_alone(self) -> bool:
        """Whether each existing facility is a column of its own; else all of them are one that never closes."""
        apart = self.traits.has_capacities or self.traits.levels > 1
        return apart or bool(self.siting.may_close) or self.siting.upgrade is not None

    @property
    def pair_limit_minutes(self) -> float:
        """Trips longer than this do not count."""
        if self.traits.is_covering:
            return self.goal.minutes
        longest = self.question.get("cut_off_minutes")
        return float("inf") if longest is None else longest


def make_request(study: Study, service: str, question: Question, say: Say) -> Request:
    """Find the goal, put the caller's choices on top of the study's, and see that nothing needed is missing.

    Raises
    ------
    StudyError
        Naming what to give.
    """
    problem, target = question.get("problem", MCLP), question.get("target")
    if problem != TARGET_SHARE and problem not in PROBLEMS:
        hint = nearest(problem, (*PROBLEMS, TARGET_SHARE), say)
        raise StudyError(say("site.no_problem", problem=problem, hint=hint))
    modes, chosen = question.get("modes", ()), _goal(study, service, question.get("goal"), say)
    if question.get("minutes") is not None or modes:
        chosen = _changed(chosen, question)
    if problem == TARGET_SHARE:
        target = chosen.target if target is None else target
    kind = cast(Problem, "lscp" if problem == TARGET_SHARE else problem)
    _check_numbers(kind, problem, question, target, say)
    request = Request(
        study=study,
        goal=chosen,
        goals=_per_mode(chosen, modes, say),
        problem=kind,
        question=question,
        target=target,
        siting=study.siting.get(service, Siting()).model_copy(update=_given(question, study, say)),
    )
    if request.siting.min_share is not None and not request.traits.takes_floors:
        able = ", ".join(name for name in PROBLEMS if TRAITS[name].takes_floors)
        raise StudyError(say("site.no_floors", problem=problem, able=able))
    used = {name: sources for name, sources in study.facilities.items() if name in request.services}
    asked = {"goals": [chosen], "facilities": used, "siting": {service: request.siting}}
    return replace(request, study=study.model_copy(update=asked))


def _given(question: Question, study: Study, say: Say) -> dict[str, object]:
    """Keys of the section `siting` that the caller gives instead of the study."""
    cost, capacity = (None if value is None else str(value) for value in (question.get("cost"), question.get("capacity")))
    candidates, floor = question.get("candidates", ()), question.get("min_share")
    if not candidates and (cost or capacity):
        raise StudyError(say("site.figures"))
    keys: dict[str, object] = {
        "candidates": candidate_sources(candidates, cost=cost, capacity=capacity, say=say),
        "min_share": None if floor is None else minimum_share(floor, study, say),
        "weights": group_weights(question.get("weights", ()), study, say),
        "existing_capacity": question.get("existing_capacity"),
        "forbid": list(question.get("forbid", ())),
        "close": list(question.get("close", ())),
        "may_close": list(question.get("may_close", ())),
    }
    return {key: value for key, value in keys.items() if value not in (None, [], {})}


def _goal(study: Study, service: str, asked: str | None, say: Say) -> CircleGoal:
    """The goal asked for, else the first about the service; several services that are all needed have no single site."""
    if service not in study.facilities:
        raise StudyError(say("site.no_service", service=service, hint=nearest(service, study.facilities, say)))
    about = {
        goal.id: goal
        for goal in study.circles
        if service in (goal.service, *goal.services) and (goal.bundle is None or goal.bundle.of == "any")
    }
    if asked is None and about:
        return next(iter(about.values()))
    if asked in about:
        return about[asked]
    if asked is not None and asked in study.lacking:
        raise StudyError(f"{asked}: " + say("study.lacks", keys=", ".join(study.lacking[asked])))
    if asked is not None:
        raise StudyError(say("site.no_such_goal", goal=asked, service=service, hint=nearest(asked, about, say)))
    raise StudyError(say("site.no_goal", service=service, goals=", ".join(goal.id for goal in study.goals)))


def _check_numbers(problem: Problem, asked: str, question: Question, target: float | None, say: Say) -> None:
    p, budget, traits = question.get("p"), question.get("budget"), TRAITS[problem]
    if "p" in traits.needs and p is None:
        raise StudyError(say("site.needs_p", problem=problem))
    if "budget" in traits.needs and budget is None:
        raise StudyError(say("site.needs_budget", problem=problem))
    if asked == TARGET_SHARE and target is None:
        raise StudyError(say("site.needs_target", problem=asked))
    if target is not None and not 0 < target <= 1:
        raise StudyError(say("site.target_range", target=target))
    for name, given, used in (
        ("p", p, "p" in traits.needs),
        ("budget", budget, "budget" in traits.needs),
        ("target", target, "target_share" in traits.takes),
        ("unserved-minutes", question.get("unserved_minutes"), "unserved_minutes" in traits.takes),
    ):
        if given is not None and not used:
            raise StudyError(say("site.unused", name=name, problem=asked))


def _changed(goal: CircleGoal, question: Question) -> CircleGoal:
    """The goal with the limit and under the modes asked for, called so: its own title would speak of another promise."""
    asked, minutes = question.get("modes") or [goal.mode], question.get("minutes")
    minutes = goal.minutes if minutes is None else minutes
    service, titles = named_service(goal.service).title, {}
    for language in LANGUAGES:
        tell = speaker(language)
        modes = tell("site.or").join(tell(f"mode.{mode}") for mode in asked if mode in MODES)
        titles[language] = tell("site.goal", service=getattr(service, language), minutes=minutes, modes=modes)
    return goal.model_copy(update={"minutes": minutes, "title": Text(**titles)})


def _per_mode(goal: CircleGoal, modes: Sequence[str], say: Say) -> tuple[CircleGoal, ...]:
    """The goal in each mode; its own speed and profile stay with its own mode."""
    for mode in modes:
        if mode not in MODES:
            raise StudyError(say("site.no_mode", mode=mode, hint=nearest(mode, MODES, say)))
    other = {"speed_kmh": None, "profile": None}
    chosen = dict.fromkeys(modes) or {goal.mode: None}
    return tuple(goal if mode == goal.mode else goal.model_copy(update={"mode": mode, **other}) for mode in chosen)


def candidate_sources(
    given: Iterable[str | Source], *, cost: str | None, capacity: str | None, say: Say
) -> list[CandidateSource]:
    """Read candidates as the command line writes them: `demand`, `demand:500`, `streets:500`, or a file.

    Parameters
    ----------
    given : iterable of str or Source
    cost, capacity : str or None
        A number, or a column where candidates come from files.

    Raises
    ------
    StudyError
        If a spacing or a figure is no number in range.
    """
    return [_candidate_source(one, cost, capacity, say) for one in given]


def is_file(text: str) -> bool:
    """Tell whether candidates as the command line writes them are a file."""
    return text.partition(":")[0] not in ("demand", "streets")


def _candidate_source(given: str | Source, cost: str | None, capacity: str | None, say: Say) -> CandidateSource:
    figures = {"cost": cost, "capacity": capacity}
    if isinstance(given, Source) or is_file(given):
        return _candidate_file(as_source(given), figures, say)
    text, (kind, _, spacing) = given, given.partition(":")
    try:
        if kind == "demand":
            return CandidateDemand.model_validate({"demand": spacing or None, **figures})
        return CandidateStreets.model_validate({"streets": spacing or None, **figures})
    except ValidationError as error:
        problem = error.errors()[0]
        raise StudyError(say("site.candidates", text=text, key=problem["loc"][0], given=problem["input"])) from error


def _candidate_file(source: Source, figures: Mapping[str, str | None], say: Say) -> CandidateFile:
    file = source.file.resolve()
    if not file.exists():
        raise StudyError(say("site.no_file", file=source.file))
    # Not validated, for the file's reader says what is wrong with a condition, and names the columns.
    return CandidateFile.model_construct(**{**dict(source), "file": file, **figures})


def minimum_share(text: str, study: Study, say: Say) -> MinimumShare:
    """Read an equity floor as the command line writes it: `township=0.5`.

    Raises
    ------
    StudyError
        If the study has no such level or the share is none.
    """
    level, _, share = text.partition("=")
    if level not in study.zones:
        raise StudyError(say("study.no_level", level=level, hint=nearest(level, study.zones, say)))
    try:
        return MinimumShare.model_validate({"level": level, "share": share})
    except ValidationError as error:
        raise StudyError(say("site.floor", text=text)) from error


def group_weights(texts: Iterable[str], study: Study, say: Say) -> dict[str, float]:
    """Read weights as the command line writes them: `children=2`.

    Raises
    ------
    StudyError
        If the study has no such group or the weight is no number from 0 up.
    """
    weights = {}
    for text in texts:
        group, _, weight = text.partition("=")
        if group not in study.groups:
            raise StudyError(say("study.no_group", group=group, hint=nearest(group, study.groups, say)))
        try:
            weights[group] = Siting.model_validate({"weights": {group: weight}}).weights[group]
        except ValidationError as error:
            raise StudyError(say("site.weight", text=text)) from error
    return weights
