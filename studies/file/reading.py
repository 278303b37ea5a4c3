"""Reading a study file: from its text to a checked `Study`, or one error that says what to mend and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ...geo.coordinates import is_offset_system, parse_crs
from ...geo.errors import InputError, StudyError
from ...geo.files import require_file
from ...geo.modes import MODES, travel_mode
from ...geo.modes.travel_mode import UnknownSpeedsError
from ...layers.catalogue import Catalogue, Entry, read_catalogue
from ...layers.goals import WHOLE_STUDY, CircleGoal, TimedGoal, variant_goals
from ...layers.services import service_catalogue
from ...layers.source import Source
from ..speech.goal_words import said_proposals
from ..speech.messages import Say, speaker
from ..speech.rooms_text import translate
from .errors import explain, nearest
from .goal_mode import goal_mode
from .lacks import lacks
from .study import CandidateFile, FacilityFile, FacilityOsm, Study, study_files
from .text import StudyText, read_study_text

SHAPEFILE_PARTS = (".dbf", ".shx")
FOLDER_FORMATS = (".gdb",)


def read_study(path: Path, say: Say | None = None) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : Path
    say : Say, optional
        Language of the errors; default English.

    Raises
    ------
    StudyError
        Naming the file, the line, the key and, where a name is wrong, the nearest valid one.
    """
    text = read_study_text(path, say or speaker("en"))
    folder = path.resolve().parent
    study = _validated({**text.raw, **_goals(text, folder)}, text, folder)
    _check_modes(study, text)
    _check_goals(study, text)
    study = _with_plans(study, text, folder)
    _check_levels(study, text)
    _check_urban(study, text)
    _check_siting(study, text)
    _check_crs(study, text)
    _check_files(study, text)
    return study


def read_study_data(path: Path, say: Say | None = None) -> tuple[Study, Mapping[str, Mapping[str, Any]]]:
    """Read what data a study has, whatever its goals lack.

    Returns
    -------
    study : Study
        Without goals.
    stated : mapping
        What the study's own goals say, by id: a mere name says nothing.

    Raises
    ------
    StudyError
        As `read_study`, but for the goals.
    """
    text = read_study_text(path, say or speaker("en"))
    folder = path.resolve().parent
    study = _validated({key: value for key, value in text.raw.items() if key not in ("goals", "plans", "siting")}, text, folder)
    _check_levels(study, text)
    _check_urban(study, text)
    _check_crs(study, text)
    _check_files(study, text)
    goals = text.raw.get("goals")
    entries = [entry for entry in goals if isinstance(entry, dict)] if isinstance(goals, list) else []
    return study, {str(entry["id"]): entry for entry in entries if "id" in entry}


def _validated(raw: Mapping[str, Any], text: StudyText, folder: Path) -> Study:
    if "lacking" in raw:
        raise text.error(("lacking",), "study.unknown", key="lacking")
    try:
        study = _rooted(Study.model_validate(raw), folder)
    except ValidationError as error:
        raise StudyError(explain(error.errors(), text)) from error
    _check_services(study, text)
    return study


def _goals(text: StudyText, folder: Path) -> dict[str, Any]:
    """Replace the names of catalogue goals by the goals; a mapping with a known id, or `extends`, changes that goal."""
    given = text.raw.get("goals")
    if not isinstance(given, list):
        return {}
    known = read_catalogue(_catalogue_files(text, folder))
    return {"goals": [_goal(entry, position, known, text) for position, entry in enumerate(given)]}


def _catalogue_files(text: StudyText, folder: Path) -> list[Path]:
    """The user's own catalogues; what is no file name is said with the study's other mistakes."""
    files = text.raw.get("catalogue", [])
    listed = files if isinstance(files, list) else [files]
    return [folder / file for file in listed if isinstance(file, str)]


def _goal(entry: Any, position: int, known: Catalogue, text: StudyText) -> Any:
    """Return the keys of one goal of the study."""
    own = {"id": entry} if isinstance(entry, str) else entry
    if not isinstance(own, dict):
        return entry
    named = own.get("extends", own.get("id"))
    if not isinstance(named, str) or named not in known:
        if isinstance(entry, str) or "extends" in own:
            raise text.error(("goals", position), "study.no_goal", goal=named, hint=nearest(named, known, text.say))
        return entry
    found = known[named]
    if own.get("check", found.check) != found.check:
        return entry  # another kind of goal that only happens to have the name
    _check_asked(found, own, position, text)
    return {**found.keys, **{key: value for key, value in own.items() if key != "extends"}}


def _check_asked(found: Entry, own: Mapping[str, Any], position: int, text: StudyText) -> None:
    """A number that the document leaves open is the planner's to give; values are only proposed."""
    missing = found.missing(own)
    if missing:
        proposals = said_proposals(found, missing[0], text.say)
        unnamed = translate(found.document_name(), text.say.language)
        document = unnamed if found.document is None else found.document.number or found.document.id
        raise text.error(
            ("goals", position),
            "study.asked",
            key=missing[0],
            document=document,
            goal=own.get("id", found.id),
            proposals=proposals,
        )


def _rooted(study: Study, folder: Path) -> Study:
    """Make every path absolute; paths are relative to the study file."""

    def rooted(value: Any) -> Any:
        if isinstance(value, Path):
            return _absolute(folder / value)
        if isinstance(value, BaseModel):
            return value.model_copy(update={name: rooted(getattr(value, name)) for name in type(value).model_fields})
        if isinstance(value, dict):
            return {key: rooted(item) for key, item in value.items()}
        return [rooted(item) for item in value] if isinstance(value, list) else value

    result: Study = rooted(study)
    return result


def _absolute(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a ring, or a name too long: said where the file is looked for
        return path.absolute()


def _check_services(study: Study, text: StudyText) -> None:
    """What is read from OSM must be in the catalogue: nothing else says which tags it has."""
    services = service_catalogue()
    for service, sources in study.facilities.items():
        if service not in services and any(isinstance(source, FacilityOsm) for source in sources):
            hint = nearest(service, services, text.say)
            raise text.error(("facilities", service), "study.no_service", service=service, hint=hint)


def _check_modes(study: Study, text: StudyText) -> None:
    """A mode must be one also where no goal asks for it yet: `access` and `site` may."""
    for kind in MODES:
        options = getattr(study.modes, kind).model_dump(exclude_none=True)
        try:
            travel_mode(kind, ferries=study.modes.ferries, **options)
        except InputError as error:
            place = text.place(("modes", kind, *(["speeds"] if isinstance(error, UnknownSpeedsError) else [])))
            raise StudyError(place + translate(error, text.say.language)) from error


def _check_goals(study: Study, text: StudyText) -> None:
    """Ids must differ, and every goal needs facilities, its group, its population and a mode that exists."""
    seen: set[str] = set()
    for position, goal in enumerate(study.goals):
        keys = ("goals", position)
        if goal.id in seen:
            raise text.error(keys, "study.goal_twice", goal=goal.id)
        seen.add(goal.id)
        if isinstance(goal, TimedGoal):
            _check_travel(goal, keys, study, text)
        lacking = lacks(goal, study)
        if len(lacking) == 1 and lacking[0].startswith("facilities.") and lacking[0].count(".") == 1:
            service = lacking[0].removeprefix("facilities.")  # one service alone is most often a slip of the pen
            hint = nearest(service, study.facilities, text.say)
            raise text.error(keys, "study.no_facilities", service=service, hint=hint)
        if lacking:
            raise text.error(keys, "study.lacks", keys=", ".join(lacking))
    if not study.goals and not study.plans:
        raise text.error((), "study.missing", key="goals")


def _check_travel(goal: TimedGoal, keys: tuple[str | int, ...], study: Study, text: StudyText) -> None:
    """Say the usual mistakes with the nearest right name."""
    for service in goal.missing(study.facilities) if isinstance(goal, CircleGoal) else ():
        hint = nearest(service, study.facilities, text.say)
        raise text.error(keys, "study.no_facilities", service=service, hint=hint)
    if goal.group is not None and goal.group not in study.groups:
        raise text.error(keys, "study.no_group", group=goal.group, hint=nearest(goal.group, study.groups, text.say))
    if goal.population != "all" and study.demand is not None and study.demand.urban is None:
        raise text.error(keys, "study.no_urban", population=text.say(f"population.{goal.population}"))
    try:
        for definition in (goal, *variant_goals(goal)):
            if isinstance(definition, TimedGoal):
                goal_mode(definition, study.modes)
    except InputError as error:
        raise StudyError(text.place(keys) + translate(error, text.say.language)) from error


def _with_plans(study: Study, text: StudyText, folder: Path) -> Study:
    """Add every goal of the documents named under `plans`; those that lack data stay, with what they lack."""
    catalogue = read_catalogue(_catalogue_files(text, folder))
    documents = list(dict.fromkeys(entry.document.id for entry in catalogue.values() if entry.document is not None))
    own = {goal.id for goal in study.goals}
    goals, asked = list(study.goals), dict[str, tuple[str, ...]]()
    for plan in study.plans:
        if plan not in documents:
            raise text.error(("plans",), "study.no_plan", plan=plan, hint=nearest(plan, documents, text.say))
        entries = [entry for entry in catalogue.values() if entry.document is not None and entry.document.id == plan]
        goals += [entry.example() for entry in entries if entry.id not in own]
        # A number that the document leaves open is the planner's to give: such a goal waits for it.
        asked |= {entry.id: tuple(f"goals.{entry.id}.{key}" for key in entry.missing()) for entry in entries if entry.missing()}
    study = study.saying(goals, {})
    lacking = {goal.id: (*asked.get(goal.id, ()), *lacks(goal, study)) for goal in goals if goal.id not in own}
    return study.saying(goals, {id: keys for id, keys in lacking.items() if keys})


def _check_levels(study: Study, text: StudyText) -> None:
    """On scorecards `all` is the whole study, on the map `cells` are the demand units."""
    for level in study.zones:
        if level in (WHOLE_STUDY, "cells"):
            raise text.error(("zones", level), "study.level_taken", level=level)


def _check_urban(study: Study, text: StudyText) -> None:
    rule = study.demand.urban if study.demand else None
    if rule is not None and sum(value is not None for value in (rule.rule, rule.column, rule.file)) != 1:
        raise text.error(("demand", "urban"), "study.one_rule")


def _check_siting(study: Study, text: StudyText) -> None:
    """What siting names elsewhere in the study must be there."""
    for service, siting in study.siting.items():
        if service not in study.facilities:
            hint = nearest(service, study.facilities, text.say)
            raise text.error(("siting", service), "study.no_facilities", service=service, hint=hint)
        for group in siting.weights:
            if group not in study.groups:
                hint = nearest(group, study.groups, text.say)
                raise text.error(("siting", service, "weights"), "study.no_group", group=group, hint=hint)
        floor = siting.min_share
        if floor is not None and floor.level not in study.zones:
            hint = nearest(floor.level, study.zones, text.say)
            raise text.error(("siting", service, "min_share"), "study.no_level", level=floor.level, hint=hint)


def _check_crs(study: Study, text: StudyText) -> None:
    for keys, crs in _systems(study):
        if is_offset_system(crs):
            continue
        try:
            parse_crs(crs)
        except InputError as error:
            raise text.error(keys, "study.no_crs", crs=crs) from error


def _systems(study: Study) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where a coordinate system is declared, and which."""
    urban = study.demand.urban if study.demand else None
    single: dict[tuple[str, ...], Source | None] = {
        ("area",): study.area,
        ("overrides",): study.overrides,
        ("demand",): study.demand,
        ("demand", "urban"): urban.file if urban else None,
        **{("zones", level): zones for level, zones in study.zones.items()},
    }
    yield from (((*keys, "crs"), source.crs) for keys, source in single.items() if source is not None and source.crs is not None)
    for service, sources in study.facilities.items():
        for position, source in enumerate(sources):
            if isinstance(source, FacilityFile) and source.crs is not None:
                yield ("facilities", service, position, "crs"), source.crs
    for service, siting in study.siting.items():
        for position, candidates in enumerate(siting.candidates or []):
            if isinstance(candidates, CandidateFile) and candidates.crs is not None:
                yield ("siting", service, "candidates", position, "crs"), candidates.crs


def _check_files(study: Study, text: StudyText) -> None:
    """Every file must be there, be a file, and a Shapefile must have come with its other parts."""
    for key, file in study_files(study):
        keys = tuple(key.split("."))
        if not _is_there(file):
            here = [item.name for item in file.parent.iterdir()] if file.parent.is_dir() else []
            hint = nearest(file.name, here, text.say) if here else ""
            raise text.error(keys, "study.file_missing", file=file.name, folder=file.parent, hint=hint)
        if file.is_dir() and file.suffix.lower() in FOLDER_FORMATS:
            continue
        if file.is_dir():
            raise text.error(keys, "study.file_is_folder", file=file)
        try:
            require_file(file)
        except InputError as error:
            raise StudyError(text.place(keys) + translate(error, text.say.language)) from error
        if file.suffix.lower() == ".shp":
            _check_shapefile(file, keys, text)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a name that no file can have, or a folder that may not be looked into
        return False


def _check_shapefile(file: Path, keys: tuple[str, ...], text: StudyText) -> None:
    there = {item.name.lower() for item in file.parent.iterdir()}
    for part in SHAPEFILE_PARTS:
        if (file.stem + part).lower() not in there:
            raise text.error(keys, "study.shapefile", file=file.name, part=part)
