"""
How many people one member of staff may write into the register without a second person.

Small files and enrolments at the desk count together, a day at a time.
Source: docs/explanation/design.md, section 5, Proposals.
"""

# a person and day; the constraint of `rows_taken_alone` says the same
ROWS_WITHOUT_APPROVAL = 50
ROWS_WITHOUT_APPROVAL_IN_ALL = 200


class ApprovalNeeded(PermissionError):
    """More rows than one person may take in alone."""


def require_room(rows: int, *, own: int, every: int, instead: str) -> None:
    """
    Refuse rows that one person may not take in alone on top of what was taken in on this day.

    `own` counts what this person took in, `every` what all did; `instead` says what to do now.
    Raises: ApprovalNeeded.
    """
    if own + rows > ROWS_WITHOUT_APPROVAL or every + rows > ROWS_WITHOUT_APPROVAL_IN_ALL:
        raise ApprovalNeeded(
            f"Without a second person at most {ROWS_WITHOUT_APPROVAL} rows a day may be taken in "
            f"by one person, {ROWS_WITHOUT_APPROVAL_IN_ALL} by all together. You took in {own} "
            f"today and all together {every}; these are {rows} more. {instead}"
        )
