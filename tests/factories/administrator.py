"""A system administrator of a test: who looks after the keys."""

from datetime import timedelta

from despensa.domain.role import Role
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.factories.books import PASSWORD, Books


def with_administrator(books: Books) -> Books:
    """Return the books, with irene in their cast."""
    today = books.tools.today()
    books.staff["irene"] = add_staff(
        NewStaff(
            "irene", PASSWORD, "Irene Sol", "es", (Role.SYSTEM_ADMINISTRATOR,), books.root_area,
            today, today + timedelta(days=365),
        ),
        acting=books.acting(),
    )  # fmt: skip
    return books
