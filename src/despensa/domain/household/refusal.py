"""Why an operation is not done: a closed list of codes, each with one sentence that says how to go on."""

from enum import StrEnum


class Why(StrEnum):
    """The code of a refusal; doors translate it."""

    CHANGED_MEANWHILE = "changed_meanwhile"
    ID_USED_OTHERWISE = "id_used_otherwise"
    REASON_DOES_NOT_FIT = "reason_does_not_fit"
    DAY_IN_FUTURE = "day_in_future"
    DAY_TOO_EARLY = "day_too_early"
    NO_SUCH_HOUSEHOLD = "no_such_household"
    HOUSEHOLD_ENDED = "household_ended"
    SAME_HOUSEHOLD = "same_household"
    NOBODY_NAMED = "nobody_named"
    NOT_A_MEMBER = "not_a_member"
    LIVES_ELSEWHERE = "lives_elsewhere"
    NOBODY_STAYS = "nobody_stays"
    HEAD_NOT_AMONG_THEM = "head_not_among_them"
    IS_HEAD_ALREADY = "is_head_already"
    HEAD_OVERDUE = "head_overdue"
    NOBODY_COLLECTS = "nobody_collects"
    NOT_A_COLLECTOR = "not_a_collector"
    IS_COLLECTOR_ALREADY = "is_collector_already"
    COLLECTS_FOR_TOO_MANY = "collects_for_too_many"
    NO_AREA = "no_area"
    SAME_AREA = "same_area"
    HISTORY_OVERLAPS = "history_overlaps"
    NO_SUCH_CHANGE = "no_such_change"
    UNDONE_BEFORE = "undone_before"
    NOT_THE_LATEST = "not_the_latest"
    ERASED = "erased"
    NEEDS_TWO = "needs_two"
    NOBODY_ELSE_COLLECTS = "nobody_else_collects"
    CAME_WITH_A_FILE = "came_with_a_file"
    SAME_AS_ANOTHER = "same_as_another"
    PAIR_DECIDED = "pair_decided"
    TOLD_APART = "told_apart"
    NOBODY_KNOWN = "nobody_known"
    DIED = "died"


SENTENCES: dict[Why, str] = {
    Why.CHANGED_MEANWHILE: "The household was changed meanwhile: look at it again, then decide.",
    Why.ID_USED_OTHERWISE: "This operation was sent before with other content: begin it anew.",
    Why.REASON_DOES_NOT_FIT: "This reason is not on the list of this operation: choose another.",
    Why.DAY_IN_FUTURE: "The day lies in the future: record it when it has happened.",
    Why.DAY_TOO_EARLY: ("On that day this was not yet so: take {day} or a later day."),
    Why.NO_SUCH_HOUSEHOLD: "There is no household with this id or card number.",
    Why.HOUSEHOLD_ENDED: "Nobody lives in this household any more: choose the one they live in.",
    Why.SAME_HOUSEHOLD: "Both are the same household: choose two.",
    Why.NOBODY_NAMED: "Nobody was chosen: choose at least one person.",
    Why.NOT_A_MEMBER: "Somebody chosen does not live in this household today.",
    Why.LIVES_ELSEWHERE: "Somebody chosen lives in another household: move them from there.",
    Why.NOBODY_STAYS: "Nobody would stay: let the household move instead.",
    Why.HEAD_NOT_AMONG_THEM: "The head must be one of those who live in that household then.",
    Why.IS_HEAD_ALREADY: "This person is the head already.",
    Why.HEAD_OVERDUE: "The household has been without a head since {day}: name one first.",
    Why.NOBODY_COLLECTS: "Nobody could collect any more: name a new head or a collector as well.",
    Why.NOT_A_COLLECTOR: "This person does not collect for this household.",
    Why.IS_COLLECTOR_ALREADY: "This person collects for this household in this way already.",
    Why.COLLECTS_FOR_TOO_MANY: (
        "Already collects for {count} households, and {limit} is the published limit: "
        "choose somebody else."
    ),
    Why.NO_AREA: "Choose where the household lives now.",
    Why.SAME_AREA: "The household lives there already.",
    Why.HISTORY_OVERLAPS: "Two heads, or two homes of one person, would overlap: check the day.",
    Why.NO_SUCH_CHANGE: "There is no such operation of this household.",
    Why.UNDONE_BEFORE: "This operation was undone before: nothing was changed.",
    Why.NOT_THE_LATEST: "Something was changed after it: undo the later operation first.",
    Why.ERASED: "This person was erased: nothing of them can be changed or brought back.",
    Why.NEEDS_TWO: "A person is erased by two people: propose it.",
    Why.NOBODY_ELSE_COLLECTS: (
        "Only this person may collect for a household that goes on: name a new head or a "
        "collector there first, or in this proposal."
    ),
    Why.CAME_WITH_A_FILE: (
        "This came with a register file: undo the whole import, or record what is so now."
    ),
    Why.SAME_AS_ANOTHER: (
        "This person was registered twice: go on with the other record, or undo that first."
    ),
    Why.TOLD_APART: (
        "These are two people: that was decided and stays. What is wrong in one of the records is "
        "mended there, by a correction."
    ),
    Why.NOBODY_KNOWN: (
        "Nobody in the register has the id that was given: look at the household again, then choose."
    ),
    Why.DIED: (
        "This person died, as recorded: choose somebody else, or undo that operation if it was a "
        "mistake."
    ),
    Why.PAIR_DECIDED: "This pair was decided meanwhile: look at it again, then decide.",
}


class ChangeRefused(ValueError):
    """The operation is not done; `why` and `values` let a door say it in its language."""

    def __init__(self, why: Why, **values: object) -> None:
        """Refuse with a code and what its sentence names."""
        super().__init__(SENTENCES[why].format(**values))
        self.why = why
        self.values = values
