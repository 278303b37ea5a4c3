"""The service catalogue: what each public service is called and how OpenStreetMap tags it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from .goals import Text

TagQuery = dict[str, list[str]]


class Service(BaseModel):
    """One kind of public service.

    Attributes
    ----------
    title : Text
        Name in Chinese and English.
    osm : list of dict
        Tag queries; a feature belongs to the service when it matches any of them. A query matches when every key is
        present with one of the listed values (`"*"` = any value; OSM lists several values as `a;b`).
    unless : list of dict
        Tag queries of the same form; a feature that matches any of them is left out (a private pitch serves nobody).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    osm: list[TagQuery] = []
    unless: list[TagQuery] = []

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a feature with these OSM tags belongs to the service."""
        return any(_meets(tags, query) for query in self.osm) and not any(_meets(tags, query) for query in self.unless)


@cache
def service_catalogue() -> Mapping[str, Service]:
    """Return the services shipped with lifecircle, by id."""
    text = resources.files(__package__).joinpath("services.yaml").read_text(encoding="utf-8")
    return {key: Service.model_validate(value) for key, value in yaml.safe_load(text).items()}


def _meets(tags: Mapping[str, str], query: TagQuery) -> bool:
    return all(_has(tags.get(key), values) for key, values in query.items())


def _has(value: str | None, wanted: list[str]) -> bool:
    if value is None:
        return False
    return "*" in wanted or any(part.strip() in wanted for part in value.split(";"))
