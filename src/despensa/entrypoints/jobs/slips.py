"""Make the slip of a decision: the household's frozen facts, signed with what was decided."""

from despensa.adapters.keeper.key_files import KeyMissing
from despensa.domain.eligibility.evaluate import decision_from_codes
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.slip import LABEL, DecisionSlip, payload
from despensa.domain.ports.engine import EngineError
from despensa.domain.ports.keeper import CycleFaded
from despensa.entrypoints.jobs.cycle import frozen_folder
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes.queries import CycleRow, DecisionRow


def decision_slip(decision: DecisionRow, row: CycleRow, tools: Tools) -> bytes:
    """
    Return the signed slip of one household's decision in a cycle; the look is on record already.

    Raises: EngineError when the frozen facts are gone or damaged.
    """
    rule, folder = parse_text(row.rule_text), frozen_folder(row.id, tools)
    try:
        salt, _ = tools.keeper.cycles.frozen_keys(row.id.bytes)
    except (CycleFaded, KeyMissing) as error:
        raise EngineError(str(error)) from error
    (frozen,) = tools.engine.slips(folder, rule, salt, [decision.frozen_row])
    slip = DecisionSlip(
        cycle=row.id.bytes,
        rule_hash=row.rule_hash,
        on=row.reference_date,
        row=frozen.row,
        rows=frozen.rows,
        row_bytes=frozen.row_bytes,
        salt=frozen.salt,
        path=frozen.path,
        decision=decision_from_codes(frozen.outcome, frozen.codes, frozen.lines),
        border=tools.engine.border(folder, rule),
    )
    return tools.keeper.signatory.sign(payload(slip), label=LABEL)
