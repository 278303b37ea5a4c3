"""Wrong usage is said in the planner's language, with what to write instead, and ends with exit code 2."""

import pytest
from typer.testing import CliRunner

from lifecircle.studies.commands import app
from lifecircle.studies.speech.messages import default_language

PLACES = "matrix s.pbf --origins a.csv --destinations b.csv --out c.csv"
WRONG = {
    "site s.yaml --problem mcpl": ("--problem: write one of: mclp, lscp,", "--problem：只能写其中之一：mclp, lscp,", "'mclp'"),
    "matrix s.pbf": ("the option --origins is missing", "缺少选项 --origins", "lifecircle matrix --help"),
    f"{PLACES} --minutes -5": ("--minutes: write a number ≥ 0 (given: -5)", "--minutes：应为 ≥ 0 的数（现为：-5）", ""),
    f"{PLACES} --minutes abc": ("--minutes: write a number (given: abc)", "--minutes：应为数字（现为：abc）", ""),
    "isochrones s.pbf --facilities f.csv --minutes 5,x --out r.gpkg": ("minutes above 0, such as", "请写大于 0 的分钟数", "5,x"),
    "run": ("STUDY.yaml is missing", "缺少 STUDY.yaml", "lifecircle run --help"),
    "site s.yaml --p 1.5": ("--p: write a whole number (given: 1.5)", "--p：应为整数（现为：1.5）", ""),
    "run --oot x": ("there is no option --oot; did you mean '--out'?", "没有选项 --oot；是否想写 '--out'？", ""),
    "chekc": ("there is no command chekc; did you mean 'check'?", "没有命令 chekc；是否想写 'check'？", "lifecircle --help"),
    "matrix s.pbf --origins": ("--origins needs a value after it", "--origins 后面缺少值", ""),
    "run a.yaml b.yaml": ("this cannot be read", "命令写法不对", "b.yaml"),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_is_said_in_both_languages(line, monkeypatch):
    english, chinese, both = WRONG[line]
    for locale, said in (("C", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", locale)
        done = CliRunner().invoke(app, line.split())
        message = " ".join(done.stderr.split())
        assert done.exit_code == 2 and said in message and both in message, message


def test_the_language_asked_for_goes_before_the_locale_wherever_it_stands(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "is missing" in CliRunner().invoke(app, ["matrix", "s.pbf", "--lang", "en"]).stderr
    assert "is missing" in CliRunner().invoke(app, ["matrix", "--lang=en", "s.pbf"]).stderr
    monkeypatch.setenv("LC_ALL", "C")
    assert "缺少选项" in CliRunner().invoke(app, ["matrix", "s.pbf", "--lang", "zh"]).stderr
    assert default_language() == "en"  # the command is over
