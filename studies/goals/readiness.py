"""Which goals of the catalogue a study's data can answer, and what is missing for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from ...geo.reading.cache import load_osm
from ...layers.catalogue import Entry, read_catalogue
from ...layers.goals import FACILITY_LEVEL, WHOLE_STUDY, ContextGoal, Goal, PresenceGoal, RatioGoal, ShareGoal, goal_from
from ...layers.services import count_services, service_catalogue
from ..file.lacks import lacks
from ..file.reading import read_study_data
from ..file.study import FacilityOsm, Study
from ..speech.messages import default_language, speaker

State = Literal["ready", "asks", "lacks", "context"]
STATES: Final[tuple[State, ...]] = ("ready", "asks", "lacks", "context")
FACILITIES: Final = "facilities."


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """How ready a study is for one goal.

    Attributes
    ----------
    entry : Entry
    goal : Goal
        With the first proposal for every number that is still asked for.
    asks : tuple of str
        Numbers that the document leaves open and the study does not give either.
    lacks : tuple of str
        Keys of the study file that would have to be added, such as `facilities.library` or `zones.county.kind`.
    in_osm : mapping
        Lacking service -> how many the study's OSM files hold: `service: [osm]` would do.
    """

    entry: Entry
    goal: Goal
    asks: tuple[str, ...]
    lacks: tuple[str, ...]
    in_osm: Mapping[str, int]

    @property
    def state(self) -> State:
        """Whether it can be answered: `ready`, `asks` for numbers only, `lacks` data, or is `context` for the eye."""
        if isinstance(self.goal, ContextGoal):
            return "context"
        return "lacks" if self.lacks else "asks" if self.asks else "ready"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        proposes = {key: [proposal.model_dump() for proposal in self.entry.asking.proposes[key]] for key in self.asks}
        title = self.goal.title.model_dump() if self.goal.title else None
        about = {"id": self.goal.id, "title": title, "check": self.goal.check, "plan_row": self.goal.plan_row}
        return {
            **about,
            "state": self.state,
            "lacks": list(self.lacks),
            "asks": list(self.asks),
            "proposes": proposes,
            "in_osm": dict(self.in_osm),
        }


def goal_readiness(study_path: str | Path, *, lang: str | None = None) -> list[Readiness]:
    """Tell for every goal of the catalogue whether a study's data can answer it.

    Parameters
    ----------
    study_path : str or Path
        Its own `catalogue` files count as well; its `goals` may lack anything.
    lang : {"zh", "en"}, optional
        Language of errors; default: from the locale.

    Returns
    -------
    list of Readiness
        In the order of the catalogue. A service read from OSM of which the files hold none counts as lacking.

    Raises
    ------
    StudyError
        If the study file or a catalogue is wrong.
    InputError
        If an OSM file cannot be read.
    """
    path = Path(study_path)
    study, stated = read_study_data(path, speaker(lang or default_language()))
    entries = read_catalogue(study.catalogue).values()
    found = [_readiness(entry, stated.get(entry.id, {}), study) for entry in entries]
    return _with_osm(found, study, path.resolve().parent)


def most_wanted(readiness: Iterable[Readiness]) -> list[tuple[str, int]]:
    """Return the lacking keys with the number of goals that wait for them, most first."""
    counts = Counter(key for item in readiness for key in item.lacks)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def data_needed(goal: Goal) -> tuple[str, ...]:
    """Return the keys of a study file that a goal needs."""
    return tuple(dict.fromkeys([*lacks(goal, Study(name="none")), *_finer_needs(goal)]))


def _finer_needs(goal: Goal) -> Iterator[str]:
    """Yield the columns that only matter once their file is there."""
    units = [level.unit for level in goal.each_level()] if isinstance(goal, PresenceGoal) else [goal.unit]
    for unit in units:
        if unit is not None and unit.level not in (WHOLE_STUDY, FACILITY_LEVEL):
            yield from ([f"zones.{unit.level}.kind"] if unit.kinds else [])
            yield from ([f"zones.{unit.level}.flags.{unit.flag}"] if unit.flag else [])
    flags = [goal.flag] if isinstance(goal, PresenceGoal) else [goal.flag, goal.among] if isinstance(goal, ShareGoal) else []
    places = [f"facilities.{service}" for service in goal.services] or [f"zones.{unit.level}" for unit in units if unit]
    yield from (f"{place}.flags.{flag}" for flag in flags if flag for place in places)
    if isinstance(goal, RatioGoal):
        own = [name for name in (goal.of, goal.per) if name not in ("capacity", "facilities", "people")]
        yield from ([f"facilities.{goal.service}.capacity"] if goal.of == "capacity" else [])
        yield from (f"facilities.{goal.service}.numbers.{name}" for name in own)


def _readiness(entry: Entry, stated: Mapping[str, Any], study: Study) -> Readiness:
    asks = entry.missing(stated)
    given = {key: stated[key] for key in entry.asking.asks if stated.get(key) is not None}
    filled = {key: entry.asking.proposes[key][0].value for key in asks}
    goal = goal_from({**entry.keys, **filled, **given})
    return Readiness(entry=entry, goal=goal, asks=asks, lacks=_all_lacking(goal, study), in_osm={})


def _all_lacking(goal: Goal, study: Study) -> tuple[str, ...]:
    """Add to what lacks the columns that its files must have: better said at once than after the next try."""
    lacking = lacks(goal, study)
    finer = (key for key in _finer_needs(goal) if ".".join(key.split(".")[:2]) in lacking)
    return tuple(dict.fromkeys([*lacking, *finer]))


def _with_osm(readiness: Sequence[Readiness], study: Study, folder: Path) -> list[Readiness]:
    """Say which lacking services the OSM files hold, and which asked of OSM they do not."""
    files = _osm_files(study)
    if not files:
        return list(readiness)
    lacking = {key.removeprefix(FACILITIES) for item in readiness for key in item.lacks if key.startswith(FACILITIES)}
    asked = {service for service, sources in study.facilities.items() if _from_osm_alone(sources)}
    places = [tags for paths in files for tags in load_osm(paths, folder).extract.places["tags"]]
    counts = count_services(places, (lacking | asked) & set(service_catalogue()))
    none = {service for service in asked if not counts[service]}
    return [_counted(item, counts, none) for item in readiness]


def _osm_files(study: Study) -> list[list[Path]]:
    """List the files that a run reads, in the groups that it reads them in: the cache knows them so."""
    sources = [source for sources in study.facilities.values() for source in sources if isinstance(source, FacilityOsm)]
    others = dict.fromkeys(source.osm for source in sources if source.osm is not None)
    return [group for group in (study.streets, *([file] for file in others)) if group]


def _from_osm_alone(sources: Sequence[Any]) -> bool:
    return all(isinstance(source, FacilityOsm) for source in sources)


def _counted(item: Readiness, counts: Mapping[str, int], none: set[str]) -> Readiness:
    empty = [service for service in item.goal.services if service in none]
    needed = empty if len(empty) == len(item.goal.services) or _all_needed(item.goal) else []
    lacking = tuple(dict.fromkeys([*item.lacks, *(f"{FACILITIES}{service}" for service in needed)]))
    # What needs a column besides needs a list of its own: a map tells no class sizes.
    finer = {key.split(".")[1] for key in lacking if key.startswith(FACILITIES) and key.count(".") > 1}
    services = [key.removeprefix(FACILITIES) for key in lacking if key.startswith(FACILITIES)]
    services = [service for service in services if service not in finer]
    return replace(item, lacks=lacking, in_osm={service: counts[service] for service in services if counts.get(service)})


def _all_needed(goal: Goal) -> bool:
    """A bundle of `all` fails with one service missing; mixes, levels and comparisons go on with the rest."""
    bundle = getattr(goal, "bundle", None)
    return bundle is not None and bundle.of == "all"
