"""The examples of docs/goals.md are read by the program."""

import re
from pathlib import Path

from lifecircle.layers.catalogue import find_entry, find_goal, goal_catalogue, read_catalogue
from lifecircle.layers.goals import CHECKS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "goals.md").read_text(encoding="utf-8")


def test_the_example_file_has_every_check_and_is_read(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "kaihua.yaml"
    file.write_text(example, encoding="utf-8")
    catalogue = read_catalogue([file])
    own = [entry for id, entry in catalogue.items() if id not in goal_catalogue()]
    assert {entry.check for entry in own} == set(CHECKS)
    assert find_goal("kaihua-fitness", catalogue).minutes == 8
    assert find_entry("kaihua-nurseries", catalogue).missing() == ("minutes",)


def test_the_group_names_of_the_plan_are_those_told():
    groups = {getattr(entry.example(), "group", None) for entry in goal_catalogue().values()} - {None}
    variants = {variant.set.get("group") for entry in goal_catalogue().values() for variant in entry.example().variants} - {None}
    told = set(re.findall(r"`((?:children|youth|women|elderly)_\w+|disabled|registered)`", TEXT))
    assert groups | variants == told
