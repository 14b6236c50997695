"""
KoboToolbox submissions: the JSON of its API, version 2, saved from one page or from all.

Groups are part of a question's name, repeat groups are lists of objects. What is attached is named
and never fetched. Source: KoboToolbox API v2, GET /api/v2/assets/{uid}/data/.
"""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError
from despensa.adapters.register_file.submissions import Answers, Submission
from despensa.domain.registration.cell import Cell

_MARKS = ("_uuid", "_id", "_submission_time", "meta/instanceID", "formhub/uuid", "__version__")
_MARKS_MIN = 2
# An edited submission gets a new id; the first one is its root.
_KEYS = ("meta/rootUuid", "_uuid", "meta/instanceID")
_DEPTH_MAX = 8
JSON_BYTES_MAX = 64 * MIB


def read_kobo(stream: BinaryIO, size: int, filename: str, _limits: Limits) -> list[Submission]:
    """
    Return the submissions a JSON file holds, in file order.

    Raises: RegisterFileError when it is no JSON, no list of submissions, or only a part of them.
    """
    if size > JSON_BYTES_MAX:
        message = (
            f"{filename} is larger than {JSON_BYTES_MAX // MIB} MiB of JSON; export fewer"
            " submissions at a time."
        )
        raise RegisterFileError("too_large", message, file=filename, mib=JSON_BYTES_MAX // MIB)
    try:
        document = json.load(stream, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        message = f"{filename} is no whole JSON document; it may be cut off. Save the answer again."
        raise RegisterFileError("not_json", message, file=filename) from fault
    results = document.get("results") if isinstance(document, dict) else document
    if isinstance(document, dict) and document.get("next"):
        message = (
            f"{filename} is one page of several: its `next` is not empty. Fetch them all with"
            " --pull ADDRESS, or save the last page with all submissions."
        )
        raise RegisterFileError("one_page", message, file=filename)
    if not isinstance(results, list) or not all(_is_submission(one) for one in results):
        message = (
            f"{filename} is JSON, but no list of KoboToolbox submissions. Save the answer of"
            " /api/v2/assets/.../data/?format=json, or export it as CSV in UTF-8."
        )
        raise RegisterFileError("not_submissions", message, file=filename)
    return [_submission(one, number, filename) for number, one in enumerate(results, start=1)]


def _no_number(name: str) -> float:
    raise ValueError(name)


def _is_submission(value: object) -> bool:
    return isinstance(value, dict) and sum(mark in value for mark in _MARKS) >= _MARKS_MIN


def _submission(value: Mapping[str, Any], number: int, filename: str) -> Submission:
    submission = Submission(None, {})
    try:
        _lay_out(value, "", submission.answers, submission.repeats, 0)
    except RecursionError as fault:
        message = f"{filename} nests its answers more than {_DEPTH_MAX} deep; export it again."
        raise RegisterFileError("too_deep", message, file=filename) from fault
    keys = (submission.answers.get(name) for name in _KEYS)
    submission.key = next((str(one) for one in keys if one), None)
    if submission.key is None:
        message = (
            f"{filename}, submission {number}, has no _uuid; nothing could tell it from another."
            " Save the answer of the server again."
        )
        raise RegisterFileError("submission_without_id", message, file=filename, number=number)
    return submission


def _lay_out(
    value: Mapping[str, Any],
    path: str,
    answers: Answers,
    repeats: dict[str, list[Answers]],
    depth: int,
) -> None:
    if depth > _DEPTH_MAX:
        raise RecursionError
    for name, answer in value.items():
        whole = f"{path}/{name}" if path else name
        if isinstance(answer, Mapping):
            _lay_out(answer, whole, answers, repeats, depth + 1)
        elif isinstance(answer, list) and any(isinstance(one, Mapping) for one in answer):
            rows = repeats.setdefault(name, [])
            for one in answer:
                # A group inside a repeat group may itself repeat; such rows are named, not read.
                row: Answers = {}
                _lay_out(one if isinstance(one, Mapping) else {}, "", row, repeats, depth + 1)
                rows.append(row)
        else:
            answers[whole] = _cell(answer)


def _cell(answer: object) -> Cell:
    if isinstance(answer, list):
        return " ".join(str(one) for one in answer if one is not None)
    if answer is None or isinstance(answer, str | int | float):
        return answer
    raise TypeError(answer)
