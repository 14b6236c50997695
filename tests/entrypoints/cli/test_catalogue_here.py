"""Files are read against the catalogue of the workspace, and against the shipped one without it."""

from importlib import resources

import pytest

from despensa.entrypoints.jobs import actions, cataloguing
from tests.domain.test_catalogue_change import READ_BY_RULE, added, without

FILE = """Hogar,Nombre completo,Techo roto
H1,Rosa Quispe,yes
"""
MAP = """Hogar: household_number
Nombre completo: full_name
Techo roto: shelter_damaged
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "list.csv").write_text(FILE, encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    rule = resources.files("despensa.data").joinpath("rules/food-parcel.yaml")
    (tmp_path / "rule.yaml").write_text(rule.read_text("utf-8"), encoding="utf-8")
    return tmp_path


def publish(books, text):
    proposal = cataloguing.propose(text, acting=books.acting("jorge"))
    actions.carry_out(books.approved(proposal), books.tools)


def test_a_rule_is_checked_against_the_workspace(
    despensa, founded_books, at, files, monkeypatch, tmp_path
):
    publish(at(founded_books), without(READ_BY_RULE[0]))
    here = despensa("rule", "check", files / "rule.yaml", "--json")
    monkeypatch.delenv("DESPENSA_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    elsewhere = despensa("rule", "check", files / "rule.yaml", "--json")

    assert (here.code, elsewhere.code) == (1, 0)
    assert any(READ_BY_RULE[0] in problem for problem in here.json["problems"])
    assert "the catalogue holds no such fact" in here.out


def test_columns_are_mapped_to_facts_of_the_workspace(
    despensa, founded_books, at, sign_in, files, monkeypatch, tmp_path
):
    publish(at(founded_books), added())
    sign_in(founded_books, "ana")
    arguments = ("import", files / "list.csv", "--map", files / "map.yaml", "--json")
    dry = despensa(*arguments, "--dry-run")
    taken_in = despensa(*arguments)
    monkeypatch.delenv("DESPENSA_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    elsewhere = despensa(*arguments, "--dry-run")

    assert (dry.code, taken_in.code) == (0, 0), dry.err + taken_in.err
    assert dry.json["accepted"] == taken_in.json["accepted"] == 1
    assert elsewhere.code == 2
    assert "shelter_damaged" in elsewhere.err
