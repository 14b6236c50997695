"""Who was vouched for has the same rights: no statement but the writes of the desk knows of it."""

import re

from tests.architecture.source_tree import modules

TABLES = ("introduction", "introducer", "introducer_month")
_READS = re.compile(rf"\b(?:FROM|JOIN)\s+({'|'.join(TABLES)})\b", re.IGNORECASE)


def test_only_the_book_of_the_desk_names_introducers():
    found = {
        (module.place, table)
        for module in modules()
        for table in _READS.findall(module.text)
        if "records/enrolment/" not in module.place
    }

    assert found == set()


def test_no_statement_reads_a_link_or_joins_it_to_a_person():
    [store] = [one for one in modules() if one.place.endswith("records/enrolment/store.py")]
    [queries] = [one for one in modules() if one.place.endswith("records/enrolment/queries.py")]

    assert "introduction" not in _READS.findall(queries.text)
    reading = [line for line in store.text.splitlines() if re.search(r"FROM introduction\b", line)]
    assert reading
    assert all("DELETE" in line for line in reading), reading
