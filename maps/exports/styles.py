"""QGIS styles (QML) in the colours of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as Xml

import geopandas as gpd

from ...analyses.results import Results
from ...layers.goals import TimedGoal
from .. import classes
from ..percent import short_percent
from ..texts import texts

_VERSION = "3.34.0"
_LANGUAGE = "zh"
_FACILITY_COLOURS = ("#16324f", "#2a7f9e", "#8a4fa3", "#b5440f", "#3b7d3b", "#7a1f10")


@dataclass(frozen=True)
class Style:
    """One named style of a layer."""

    name: str
    qml: str
    description: str


@dataclass(frozen=True)
class _Rule:
    """One line of a rule-based legend."""

    label: str
    condition: str
    colour: str


def demand_styles(results: Results) -> list[Style]:
    """Return one style per goal: the gap view of the map."""
    kind = _symbol_kind(results.demand)
    return [_ruled(goal, _gap_rules(goal), kind, "status") for goal in results.goals]


def zone_styles(results: Results) -> list[Style]:
    """Return one style per goal: the share covered, against the target."""
    return [_ruled(goal, _share_rules(goal), "fill", "share") for goal in results.goals]


def facility_styles(results: Results) -> list[Style]:
    """Return one style: a colour per service."""
    used = sorted(set(results.facilities["service"].astype(str)))
    names = {key: service.title.zh for key, service in results.services.items()}
    colours = [_FACILITY_COLOURS[i % len(_FACILITY_COLOURS)] for i in range(len(used))]
    categories = [(value, names.get(value, value), colour) for value, colour in zip(used, colours, strict=True)]
    qml = _categorised("service", categories, _symbol_kind(results.facilities))
    return [Style("service", qml, "service")]


def gap_styles(results: Results) -> list[Style]:
    """Return one style: graduated by people, darker where there are more."""
    people = results.gaps["people"]
    most = float(people.max()) if len(people) else 0.0
    bounds = [0.0, *(round(most * part) for part in (0.1, 0.25, 0.5, 0.75)), most]
    return [Style("people", _graduated("people", bounds, classes.GAP_COLOURS[1:]), "people")]


def _gap_rules(goal: TimedGoal) -> list[_Rule]:
    words, status = texts(_LANGUAGE), _field(f"{goal.id}.status")
    over = f"({_field(f'{goal.id}.minutes')} - {goal.minutes:g})"
    breaks = (0.0, *classes.gap_breaks(goal.minutes))
    rules = [_Rule(words["map"]["within"].format(minutes=f"{goal.minutes:g}"), f"{status} = 'covered'", "")]
    for low, high in pairwise(breaks):
        label = words["map"]["over"].format(**{"from": f"{low:g}", "to": f"{high:g}"})
        rules.append(_Rule(label, f"{status} = 'beyond' AND {over} > {low:g} AND {over} <= {high:g}", ""))
    last = words["map"]["over_last"].format(**{"from": f"{breaks[-1]:g}"})
    rules.append(_Rule(last, f"{status} = 'beyond' AND {over} > {breaks[-1]:g}", ""))
    coloured = [_Rule(r.label, r.condition, c) for r, c in zip(rules, classes.GAP_COLOURS, strict=True)]
    others = classes.STATUS_COLOURS.items()
    return coloured + [_Rule(words["shared"]["status"][key], f"{status} = '{key}'", colour) for key, colour in others]


def _share_rules(goal: TimedGoal) -> list[_Rule]:
    words, share = texts(_LANGUAGE)["map"], _field(f"{goal.id}.share")
    breaks = classes.share_breaks(goal)
    shown = [short_percent(value) for value in breaks]
    rules = [_Rule(words["share_first"].format(to=shown[0]), f"{share} < {breaks[0]:g}", classes.SHARE_COLOURS[0])]
    for i, colour in enumerate(classes.SHARE_COLOURS[1:-1]):
        label = words["share_between"].format(**{"from": shown[i], "to": shown[i + 1]})
        rules.append(_Rule(label, f"{share} >= {breaks[i]:g} AND {share} < {breaks[i + 1]:g}", colour))
    label = words["share_last"].format(**{"from": shown[-1]})
    rules.append(_Rule(label, f"{share} >= {breaks[-1]:g}", classes.SHARE_COLOURS[-1]))
    return [*rules, _Rule(words["no_share"], f"{share} IS NULL", classes.STATUS_COLOURS["excluded"])]


def _field(name: str) -> str:
    """Quote a column for a QGIS expression; our names hold dots and hyphens."""
    return '"' + name.replace('"', '""') + '"'


def _symbol_kind(table: gpd.GeoDataFrame) -> str:
    return "marker" if bool((table.geometry.geom_type == "Point").all()) else "fill"


def _document(renderer: Xml.Element, kind: str) -> str:
    root = Xml.Element("qgis", version=_VERSION, styleCategories="Symbology")
    root.append(renderer)
    Xml.SubElement(root, "layerGeometryType").text = "0" if kind == "marker" else "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + Xml.tostring(root, encoding="unicode")


def _ruled(goal: TimedGoal, rules: Sequence[_Rule], kind: str, what: str) -> Style:
    renderer = Xml.Element("renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0", forceraster="0")
    tree = Xml.SubElement(renderer, "rules", key="all")
    for i, rule in enumerate(rules):
        Xml.SubElement(tree, "rule", key=f"r{i}", symbol=str(i), label=rule.label, filter=rule.condition)
    _symbols(renderer, [rule.colour for rule in rules], kind)
    return Style(goal.id, _document(renderer, kind), f"{goal.name(_LANGUAGE)} ({what})")


def _categorised(column: str, categories: Sequence[tuple[str, str, str]], kind: str) -> str:
    renderer = Xml.Element("renderer-v2", type="categorizedSymbol", attr=_field(column), symbollevels="0", enableorderby="0")
    listed = Xml.SubElement(renderer, "categories")
    for i, (value, label, _) in enumerate(categories):
        Xml.SubElement(listed, "category", value=value, label=label, symbol=str(i), render="true", type="string")
    _symbols(renderer, [colour for _, _, colour in categories], kind)
    return _document(renderer, kind)


def _graduated(column: str, bounds: Sequence[float], colours: Sequence[str]) -> str:
    renderer = Xml.Element(
        "renderer-v2", type="graduatedSymbol", attr=_field(column), graduatedMethod="GraduatedColor", symbollevels="0",
        enableorderby="0",
    )  # fmt: skip
    ranges = Xml.SubElement(renderer, "ranges")
    for i, (low, high) in enumerate(pairwise(bounds)):
        label = f"{low:,.0f} – {high:,.0f}"
        Xml.SubElement(ranges, "range", lower=repr(low), upper=repr(high), label=label, symbol=str(i), render="true")
    _symbols(renderer, colours, "fill")
    return _document(renderer, "fill")


def _symbols(renderer: Xml.Element, colours: Sequence[str], kind: str) -> None:
    symbols = Xml.SubElement(renderer, "symbols")
    for i, colour in enumerate(colours):
        symbol = Xml.SubElement(symbols, "symbol", name=str(i), type=kind, alpha="0.9", clip_to_extent="1", force_rhr="0")
        simple = {"marker": "SimpleMarker", "fill": "SimpleFill"}[kind]
        layer = Xml.SubElement(symbol, "layer", {"class": simple, "enabled": "1", "locked": "0", "pass": "0"})
        options = Xml.SubElement(layer, "Option", type="Map")
        for name, value in _properties(colour, kind).items():
            Xml.SubElement(options, "Option", name=name, value=value, type="QString")


def _properties(colour: str, kind: str) -> dict[str, str]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    properties = {
        "color": f"{red},{green},{blue},255", "outline_color": "90,95,105,120", "outline_style": "solid",
        "outline_width": "0.1", "outline_width_unit": "MM", "style": "solid",
    }  # fmt: skip
    if kind == "marker":
        properties |= {"name": "square", "size": "1.6", "size_unit": "MM", "outline_style": "no"}
    return properties
