"""The study file's schema: which keys there are and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from ...geo.errors import said
from ...layers.conditions import ConditionError, parse_condition
from ...layers.goals import CircleGoal, Goal, TimedGoal
from ...layers.source import Source
from ...layers.wrong_values import refused


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg")


class Section(BaseModel):
    """One mapping of the study file; unknown keys are errors, and a column may be called 2020 without quotes."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)


def _condition(where: str) -> str:
    """Refuse what is no condition as soon as the study is read, by every command and by `replay`."""
    try:
        parse_condition(where)
    except ConditionError as error:
        raise refused(error.sentence, shows_itself=True) from error
    return where


Where = Annotated[str, AfterValidator(_condition)]


class SourcedFile(Section):
    """A file somebody made: `source` says who, `licence` on what terms it may be used; in the short form only its path."""

    file: Path
    source: str | None = None
    licence: str | None = None


class Placed(Section, Source):
    """A section that is a source: its condition is read at once, and keys that mean nothing in it are errors."""

    idle: ClassVar[tuple[str, ...]] = ()

    where: Where | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_meaning(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name in cls.idle and value is not None:
            raise refused(said("this key means nothing here; leave it out"))
        return value

    @property
    def own(self) -> dict[str, Any]:
        """Return the keys that are no part of a source, for its reader."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in Source.model_fields}


def _file(value: Any) -> Any:
    """Write the short form, a file name, as the long one."""
    return {"file": value} if isinstance(value, str | Path) else value


class Polygons(Placed):
    """A file of areas."""

    idle = ("x", "y", "id", "name", "sheet", "header_row")


class Corrections(Placed):
    """Corrections of the map; `crs` is that of their lines."""

    idle = ("x", "y", "id", "name", "layer")


Columns = dict[str, str]


class ZoneLevel(Placed):
    """Zones of one level; `kind` is a column, or the one kind that all of them have, `flags` are columns of yes and no."""

    idle = ("x", "y", "sheet", "header_row")

    kind: str | None = None
    people: str | None = None
    flags: Columns = {}


def _urban(value: Any) -> Any:
    """Put what says how the file of polygons is read beside its name."""
    if not isinstance(value, dict) or not isinstance(value.get("file"), str | Path):
        return value
    kinds = ("rule", "column")
    own = {name: value[name] for name in kinds if name in value}
    return {**own, "file": {name: given for name, given in value.items() if name not in kinds}}


class UrbanRule(Section):
    """How urban and rural people are told apart: exactly one of rule, column and file."""

    rule: Literal["degurba"] | None = None
    column: str | None = None
    file: Polygons | None = None


class DemandSource(Placed):
    """Who lives where; `people` and `groups` are columns, or band numbers of a raster."""

    idle = ("name",)

    people: str
    groups: dict[str, str] = {}
    urban: Annotated[UrbanRule | None, BeforeValidator(_urban)] = None


class FacilityFile(Placed):
    """Facilities from a file; `flags` are columns of yes and no, `numbers` columns of further figures."""

    capacity: str | None = None
    flags: Columns = {}
    numbers: Columns = {}
    kind: str | None = None
    tier: str | None = None
    date: str | None = None


class FacilityOsm(Section):
    """Facilities by the catalogue's OSM tags; without `osm` from the study's streets."""

    osm: Path | None = None


class IndicatorFile(Placed):
    """Figures that others counted, by unit and year; without `level` and `id` they are about the whole study."""

    idle = ("x", "y", "crs", "name", "layer")

    values: Annotated[Columns, Field(min_length=1)]
    level: str | None = None
    year: str | None = None


class CarOptions(Section):
    """Driving."""

    speeds: str | None = None
    crossings: Literal["none", "default", "busy"] | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class WalkOptions(Section):
    """Walking."""

    profile: Literal["adult", "elderly", "child", "wheelchair"] | None = None
    speed_kmh: Annotated[float, Field(ge=1, le=15)] | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class BicycleOptions(Section):
    """Cycling."""

    speed_kmh: Annotated[float, Field(ge=3, le=45)] | None = None
    snap_cap_metres: Annotated[float, Field(gt=0)] | None = None


class Modes(Section):
    """Choices for all goals of a mode; a goal's own speed or profile goes first."""

    walk: WalkOptions = WalkOptions()
    bicycle: BicycleOptions = BicycleOptions()
    car: CarOptions = CarOptions()
    ferries: Literal["none", "free", "scheduled"] = "scheduled"
    month: Annotated[int, Field(ge=1, le=12)] | None = None


def _source(value: Any) -> Any:
    """Write the short form `osm` as the long one; anything else must be a mapping."""
    if value == "osm":
        return {"osm": None}
    if not isinstance(value, dict | BaseModel):
        raise refused(said("write `osm`, or a file as {file: clinics.csv}"))
    return value


def _kind(value: Any) -> str:
    """Tell the two kinds of source apart by their keys, so that an error speaks of one kind only."""
    is_osm = isinstance(value, FacilityOsm) or (isinstance(value, dict) and "osm" in value)
    return FacilityOsm.__name__ if is_osm else FacilityFile.__name__


FacilitySource = Annotated[
    Annotated[FacilityFile, Tag(FacilityFile.__name__)] | Annotated[FacilityOsm, Tag(FacilityOsm.__name__)],
    Discriminator(_kind),
    BeforeValidator(_source),
]
Sources = Annotated[list[FacilitySource], Field(min_length=1), BeforeValidator(_listed)]


class CandidateFile(Placed):
    """Candidates from a file; `cost` and `capacity` are columns, or numbers for every row."""

    cost: str | None = None
    capacity: str | None = None
    spacing_metres: Annotated[float, Field(ge=10)] | None = None


Figure = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Ids = Annotated[list[Annotated[str, BeforeValidator(str)]], BeforeValidator(_listed)]


class CandidateDemand(Section):
    """Every demand unit with people, thinned to `demand` metres where given."""

    demand: Annotated[float, Field(ge=10)] | None = None
    cost: Figure | None = None
    capacity: Figure | None = None


class CandidateStreets(Section):
    """Street nodes at least `streets` metres apart."""

    streets: Annotated[float, Field(ge=10)]
    cost: Figure | None = None
    capacity: Figure | None = None


def _candidate(value: Any) -> Any:
    """Write the short form `demand` as the long one."""
    if value == "demand":
        return {"demand": None}
    if not isinstance(value, dict | BaseModel):
        raise refused(said("write `demand`, a file as {file: plots.csv}, or street nodes as {streets: 500}"))
    return value


def _candidate_kind(value: Any) -> str:
    for key, kind in (("demand", CandidateDemand), ("streets", CandidateStreets)):
        if isinstance(value, kind) or (isinstance(value, dict) and key in value):
            return kind.__name__
    return CandidateFile.__name__


CandidateSource = Annotated[
    Annotated[CandidateFile, Tag(CandidateFile.__name__)]
    | Annotated[CandidateDemand, Tag(CandidateDemand.__name__)]
    | Annotated[CandidateStreets, Tag(CandidateStreets.__name__)],
    Discriminator(_candidate_kind),
    BeforeValidator(_candidate),
]


class Upgrade(Section):
    """Existing facilities that may be enlarged to `capacity` people at `cost`."""

    facilities: Ids
    capacity: Figure
    cost: Figure = 0


class MinimumShare(Section):
    """Equity floor: at least `share` of the people of every zone of `level` covered, or of the listed zones."""

    level: str
    share: Share
    zones: Ids = []


class Siting(Section):
    """Where the next facilities of one service may stand, and what a plan must respect."""

    candidates: Annotated[list[CandidateSource], Field(min_length=1), BeforeValidator(_listed)] | None = None
    forbid: Ids = []
    close: Ids = []
    may_close: Ids = []
    upgrade: Upgrade | None = None
    existing_capacity: Figure | None = None
    min_share: MinimumShare | None = None
    weights: dict[str, Figure] = {}
    cost_unit: str | None = None


class Access(Section):
    """What the facilities of one service offer, where their file does not say: for access measures."""

    default_capacity: Figure | None = None
    people_per_capacity: Annotated[float, Field(gt=0)] | None = None


class Study(Section):
    """A study file, read and checked; paths are absolute."""

    name: str
    area: Annotated[Polygons | None, BeforeValidator(_file)] = None
    streets: Annotated[list[Path], BeforeValidator(_listed)] = []
    elevation: Annotated[SourcedFile | None, BeforeValidator(_file)] = None
    overrides: Annotated[Corrections | None, BeforeValidator(_file)] = None
    zones: dict[str, ZoneLevel] = {}
    demand: DemandSource | None = None
    facilities: dict[str, Sources] = {}
    indicators: Annotated[list[IndicatorFile], BeforeValidator(_listed)] = []
    goals: list[Goal] = []
    plans: Annotated[list[str], BeforeValidator(_listed)] = []
    lacking: dict[str, tuple[str, ...]] = {}  # found, not written: keys missing before a goal can be answered, by goal
    catalogue: Annotated[list[Path], BeforeValidator(_listed)] = []
    modes: Modes = Modes()
    siting: dict[str, Siting] = {}
    access: dict[str, Access] = {}
    out: Path = Path("out")

    @property
    def groups(self) -> Columns:
        """The groups of people that the study tells apart."""
        return self.demand.groups if self.demand else {}

    def saying(self, goals: Sequence[Goal], lacking: Mapping[str, tuple[str, ...]]) -> Study:
        """Return the study with these goals, and what each of them lacks to be answered (see `lacks`)."""
        return self.model_copy(update={"goals": list(goals), "lacking": dict(lacking)})

    @property
    def answerable(self) -> list[Goal]:
        """The goals that lack nothing."""
        return [goal for goal in self.goals if goal.id not in self.lacking]

    @property
    def circles(self) -> list[CircleGoal]:
        """The goals that travel times to the nearest facility answer."""
        return [goal for goal in self.answerable if isinstance(goal, CircleGoal)]

    @property
    def tabled(self) -> list[Goal]:
        """The goals that tables answer, and those that this study cannot answer."""
        travelled = {goal.id for goal in self.journeys}
        return [goal for goal in self.goals if goal.id not in travelled]

    @property
    def journeys(self) -> list[TimedGoal]:
        """All goals that travel times answer."""
        return [goal for goal in self.answerable if isinstance(goal, TimedGoal)]


def with_parts(file: Path) -> list[Path]:
    """Return a file and what belongs to it: a shapefile's attributes, system and encoding beside it, what a .gdb folder holds."""
    if file.is_dir():
        return sorted(part for part in file.rglob("*") if part.is_file() and part.suffix != ".lock")
    if file.suffix.lower() != ".shp":
        return [file]
    beside = [part for part in file.parent.glob("*") if part.stem == file.stem and part.suffix.lower() in SHAPEFILE_PARTS]
    return [file, *sorted(beside)]


def study_files(study: Study) -> Iterator[tuple[str, Path]]:
    """Yield the key and path of every file a study reads."""
    yield from (("streets", file) for file in study.streets)
    urban = study.demand.urban if study.demand else None
    optional: dict[str, Source | SourcedFile | None] = {
        "area": study.area, "elevation": study.elevation, "overrides": study.overrides, "demand.file": study.demand,
    }  # fmt: skip
    optional["demand.urban.file"] = urban.file if urban else None
    yield from ((key, source.file) for key, source in optional.items() if source is not None)
    yield from ((f"zones.{level}.file", zones.file) for level, zones in study.zones.items())
    yield from (("indicators", source.file) for source in study.indicators)
    for service, sources in study.facilities.items():
        for source in sources:
            file = source.file if isinstance(source, FacilityFile) else source.osm
            if file is not None:
                yield f"facilities.{service}", file
    for service, siting in study.siting.items():
        for candidates in siting.candidates or []:
            if isinstance(candidates, CandidateFile):
                yield f"siting.{service}.candidates", candidates.file
