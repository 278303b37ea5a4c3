"""XLSX: the scorecard as planners hand it on, in Chinese or English, with the definitions it was judged by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from ...analyses.results import Results
from ...analyses.scorecard import COLUMNS, DETAILS, OUTSIDE
from ...layers.goals import GoalBase, Text, variant_goals
from ..figures import plain
from .scorecard_words import explanation, required, scorecard_words, span, value_digits, verdict

UNIT_HEADS: Final = (
    "goal", "check", "unit", "name", "people", "figure", "value", "required", "met", "gap_people", "gap_facilities",
    "facilities", "rank", "range", "explanation",
)  # fmt: skip
SUMMARY_HEADS: Final = tuple("section" if head == "unit" else head for head in UNIT_HEADS if head not in ("name", "rank"))
VARIANT_HEADS: Final = ("goal", "variant", "level", "unit", "name", "people", "figure", "value", "required", "met", "explanation")
WIDTHS: Final = {
    "goal": 34, "check": 12, "section": 12, "level": 12, "unit": 14, "name": 18, "figure": 20, "required": 24, "met": 12,
    "range": 28, "explanation": 60, "variant": 30, "item": 22, "content": 110,
}  # fmt: skip
USUAL_WIDTH: Final = 12
FORMATS: Final = {"people": "#,##0", "gap_people": "#,##0", "gap_facilities": "#,##0", "facilities": "#,##0", "rank": "0"}
MOST_ROWS: Final = 1_048_575  # of a sheet, below its header
LONGEST_TEXT: Final = 32_767
A4: Final = 9  # number of the paper size in the file format
HEAD_FILL: Final = PatternFill("solid", fgColor="1F3864")
# Dark text on light ground, and blue against orange: told apart by colour-blind readers and in grey print.
VERDICT_FILLS: Final = {"✓": ("DDEBF7", "1F4E79"), "✗": ("FCE4D6", "9C3400")}


def write_scorecard(results: Results, path: str | Path, *, language: str = "zh") -> None:
    """Write one workbook: a summary, a sheet per level, all definitions side by side, and what they are.

    Parameters
    ----------
    results : Results
    path : str or Path
    language : {"zh", "en"}
        Of headings, words and goal titles.
    """
    book = Workbook(write_only=True)
    words = scorecard_words(language)
    goals = {goal.id: goal for goal in (*results.goals, *results.checks)}
    card = results.scorecard.reindex(columns=[*COLUMNS, *DETAILS])
    whole = (card["level"] == "all") | (card["unit"] == "all")
    summary = _rows(card[whole], goals, language)
    _sheet(book, words["sheets"]["summary"], SUMMARY_HEADS, summary, words, footer=results.sources)
    for level in dict.fromkeys(card.loc[~whole, "level"]):
        rows = _rows(card[~whole & (card["level"] == level)], goals, language)
        _sheet(book, words["levels"].get(level, level), UNIT_HEADS, rows, words)
    if len(results.variants):
        taken = card[card["goal"].isin(results.variants["goal"])]
        both = pd.concat([taken, results.variants.reindex(columns=card.columns)], ignore_index=True)
        _sheet(book, words["sheets"]["variants"], VARIANT_HEADS, _rows(both, goals, language), words)
    _definitions(book, results, goals, language)
    book.save(path)


def _rows(card: pd.DataFrame, goals: Mapping[str, GoalBase], language: str) -> Iterable[dict[str, Any]]:
    """Turn scorecard rows into what the cells show."""
    words = scorecard_words(language)
    for row in card.to_dict("records"):
        goal, level = goals[str(row["goal"])], row["level"]
        numbers = {key: plain(row[key]) for key in (*FORMATS, "value")}
        yield {
            **numbers,
            "goal": goal.name(language),
            "section": goal.section,
            "check": words["checks"].get(row["check"], row["check"]),
            "level": words["levels"].get(level, level),
            "unit": "" if row["unit"] == OUTSIDE else row["unit"],
            "name": plain(row["name"]),
            "figure": words["figures"].get(row["figure"], row["figure"]),
            "required": required(row, language),
            "met": verdict(row, language),
            "range": span(row, language),
            "variant": _definition_name(goal, row["variant"], language),
            "explanation": explanation(row, language),
            "share_digits": value_digits(row) if row["value_unit"] == "share" else None,
        }


def _definition_name(goal: GoalBase, variant: Any, language: str) -> str:
    titles = {known.id: getattr(known.title, language) for known in goal.variants}
    return str(titles.get(variant, scorecard_words(language)["main_definition"]))


def _sheet(
    book: Workbook, title: str, heads: Sequence[str], rows: Iterable[dict[str, Any]], words: Any, footer: Sequence[str] = ()
) -> None:
    """Write one table under a frozen header."""
    sheet = book.create_sheet(_sheet_name(title, book))
    _start(sheet, heads, [words["columns"][head] for head in heads])
    last = 1
    for last, row in enumerate(rows, start=2):
        if last > MOST_ROWS + 1:
            break  # scorecard.csv holds them all
        sheet.append([_cell(sheet, head, row) for head in heads])
    for line in footer:
        sheet.append([_text(sheet, f"{words['attribution']}: {line}")])
    area = f"A1:{get_column_letter(len(heads))}{last}"
    sheet.auto_filter.ref = area
    for sign, (ground, ink) in VERDICT_FILLS.items():
        column = get_column_letter(heads.index("met") + 1)
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            [f'LEFT(${column}2,1)="{sign}"'], fill=PatternFill(bgColor=ground), font=Font(color=ink)
        )
        sheet.conditional_formatting.add(f"{column}2:{column}{max(last, 2)}", rule)


def _start(sheet: Any, heads: Sequence[str], titles: Sequence[str]) -> None:
    """Set what a write-only sheet must know before its rows: widths, the frozen header, the page."""
    for number, head in enumerate(heads, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS.get(head, USUAL_WIDTH)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    header = []
    for title in titles:
        cell = _text(sheet, title)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        header.append(cell)
    sheet.append(header)


def _cell(sheet: Any, head: str, row: Mapping[str, Any]) -> Any:
    value = row[head]
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    digits = row["share_digits"]
    cell.number_format = FORMATS.get(head, "#,##0.###" if digits is None else f"0.{'0' * digits}%")
    return cell


def _text(sheet: Any, value: object) -> Any:
    """Make a cell of text: never a formula, whatever a name begins with, and no character that breaks the file."""
    cell = WriteOnlyCell(sheet, value="")
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:LONGEST_TEXT]
    cell.value = text
    cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # Excel keeps it text when somebody edits the cell
    return cell


def _definitions(book: Workbook, results: Results, goals: Mapping[str, GoalBase], language: str) -> None:
    """Write the sheet of phrases, parameters and sources."""
    words = scorecard_words(language)
    sheet = book.create_sheet(_sheet_name(words["sheets"]["definitions"], book))
    _start(sheet, ("item", "content"), list(words["definition_columns"].values()))
    for line in results.sources:
        sheet.append([_text(sheet, words["attribution"]), _text(sheet, line)])
    for goal in goals.values():
        title = _text(sheet, goal.name(language))
        title.font = Font(bold=True)
        sheet.append([])
        sheet.append([title])
        for item, content in _defined(goal, language):
            text = _text(sheet, content)
            text.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.append([_text(sheet, item), text])


def _defined(goal: GoalBase, language: str) -> Iterable[tuple[str, str]]:
    """Yield what a goal's figures rest on."""
    names = scorecard_words(language)["definition"]
    yield names["id"], goal.id
    document = " ".join(filter(None, (goal.document, goal.section)))
    told = {"document": document, "phrase": goal.phrase, "parameters": _parameters(goal), "source": _said(goal.source, language)}
    yield from ((names[key], text) for key, text in told.items() if text)
    yield from ((names["sources"].format(key=key), _said(source, language)) for key, source in goal.sources.items())
    if goal.note is not None:
        yield names["note"], getattr(goal.note, language)
    for variant, definition in zip(goal.variants, variant_goals(goal), strict=True):
        changed = _parameters(definition, only=tuple(variant.set))
        yield names["variant"].format(title=getattr(variant.title, language)), f"{changed} ({_said(variant.source, language)})"


def _said(source: Text | str | None, language: str) -> str:
    """Say where a number comes from."""
    if isinstance(source, Text):
        return str(getattr(source, language))
    return str(scorecard_words(language)["source"].get(source, source)) if source else ""


NO_PARAMETERS: Final = frozenset(
    {"id", "title", "document", "section", "phrase", "plan_row", "source", "sources", "note", "variants", "due"}
)


def _parameters(goal: GoalBase, only: Sequence[str] = ()) -> str:
    """List the keys of a goal as in a study file."""
    values = goal.model_dump(mode="json", exclude_none=True, exclude=set(NO_PARAMETERS))
    chosen = {key: value for key, value in values.items() if value not in ([], {}) and (not only or key in only)}
    return "; ".join(f"{key}: {_flat(value)}" for key, value in chosen.items())


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flat(part)}" for key, part in value.items() if part not in (None, [], {})) + "}"
    return "[" + ", ".join(_flat(part) for part in value) + "]" if isinstance(value, list) else str(value)


def _sheet_name(title: str, book: Workbook) -> str:
    """Return a name that Excel accepts: 31 characters, none of []:*?/\\, no twin."""
    clean = "".join("-" if letter in "[]:*?/\\" else letter for letter in unicodedata.normalize("NFC", title)).strip("'")
    name, number = clean[:31] or "-", 2
    while name.casefold() in {known.casefold() for known in book.sheetnames}:
        name, number = f"{clean[:27]} {number}", number + 1
    return name
