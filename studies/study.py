"""The study file: its schema, and errors that name the file, the key and the nearest valid name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..geo.errors import StudyError
from ..layers.catalogue import find_goal, goal_catalogue
from ..layers.goals import Goal
from ..layers.services import service_catalogue


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Section(BaseModel):
    """One mapping of the study file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Placing(Section):
    """How the features of a file are placed on earth."""

    file: Path
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    encoding: str | None = None
    where: str | None = None
    layer: str | None = None


class ZoneLevel(Section):
    """Zones of one level."""

    file: Path
    id: str
    name: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None


class UrbanRule(Section):
    """How urban and rural people are told apart: exactly one of rule, column and file."""

    rule: Literal["degurba"] | None = None
    column: str | None = None
    file: Path | None = None


class DemandSource(Placing):
    """Who lives where."""

    people: str | int
    id: str | None = None
    groups: dict[str, str | int] = {}
    urban: UrbanRule | None = None


class FacilityFile(Placing):
    """Facilities from a file."""

    id: str | None = None
    name: str | None = None
    capacity: str | None = None


class FacilityOsm(Section):
    """Facilities by the catalogue's OSM tags; without `osm` from the study's streets."""

    osm: Path | None = None


class CarOptions(Section):
    speeds: str | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class WalkOptions(Section):
    profile: Literal["adult", "elderly", "child", "wheelchair"] | None = None
    speed_kmh: Annotated[float, Field(ge=1, le=15)] | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class BicycleOptions(Section):
    speed_kmh: Annotated[float, Field(ge=3, le=45)] | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class Modes(Section):
    """Choices for all goals of a mode; a goal's own speed or profile goes first."""

    walk: WalkOptions = WalkOptions()
    bicycle: BicycleOptions = BicycleOptions()
    car: CarOptions = CarOptions()
    ferries: Literal["none", "free", "scheduled"] = "scheduled"


def _source(value: Any) -> Any:
    """Write the short form `osm` as the long one."""
    return {"osm": None} if value == "osm" else value


Source = Annotated[FacilityFile | FacilityOsm, BeforeValidator(_source)]
Sources = Annotated[list[Source], BeforeValidator(_listed)]


class Study(Section):
    """A study file, read and checked; paths are absolute."""

    name: str
    area: Path | None = None
    streets: Annotated[list[Path], BeforeValidator(_listed)]
    elevation: Path | None = None
    zones: dict[str, ZoneLevel] = {}
    demand: DemandSource
    facilities: dict[str, Sources]
    goals: Annotated[list[Goal], Field(min_length=1)]
    modes: Modes = Modes()
    out: Path = Path("out")


def read_study(path: Path) -> Study:
    """Read a study file.

    Raises
    ------
    StudyError
        Naming the file, the key and, where a name is wrong, the nearest valid one.
    """
    text = _read_text(path)
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StudyError(f"{path}: is no valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise StudyError(f"{path}: should hold keys such as name, streets, demand, facilities and goals.")
    try:
        study = Study.model_validate({**raw, "goals": _goals(raw.get("goals"), path)})
    except ValidationError as error:
        raise StudyError("\n".join(_explain(path, raw, problem) for problem in error.errors())) from error
    study = _rooted(study, path.resolve().parent)
    _check_names(study, path)
    _check_files(study, path)
    return study


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudyError(f"{path}: no such study file; `lifecircle new` writes one to start from.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8.") from error


def _goals(given: Any, path: Path) -> Any:
    """Replace the names of catalogue goals by the goals; a mapping with a known id changes that goal."""
    if not isinstance(given, list):
        return given
    goals = []
    for position, entry in enumerate(given):
        try:
            if isinstance(entry, str):
                goals.append(find_goal(entry).model_dump())
            elif isinstance(entry, dict) and entry.get("id") in goal_catalogue():
                goals.append({**find_goal(entry["id"]).model_dump(), **entry})
            else:
                goals.append(entry)
        except StudyError as error:
            raise StudyError(f"{path}: goals.{position}: {error}") from error
    return goals


def _explain(path: Path, raw: Mapping[str, Any], problem: Any) -> str:
    """Say one thing pydantic found wrong in the user's words."""
    keys = [part for part in problem["loc"] if part not in ("FacilityFile", "FacilityOsm") and "function-" not in str(part)]
    where = ".".join(str(key) for key in keys)
    if problem["type"] == "extra_forbidden":
        known = _known_keys(problem["loc"])
        nearest = get_close_matches(str(keys[-1]), known, 1, 0.5)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(known)}."
        return f"{path}: unknown key {where}: {hint}"
    if problem["type"] == "missing":
        return f"{path}: the key {where} is missing."
    return f"{path}: {where}: {problem['msg']} (given: {problem['input']!r})"


def _known_keys(location: Sequence[Any]) -> list[str]:
    """Return the keys that are allowed where an unknown one was found."""
    sections: dict[str, type[BaseModel]] = {
        "demand": DemandSource,
        "zones": ZoneLevel,
        "goals": Goal,
        "modes": Modes,
        "urban": UrbanRule,
        "facilities": FacilityFile,
        "FacilityFile": FacilityFile,
        "FacilityOsm": FacilityOsm,
        "walk": WalkOptions,
        "bicycle": BicycleOptions,
        "car": CarOptions,
    }
    model: type[BaseModel] = Study
    for part in location[:-1]:
        model = sections.get(str(part), model)
    return list(model.model_fields)


def _rooted(study: Study, folder: Path) -> Study:
    """Make every path absolute; paths are relative to the study file."""

    def rooted(value: Any) -> Any:
        if isinstance(value, Path):
            return (folder / value).resolve()
        if isinstance(value, BaseModel):
            return value.model_copy(update={name: rooted(getattr(value, name)) for name in type(value).model_fields})
        if isinstance(value, dict):
            return {key: rooted(item) for key, item in value.items()}
        return [rooted(item) for item in value] if isinstance(value, list) else value

    result: Study = rooted(study)
    return result


def _check_names(study: Study, path: Path) -> None:
    """Services and groups must exist, goal ids must differ, and every goal needs facilities."""
    services = service_catalogue()
    for service, sources in study.facilities.items():
        if service not in services and any(isinstance(source, FacilityOsm) for source in sources):
            raise StudyError(f"{path}: facilities.{service}: the catalogue has no such service{_nearest(service, services)}")
    seen: set[str] = set()
    for goal in study.goals:
        if goal.id in seen:
            raise StudyError(f"{path}: goals: the id {goal.id!r} stands twice; give each goal its own id.")
        seen.add(goal.id)
        if goal.service not in study.facilities:
            hint = _nearest(goal.service, study.facilities)
            raise StudyError(f"{path}: goals.{goal.id}: no facilities are given for its service {goal.service!r}{hint}")
        if goal.group is not None and goal.group not in study.demand.groups:
            hint = _nearest(goal.group, study.demand.groups)
            raise StudyError(f"{path}: goals.{goal.id}: demand.groups has no group {goal.group!r}{hint}")
        if goal.population != "all" and study.demand.urban is None:
            raise StudyError(
                f"{path}: goals.{goal.id} is about {goal.population} people: say under demand.urban how they are told apart "
                "(rule: degurba, column: NAME or file: POLYGONS), or set population: all."
            )
    rule = study.demand.urban
    if rule is not None and sum(value is not None for value in (rule.rule, rule.column, rule.file)) != 1:
        raise StudyError(f"{path}: demand.urban: give exactly one of rule, column and file.")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else f". Known: {', '.join(known) or 'none'}."


def _check_files(study: Study, path: Path) -> None:
    for key, file in study_files(study):
        if not file.exists():
            siblings = {item.name: item for item in file.parent.iterdir()} if file.parent.is_dir() else {}
            raise StudyError(f"{path}: {key}: {file} does not exist{_nearest(file.name, siblings) if siblings else '.'}")


def study_files(study: Study) -> Iterator[tuple[str, Path]]:
    """Yield the key and path of every file a study reads."""
    yield from (("streets", file) for file in study.streets)
    optional = {"area": study.area, "elevation": study.elevation, "demand.file": study.demand.file}
    optional |= {"demand.urban.file": study.demand.urban.file if study.demand.urban else None}
    yield from ((key, file) for key, file in optional.items() if file is not None)
    yield from ((f"zones.{level}.file", zones.file) for level, zones in study.zones.items())
    for service, sources in study.facilities.items():
        for source in sources:
            file = source.file if isinstance(source, FacilityFile) else source.osm
            if file is not None:
                yield f"facilities.{service}", file
