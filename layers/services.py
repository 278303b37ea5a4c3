"""The service catalogue: what each public service is called, how OpenStreetMap tags it, how a user's list is recognised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from .goals import Text
from .yaml_text import parse

TagQuery = dict[str, list[str]]
CapacityUnit = Literal["beds", "seats", "places", "m2", "volumes"]
Tier = Literal["province", "city", "county", "township", "village", "community"]
NAME_TAGS: Final = ("name", "name:zh", "name:zh-Hans", "official_name", "alt_name")


class Service(BaseModel):
    """One kind of public service.

    Attributes
    ----------
    title : Text
        Name in Chinese and English.
    tier : str or None
        Level that usually runs one; None where there are several or it is not certain.
    capacity : str or None
        What its capacity counts in: beds, seats (of pupils), places, m2 or volumes.
    osm : list of dict
        Tag queries; a feature belongs to the service when it matches any of them. A query matches when every key is
        present with one of the listed values (`"*"` = any value; OSM lists several values as `a;b`).
    osm_if_named : list of dict
        Queries that count only where a name of the feature holds one of `names`: in China a township health centre is
        mostly tagged as a hospital, and told apart by its name.
    names : list of str
        Parts of the names that such places usually bear.
    not_named : list of str
        Parts of names that mean something else; they outrule every query.
    unless : list of dict
        Queries of the same form; a feature that matches any of them is left out (a private pitch serves nobody).
    amap : list of str
        Six-digit type codes of the AMap map service that are this service and nothing else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    tier: Tier | None = None
    capacity: CapacityUnit | None = None
    osm: list[TagQuery] = Field(default_factory=list)
    osm_if_named: list[TagQuery] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)
    not_named: list[str] = Field(default_factory=list)
    unless: list[TagQuery] = Field(default_factory=list)
    amap: list[Annotated[str, Field(pattern=r"^\d{6}$")]] = Field(default_factory=list)

    @property
    def queries(self) -> list[TagQuery]:
        """All tag queries, whether a name is asked for besides or not: what to download."""
        return [*self.osm, *self.osm_if_named]

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a feature with these OSM tags belongs to the service."""
        named = [tags[key] for key in NAME_TAGS if key in tags]
        if any(_meets(tags, query) for query in self.unless) or _holds(named, self.not_named):
            return False
        if any(_meets(tags, query) for query in self.osm):
            return True
        return _holds(named, self.names) and any(_meets(tags, query) for query in self.osm_if_named)

    def recognises(self, name: str) -> bool:
        """Tell whether a row of a user's list with this name is probably of the service."""
        return _holds([name], self.names) and not _holds([name], self.not_named)


@cache
def service_catalogue() -> Mapping[str, Service]:
    """Return the services shipped with lifecircle, by id, sector after sector."""
    folder = resources.files(__package__).joinpath("service_catalogue")
    services: dict[str, Service] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        entries = parse(file.read_text(encoding="utf-8")).value
        services |= {id: Service.model_validate(entry) for id, entry in entries.items()}
    return MappingProxyType(services)


def likely_services(*, name: str | None = None, amap: str | None = None) -> tuple[str, ...]:
    """Guess the services of a row in a user's list.

    Parameters
    ----------
    name : str, optional
        Its name, such as 开化县齐溪镇卫生院.
    amap : str, optional
        Its AMap type code; several are separated by `|`, as that service exports them.

    Returns
    -------
    tuple of str
        Ids of services: those with the code first, then those told by the longest part of the name.
    """
    catalogue = service_catalogue()
    codes = set((amap or "").split("|"))
    by_code = [id for id, service in catalogue.items() if codes & set(service.amap)]
    by_name = sorted(
        (id for id, service in catalogue.items() if name and service.recognises(name)),
        key=lambda id: -max(len(part) for part in catalogue[id].names if part in (name or "")),
    )
    return tuple(dict.fromkeys([*by_code, *by_name]))


def count_services(places: Sequence[Mapping[str, str]], ids: Iterable[str]) -> dict[str, int]:
    """Count the places of each service.

    Parameters
    ----------
    places : sequence of mapping
        Tags of tagged places.
    ids : iterable of str
        Services of the catalogue.
    """
    having = _by_tag(places)
    counts = {}
    for id in ids:
        service = service_catalogue()[id]
        near = {row for query in service.queries for tag in _first_tags(query) for row in having[tag]}
        counts[id] = sum(service.matches(places[row]) for row in near)
    return counts


def _by_tag(places: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], list[int]]:
    """List the rows that have each tag that a query of the catalogue starts with."""
    keys = {next(iter(query)) for service in service_catalogue().values() for query in service.queries}
    having: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, tags in enumerate(places):
        for key in keys & tags.keys():
            for value in ("*", *map(str.strip, tags[key].split(";"))):
                having[key, value].append(row)
    return having


def _first_tags(query: TagQuery) -> list[tuple[str, str]]:
    key, values = next(iter(query.items()))
    return [(key, value) for value in values]


def _meets(tags: Mapping[str, str], query: TagQuery) -> bool:
    return all(_has(tags.get(key), values) for key, values in query.items())


def _has(value: str | None, wanted: list[str]) -> bool:
    if value is None:
        return False
    return "*" in wanted or any(part.strip() in wanted for part in value.split(";"))


def _holds(names: list[str], parts: list[str]) -> bool:
    return any(part in name for name in names for part in parts)
