"""A file that cannot be read is told in the reader's language, whatever is wrong with it."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from despensa.adapters import register_file
from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.entrypoints.office.file_words import FILE_WORDS, why_unreadable
from tests.adapters.register_file.test_bad_files import BAD, read

ELSEWHERE = {"boundary_table.py"}


def test_every_fault_of_a_file_has_its_words():
    folder = Path(register_file.__file__).parent
    text = "".join(p.read_text("utf-8") for p in folder.glob("*.py") if p.name not in ELSEWHERE)
    raised = set(re.findall(r'RegisterFileError\(\s*"(\w+)"', text)) | {
        "cut_off", "encoding_broken", "quotation",
    }  # fmt: skip

    assert raised == set(FILE_WORDS)


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_told_in_each_language(name):
    limits = Limits(rows_max=1_000) if name.startswith("too_many_rows") else None
    with pytest.raises(RegisterFileError) as refused:
        read(BAD[name], filename="list.csv", limits=limits)

    told = {}
    for language in ("en", "es", "ar"):
        with override(language):
            told[language] = why_unreadable(refused.value)

    assert len(set(told.values())) == 3
    for sentence in told.values():
        assert "list.csv" in sentence
        assert "{" not in sentence
        assert sentence.endswith(".")
