"""Encodings: what the bytes say, whatever a file declares."""

import codecs

import pytest

from lifecircle.geo.errors import InputError
from lifecircle.layers.encodings import declared_encoding, decode_value, text_encoding, values_encoding


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        ("名称,经度,纬度\n西湖医院,120.1,30.2\n", "gb18030", "gb18030"),
        ("名称,经度,纬度\n西湖医院,120.1,30.2\n", "utf-8", "utf-8-sig"),
        ("名称,经度,纬度\n西湖医院,120.1,30.2\n", "utf-8-sig", "utf-8-sig"),
        ("名称\t经度\n西湖医院\t120.1\n", "utf-16", "utf-16"),
        ("name,lon,lat\nclinic,120.1,30.2\n", "ascii", "utf-8-sig"),
    ],
)
def test_text_is_found_by_trial(tmp_path, text, written, found):
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode(written))
    assert text_encoding(file) == found
    assert file.read_bytes().decode(text_encoding(file)) == text


@pytest.mark.parametrize("written", ["latin-1", "big5"])
def test_other_text_asks_for_its_encoding(tmp_path, written):
    file = tmp_path / "a.csv"
    file.write_bytes({"latin-1": "São João, população, é", "big5": "醫院名稱診所"}[written].encode(written))
    with pytest.raises(InputError, match=r"a\.csv.*encoding:"):
        text_encoding(file)
    assert text_encoding(file, written) == written


def test_wrong_or_unknown_override_is_refused(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("西湖医院".encode("gb18030"))
    with pytest.raises(InputError, match=r"a\.csv: the text is not utf-8"):
        text_encoding(file, "utf-8")
    for nonsense in ("gbk2312", "hex"):
        with pytest.raises(InputError, match=f"unknown encoding '{nonsense}'"):
            text_encoding(file, nonsense)


def test_a_value_cut_inside_a_character_loses_only_that_character():
    assert decode_value("西湖医院".encode("gb18030")[:-1], "gb18030") == "西湖医"
    assert decode_value("西湖医院".encode()[:-2], "utf-8") == "西湖医"


def test_bytes_go_before_a_lying_declaration(tmp_path):
    gbk = ["拱墅区".encode("gb18030"), "余杭区".encode("gb18030")[:-1]]
    assert values_encoding(tmp_path, gbk, encoding=None, declared="utf-8") == "gb18030"
    assert values_encoding(tmp_path, gbk, encoding=None, declared="latin-1") == "gb18030"
    assert values_encoding(tmp_path, ["拱墅区".encode()], encoding=None, declared="gbk") == "utf-8"
    assert values_encoding(tmp_path, ["São".encode("latin-1")], encoding=None, declared="latin-1") == "latin-1"


@pytest.mark.parametrize(("label", "codec"), [("UTF-8", "utf-8"), ("936", "gbk"), ("ANSI 936", "gbk"), ("1252", "cp1252")])
def test_cpg_labels(tmp_path, label, codec):
    (tmp_path / "a.cpg").write_text(label)
    assert codecs.lookup(declared_encoding(tmp_path / "a.shp")).name == codec


def test_no_cpg_or_nonsense_declares_nothing(tmp_path):
    (tmp_path / "a.cpg").write_text("OEM?")
    assert declared_encoding(tmp_path / "a.shp") is None
    assert declared_encoding(tmp_path / "b.shp") is None
