"""Options that functions take as one: each named once, taken by the command under the same name, a wrong one refused."""

import inspect

import pytest

import lifecircle as lc
from lifecircle.analyses.siting.problem import SitingProblem
from lifecircle.studies.access.request import AccessQuestion
from lifecircle.studies.commands import access as access_command
from lifecircle.studies.commands.options import TRAVELLING
from lifecircle.studies.commands.siting_options import NUMBERS, OF_STUDY
from lifecircle.studies.siting.question import Means, Question
from lifecircle.studies.tables.street_network import Travelling


def test_commands_take_what_functions_take():
    assert set(TRAVELLING) == set(Travelling.__annotations__)
    assert {*NUMBERS, *OF_STUDY, "problem", "candidates"} == set(Question.__annotations__)
    assert set(Means.__annotations__) <= {*NUMBERS} & set(SitingProblem.__dataclass_fields__)
    assert set(AccessQuestion.__annotations__) <= set(inspect.signature(access_command.command).parameters)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lc.site("none.yaml", service="health", unserved=3), r"site\(\) got .* 'unserved'; it takes p, budget"),
        (lambda: lc.access("none.yaml", measures=["nearest"]), r"access\(\) got .* 'measures'; it takes measure"),
    ],
)
def test_unknown_keywords_are_refused_before_anything_is_read(call, words):
    with pytest.raises(TypeError, match=words):
        call()
