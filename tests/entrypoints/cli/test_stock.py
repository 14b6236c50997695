"""`despensa stock`: what a parcel holds, a delivery, an opened parcel, and the day it makes."""

import pytest

from tests.factories.observing import digests


@pytest.fixture
def books(leased_books, at, sign_in):
    books = at(leased_books)
    sign_in(books, "jorge")
    return books


def test_a_day_of_goods_is_written_and_shown_and_a_slip_of_the_pen_says_what_to_do(
    books, despensa, sign_in
):
    from despensa.records.programmes import queries

    unit = queries.units()[books.entitled()[0][2][0][0]][0]
    assert despensa("stock", "contents", unit, "--item", "rice=2").code == 0
    sign_in(books, "lucia")
    said = despensa("stock", "write", "P01", "delivery", "--item", f"{unit}=10", "--lot", "L7")
    assert said.code == 0, said.err
    opened = despensa("stock", "write", "P01", "opened", "--item", f"{unit}=3", "--json")
    assert despensa("stock", "write", "P01", "opened", "--item", f"{unit}=3", "--id",
                    opened.json["entry"], "--json").json["written"] is False  # fmt: skip
    shown = {
        line["item"]: line["left"]
        for line in despensa("stock", "show", "P01", "--json").json["items"]
    }
    assert shown == {unit: 7, "rice": 6}
    assert despensa("stock", "reverse", opened.json["entry"]).code == 0
    before = digests(books.endpoints)
    for wrong, code in (
        (["write", "P99", "count", "--item", f"{unit}=1"], 1),
        (["write", "P01", "gift", "--item", f"{unit}=1"], 2),
        (["write", "P01", "count", "--item", "gold=1"], 1),
        (["write", "P01", "loss", "--item", f"{unit}=1"], 1),
        (["reverse", opened.json["entry"][:-4] + "0000"], 1),
    ):
        said = despensa("stock", *wrong)
        assert (said.code, "Traceback" in said.err) == (code, False), said.err
    assert digests(books.endpoints) == before
