"""Make the paper of a decision: why, in the household's language, with the slip as a code."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import pgettext

from despensa.adapters.printing import TypstPaperPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.eligibility.evaluate import decision_from_codes
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.paper import DecisionPaper, slip_texts
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.slip import read_slip
from despensa.domain.retention import appeal_until
from despensa.entrypoints.jobs.cycle import frozen_folder
from despensa.entrypoints.jobs.slips import decision_slip
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes import queries
from despensa.records.programmes.queries import CycleRow, DecisionRow
from despensa.records.registry.queries import language_of


def paper_languages() -> dict[str, str]:
    """Return the languages a paper can be printed in: code and own name."""
    return _printer().languages()


def language_for(household: UUID, office: Sequence[str], asked: str = "") -> str:
    """
    Return the language of a household's paper: the one asked for, its own, the office's, English.

    A regional language falls back to its general one.
    """
    known = _printer().languages()
    for wanted in (asked, language_of(household), *office):
        for candidate in (wanted, wanted.split("-")[0]):
            if candidate in known:
                return candidate
    return next(iter(known))


def has_facts(cycle: CycleRow, tools: Tools) -> bool:
    """Return whether the frozen facts of a cycle are here still: without them there is no slip."""
    return cycle.frozen_root is not None and Path(frozen_folder(cycle.id, tools)).is_dir()


def decision_paper(decision: DecisionRow, row: CycleRow, language: str, tools: Tools) -> bytes:
    """
    Return the finished paper of one household's decision; the look is on record already.

    Raises: EngineError when the frozen facts are gone or damaged; PaperError; PaperUnreadable.
    """
    signed = decision_slip(decision, row, tools)
    slip, rule = read_slip(signed, None), parse_text(row.rule_text)
    with translation.override(language):
        paper = DecisionPaper(
            language=language,
            issuer=tools.workspace.name,
            programme=_called(row.programme_names, language),
            cycle=row.code,
            explanation=explain(
                rule,
                decision_from_codes(decision.outcome, decision.clauses, slip.decision.lines),
                row.reference_date,
                [language],
            ),
            goods=_goods(decision, language),
            days=(
                _day(row.reference_date),
                _day(row.opens_on),
                _day(row.closes_on),
                _day(appeal_until(row.closes_on, row.dispute_days)),
            ),
            rule=f"{rule.name}/{row.rule_version}",
            rule_hash=slip.rule_hash,
            root=slip.root,
            codes=slip_texts(signed),
        )
    return _printer().render_paper(paper)


def _printer() -> TypstPaperPrinter:
    codes = ZxingCodes()
    return TypstPaperPrinter(writer=codes, reader=codes)


def _goods(decision: DecisionRow, language: str) -> tuple[tuple[str, str], ...]:
    units = queries.units()
    return tuple(
        (number_format(quantity, force_grouping=True), _called(units[unit][1], language))
        for _, unit, quantity in decision.lines
    )


def _day(on: date) -> str:
    return date_format(on, pgettext("day", "j M Y"))


def _called(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")
