"""Made-up names: plausible for the coast of Zhejiang, put together from syllables, each used once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FIRST = "上下大小东西前后里外长石金白青竹松梅沙龙"
FAMILIES = "陈林王叶潘金郑应周吴徐蒋项阮颜梁柯罗"
ENDINGS = {
    "plain": ("桥", "塘", "浦", "闸", "宅", "街", "家", "洋"),
    "valley": ("溪", "坑", "岙", "垟", "坦", "潭", "园", "口"),
    "mountain": ("岭", "岩", "坪", "山", "寮", "坳", "峰", "坞"),
    "coast": ("屿", "沙", "礁", "湾", "塘", "门", "涂", "角"),
}
STREET_FIRST = (
    "人民",
    "解放",
    "中山",
    "建设",
    "文化",
    "东门",
    "西门",
    "南门",
    "北门",
    "环城",
    "澜江",
    "望江",
    "海韵",
    "学院",
    "振兴",
    "新安",
    "清平",
    "永宁",
    "康乐",
    "兴业",
    "育才",
    "迎宾",
    "古城",
    "沿河",
    "朝阳",
    "万泉",
    "九龙",
    "锦绣",
    "横湖",
    "石桥",
)
STREET_LAST = {
    "primary": "大道",
    "secondary": "大街",
    "tertiary": "路",
    "residential": "街",
    "footway": "弄",
    "pedestrian": "步行街",
}


class NameGiver:
    """Hands out names; the same random stream gives the same names, and no name comes twice."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._given: set[str] = set()

    def name_village(self, kind: str) -> str:
        """Return a new village name for a plain, valley, mountain or coast."""
        while True:
            family = self._random.random() < 0.45
            name = self._pick(FAMILIES if family else FIRST) + self._pick(ENDINGS[kind])
            if self._random.random() < 0.25:
                name = self._pick(FIRST) + name
            if name not in self._given:
                self._given.add(name)
                return f"{name}村"

    def name_streets(self, count: int) -> list[str]:
        """Return `count` different first parts of street names, for one town."""
        pool = list(STREET_FIRST) + [a + b for a in FIRST for b in "华兴和安平"]
        self._random.shuffle(pool)
        return pool[:count]

    def _pick(self, pool: Sequence[str]) -> str:
        return pool[int(self._random.integers(len(pool)))]
