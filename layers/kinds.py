"""Kinds of units: county, county-level city or urban district; township or sub-district; village or community."""

from __future__ import annotations

from typing import Final, get_args

import pandas as pd

from .columns import as_text
from .goals import UnitKind

KINDS: Final[tuple[str, ...]] = get_args(UnitKind)
# Official Chinese names end in the kind of unit. What ends in 市 or 区 says so at county level only, hence the levels.
ENDINGS: Final = {
    "county": {
        "县级市": "county-level-city", "市辖区": "urban-district",
        "县": "county", "市": "county-level-city", "区": "urban-district",
    },
    "township": {"街道办事处": "sub-district", "街道": "sub-district", "镇": "township", "乡": "township"},
    "village": {
        "行政村": "administrative-village", "村委会": "administrative-village", "村民委员会": "administrative-village",
        "村": "administrative-village", "社区": "community", "居委会": "community", "居民委员会": "community",
    },
}  # fmt: skip


def unit_kinds(column: pd.Series, *, level: str) -> pd.Series:
    """Tell the kind of each unit from a column that states it, or from official names that end in it.

    Parameters
    ----------
    column : Series
        A kind of `goals.UnitKind`, its Chinese word (县级市, 街道, 行政村 ...) or a name such as 临海市.
    level : str
        county, township or village; on other levels only the kinds themselves are known.

    Returns
    -------
    Series of str
        Null where a name does not tell.
    """
    text = as_text(column)
    kinds = text.where(text.isin(KINDS))
    for ending, kind in sorted(ENDINGS.get(level, {}).items(), key=lambda pair: len(pair[0])):
        # Longer endings come later: 社区 is no 区, 县级市 is no 市.
        told = text.str.endswith(ending).fillna(False).astype(bool) & ~text.isin(KINDS)
        kinds = kinds.mask(told, kind)
    return kinds.astype("str")
