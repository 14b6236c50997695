"""What the tests of the partners' door share; Django is not ready when this is loaded."""

import pytest


@pytest.fixture
def books(carded_books, monkeypatch):
    from despensa.entrypoints import wiring

    monkeypatch.setattr(wiring, "tools", lambda: carded_books.tools)
    return carded_books


@pytest.fixture
def client(books):
    from tests.factories.partner import PartnerClient

    return PartnerClient(books)


@pytest.fixture(scope="module")
def standard(shared_samples):
    from tests.factories import spdci

    folder = shared_samples.parent
    if not (folder / spdci.NAME).exists():
        pytest.skip(f"no {spdci.NAME} below {folder}: answers are not held against the standard")
    return spdci.Standard(folder)
