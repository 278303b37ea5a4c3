"""YAML from users: plain values, one sentence with the line for everything else, and never long."""

import pytest

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.layers.yaml_text import YamlError, parse, read_text
from lifecircle.studies.file.reading import read_study


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing", None),
        ("name: 2020-01-01", {"name": "2020-01-01"}),
        ("name: 2024-13-45", {"name": "2024-13-45"}),
        ("code: 0330", {"code": "0330"}),
        ("code: 12:30", {"code": "12:30"}),
        ("code: 12E4", {"code": "12E4"}),
        ("code: 1_000", {"code": "1_000"}),
        ("code: 0x1F", {"code": "0x1F"}),
        ("a: [no, off, yes, y]", {"a": ["no", "off", "yes", "y"]}),
        ("a: [true, False, null, ~, ]", {"a": [True, False, None, None]}),
        ("a: [1, -2, 1.5, .5, 1.5e3, '1']", {"a": [1, -2, 1.5, 0.5, 1500.0, "1"]}),
        ("2020: a\ntrue: b\n1.5: c", {"2020": "a", "true": "b", "1.5": "c"}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}\ne: [*x, *x]", {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": [{"b": 1}] * 2}),
        ("a: !!str 012", {"a": "012"}),
        ("a: " + "9" * 5_000, {"a": "9" * 5_000}),
    ],
)
def test_plain_values(text, value):
    assert parse(text).value == value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: *x", 2, "refers to nothing above"),
        ("a: &x [1, *x]", 1, "it would have no end"),
        ("a: &x {<<: *x}", 1, "it would have no end"),
        ("a: 1\nb: !!python/object/apply:os.system ['x']", 2, "no kind of value that is read here"),
        ("a: !mine 3", 1, "no kind of value that is read here"),
        ("a: !!binary aGk=", 1, "no kind of value that is read here"),
        ("a: b\0", 1, "U+0000"),
        ("a: 1\nb: c\x0bd", 2, "U+000B"),
        ('a: "\\0"', 1, "control character"),
        ("a: \ufeffb", 1, "U+FEFF"),
        ("a:\n\t- b", 2, "cannot start any token"),
        ("a: 'b", 1, "unexpected end"),
        ("a: 1\nb: .inf", 2, "no number that can be used"),
        ("a: 1.0e999", 1, "no number that can be used"),
        ("a: .nan", 1, "no number that can be used"),
        ("a: 1\n'a': 2", 2, "'a' stands twice"),
        ("a:\n  - {b: 1, b: 2}", 2, "'b' stands twice"),
        ("2020: 1\n'2020': 2", 2, "stands twice"),
        ("? [1]\n: 2", 1, "a key is one text"),
        ("~: 2", 1, "a key is missing"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("c: {<<: 3}", 1, "merging"),
        ("a: " + "[" * 100_000, 1, "more than 30 deep"),
        ("".join(" " * row + "a:\n" for row in range(500)), 31, "more than 30 deep"),
        ("\n".join(["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]), 15, "more than 100,000"),
        ("\n".join(["a0: &a0 {x: 1}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 60)]), 15, "100,000"),
        ("\n".join(f"k{n}: 1" for n in range(60_000)), 50_000, "more than 100,000"),
    ],
    ids=range(27),
)
def test_anything_else_is_one_sentence_with_its_line(text, line, words):
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.line == line
    assert "\n" not in str(caught.value)


def test_references_are_not_walked_again():
    """Each list refers to the one above nine times: written out it has 10 million values, as a tree 80."""
    text = "\n".join(
        ["a: &a [x,x,x,x,x,x,x,x,x]"]
        + [f"{k}: &{k} [{','.join([f'*{j}'] * 9)}]" for j, k in zip("abcdef", "bcdefg", strict=True)]
    )
    with pytest.raises(YamlError, match="written out"):
        parse(text)
    inside = "a: &a [1, 2]\n" + "\n".join(f"b{n}: *a" for n in range(1_000))
    assert len(parse(inside).value) == 1_001


def test_files_that_are_no_text(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match=r"study\.yaml: is no text in UTF-8 or GBK"):
        read_text(file)
    file.write_bytes(b"a" * 4_000_001)
    with pytest.raises(InputError, match="more than 4 MB"):
        read_text(file)
    with pytest.raises(InputError, match="not an ordinary file"):
        read_text(type(tmp_path)("/dev/zero"))


@pytest.mark.parametrize("number", ["1e999", ".inf", "'inf'", "nan", "1" + "0" * 400])
def test_a_number_of_a_study_is_finite(tmp_path, number):
    goal = f"[{{id: a, service: fitness, mode: walk, minutes: {number}}}]"
    (tmp_path / "study.yaml").write_text(f"name: a\nout: out\nfacilities: {{fitness: osm}}\ngoals: {goal}\n")
    with pytest.raises(StudyError, match=r"line 4: "):
        read_study(tmp_path / "study.yaml")


def test_many_mistakes_are_not_all_told(tmp_path):
    (tmp_path / "study.yaml").write_text("\n".join(f"k{n}: 1" for n in range(5_000)))
    with pytest.raises(StudyError) as caught:
        read_study(tmp_path / "study.yaml")
    assert "k0" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 21
    assert "more of these" in str(caught.value)
