"""The service catalogue: Chinese tagging habits, names that mean something else, rows of a user's list."""

import pytest

from lifecircle.geo.reading.places import PLACE_KEYS
from lifecircle.layers.catalogue import goal_catalogue
from lifecircle.layers.services import Service, likely_services, service_catalogue

HOSPITAL = {"amenity": "hospital", "healthcare": "hospital"}  # as Chinese mappers tag whatever treats the sick


@pytest.mark.parametrize(
    ("tags", "services"),
    [
        ({**HOSPITAL, "name": "开化县人民医院"}, {"hospital"}),
        ({**HOSPITAL, "name": "齐溪镇卫生院"}, {"township_health", "primary_care"}),
        ({**HOSPITAL, "name:zh": "城关社区卫生服务中心"}, {"township_health", "primary_care"}),
        ({**HOSPITAL, "name": "下湾村卫生室"}, {"village_clinic", "primary_care"}),
        ({**HOSPITAL, "name": "县妇幼保健院"}, {"hospital", "maternal_child_health", "paediatrics"}),
        ({"amenity": "clinic", "name": "宠物诊所"}, set()),
        (HOSPITAL, {"hospital"}),
        ({"healthcare": "centre", "name": "Posto de Saúde"}, {"township_health", "primary_care"}),
    ],
)
def test_health_is_told_apart_by_names(tags, services):
    asked = ("hospital", "township_health", "village_clinic", "primary_care", "maternal_child_health", "paediatrics")
    assert {id for id in asked if service_catalogue()[id].matches(tags)} == services


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("实验小学", "primary_school"),
        ("城北初级中学", "junior_school"),
        ("培智学校", "special_school"),
        ("县职教中心", "vocational_school"),
    ],
)
def test_schools_are_told_apart_by_names(name, service):
    kinds = ("primary_school", "junior_school", "special_school", "vocational_school")
    tags = {"amenity": "school", "name": name}
    assert [id for id in kinds if service_catalogue()[id].matches(tags)] == [service]


def test_a_name_counts_only_with_tags_that_fit():
    hall = service_catalogue()["village_culture_hall"]
    assert hall.matches({"amenity": "community_centre", "name": "下湾村文化礼堂"})
    assert not hall.matches({"amenity": "community_centre", "name": "下湾村老年活动室"})
    assert not hall.matches({"highway": "bus_stop", "name": "文化礼堂"})


def test_tags_outrule_in_the_order_unless_not_named_osm():
    title = {"zh": "x", "en": "x"}
    query = [{"leisure": ["pitch"]}]
    service = Service(title=title, osm=query, not_named=["拆"], unless=[{"access": ["private"]}])
    assert service.matches({"leisure": "pitch;track", "name": "球场"})
    assert not service.matches({"leisure": "pitch", "name": "已拆球场"})
    assert not service.matches({"leisure": "pitch", "access": "private"})


def test_rows_of_a_list_are_recognised_by_code_and_name():
    assert likely_services(amap="141204", name="阳光幼托")[0] == "kindergarten"
    assert likely_services(amap="090101|090200")[:2] == ("health", "hospital")
    assert likely_services(name="湖滨街道居家养老服务中心")[0] == "home_care_centre"
    assert likely_services(name="城区农贸市场")[0] in ("market", "wet_market", "rural_market")
    assert likely_services(name="Rua XV") == ()
    assert likely_services() == ()


def test_every_service_of_a_goal_is_in_the_catalogue():
    known = service_catalogue()
    for entry in goal_catalogue().values():
        goal = entry.example()
        beside = {getattr(goal, "explained_by", None), *getattr(goal, "shown", ())} - {None}
        own = {goal.service} if goal.check == "circle" else set()
        assert {*goal.services, *beside, *own} <= set(known), entry.id


def test_every_query_asks_for_places_that_are_read():
    beside = {"post_office"}  # stands on shops, which are read
    for id, service in service_catalogue().items():
        for query in service.queries:
            assert query, id
            assert set(query) & {*PLACE_KEYS, *beside}, (id, query)
        assert not service.osm_if_named or service.names, id


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("城关镇残疾人之家", "disabled_home"),
        ("县社会福利中心", "social_welfare_centre"),
        ("大溪村农村文化礼堂", "village_culture_hall"),
        ("县光荣院", "veterans_home"),
        ("城西街道未成年人保护工作站", "minors_station"),
        ("幸福邻里中心", "neighbourhood_centre"),
    ],
)
def test_a_list_named_as_the_plan_names_things_is_recognised(name, service):
    assert service in likely_services(name=name)
