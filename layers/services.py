"""The service catalogue: what each public service is called and how OpenStreetMap tags it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from .goals import Text


class Service(BaseModel):
    """One kind of public service.

    Attributes
    ----------
    title : Text
        Name in Chinese and English.
    osm : list of dict
        Tag queries; a feature belongs to the service when it matches any of them. A query matches when every key is
        present with one of the listed values (`"*"` = any value).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    osm: list[dict[str, list[str]]] = []


@cache
def service_catalogue() -> Mapping[str, Service]:
    """Return the services shipped with lifecircle, by id."""
    text = resources.files(__package__).joinpath("services.yaml").read_text(encoding="utf-8")
    return {key: Service.model_validate(value) for key, value in yaml.safe_load(text).items()}
