"""
The audit of a cycle from its sealed package: every check by name, without server or database.

Nothing here imports Django: a clean environment with the rule engine is enough.
Source: docs/explanation/design.md, promise 7; docs/how-to/audit-a-cycle.md.
"""

import hashlib
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.engine.audit import Audit, Difference
from despensa.adapters.engine.frozen_folder import destroy_folder
from despensa.adapters.log_storage import LogFiles
from despensa.adapters.release import OpenedPackage, PackageDamaged, opened_package
from despensa.domain.eligibility.cases import failing_cases
from despensa.domain.eligibility.caution import coarse
from despensa.domain.eligibility.document import RuleError
from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.frozen import MalformedRow, lot_commitment, lot_seed, read_row
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import OUTCOMES, NotInForce, Rule
from despensa.domain.encoding import cose
from despensa.domain.ports.engine import EngineError
from despensa.domain.ports.log_storage import LogDamaged, LogRefused, LogUnavailable
from despensa.domain.release import evidence as logs
from despensa.domain.release.package import Manifest, read_manifest
from despensa.domain.transparency import checkpoint as notes

HOLDS, FAILS, NOT_CHECKED = "holds", "does not hold", "not checked"
SAMPLE = 1_000
_UNIT = "unit:"
_VERSIONS_TRIED = 1_000
FILES = {
    "rule": "rule",
    "households": "household.parquet",
    "members": "member.parquet",
    "result": "result.csv.gz",
    "log": "log",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it holds, and what was found."""

    name: str
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys the auditor brings; without one, what the package says of itself is taken and told."""

    log_vkey: str | None = None
    authority: bytes | None = None


class _Stop(Exception):
    """Nothing further can be checked."""


def audit_package(
    package: Path,
    private_key: bytes,
    keys: Keys,
    *,
    mirror: Callable[[notes.Checkpoint], str | None] | None = None,
    work: Path | None = None,
) -> Iterator[Check]:
    """
    Yield every check of a package in order; the files it needs are destroyed at the end.

    `mirror` is asked whether a copy of the log held elsewhere has the package's checkpoint: None
    when it has, else why not. `work` is where the pieces lie meanwhile, in the clear.
    """
    with tempfile.TemporaryDirectory(prefix="despensa-audit-", dir=work) as name:
        folder = Path(name) / "cycle"
        folder.mkdir(mode=0o700)
        try:
            yield from _checks(package, private_key, keys, mirror, folder)
        except _Stop:
            return
        finally:
            destroy_folder(folder)


def mirror_of(folder: Path, log_vkey: str) -> Callable[[notes.Checkpoint], str | None]:
    """
    Return what says why a copy of the log has not a checkpoint, None when it has.

    Raises: ValueError when the key text is malformed.
    """
    copy = LogFiles(folder, log_vkey)

    def why(checkpoint: notes.Checkpoint) -> str | None:
        try:
            if copy.size < checkpoint.size:
                return (
                    f"the copy is older: {copy.size} leaves, the checkpoint has {checkpoint.size}"
                )
            if copy.root_at(checkpoint.size) != checkpoint.root:
                return "the copy is of another log: the same leaves are not in it"
        except (LogDamaged, LogRefused, LogUnavailable) as error:
            return str(error)
        return None

    return why


def _checks(
    package: Path,
    private_key: bytes,
    keys: Keys,
    mirror: Callable[[notes.Checkpoint], str | None] | None,
    folder: Path,
) -> Iterator[Check]:
    try:
        with package.open("rb") as file:
            found = opened_package(file, private_key)
            pieces = found.unpack(folder)
    except PackageDamaged as error:
        yield Check(f"package: {error.piece}", FAILS, str(error))
        raise _Stop from error
    for name, path in pieces.items():
        path.rename(folder / FILES[name])
    said = found.manifest
    yield Check("package", HOLDS, f"number {said.number}, every piece is what was sealed")
    yield _signature(found, keys)
    rule = yield from _rule(folder, said)
    cycle = yield from _log(folder, said, keys, mirror)
    yield from _rule_in_log(folder, said, cycle)
    again = Audit(folder, rule, said.on, said.rule_hash, said.root, said.salt)
    try:
        yield from _facts(again, said, cycle)
        yield from _outcomes(again, said, cycle)
        yield from _money(again, rule, said, cycle)
        yield _interpreter(again, rule, said, cycle)
    except EngineError as error:
        yield Check("files", FAILS, str(error))
        raise _Stop from error
    yield from _lots(rule, said, cycle)


def _signature(found: OpenedPackage, keys: Keys) -> Check:
    name = "signature of the office"
    if keys.authority is None:
        return Check(name, NOT_CHECKED, "give --authority-key, from somebody you trust")
    try:
        read_manifest(found.signed, {cose.key_id(keys.authority): keys.authority})
    except (cose.UnknownKey, cose.BadSignature, cose.MalformedSignature) as error:
        return Check(name, FAILS, str(error))
    return Check(name, HOLDS, "the manifest is signed by the authority's key")


def _rule(folder: Path, said: Manifest) -> Generator[Check, None, Rule]:
    """Yield the checks of the rule's text and return the rule."""
    try:
        rule = parse_text((folder / FILES["rule"]).read_text(encoding="utf-8"))
    except (RuleError, UnicodeDecodeError) as error:
        yield Check("rule", FAILS, f"the rule's text cannot be read: {error}")
        raise _Stop from error
    computed = rule_hash(rule)
    if computed != said.rule_hash:
        yield Check("rule", FAILS, f"its hash is {computed.hex()}, not {said.rule_hash.hex()}")
        raise _Stop
    yield Check("rule", HOLDS, f"{rule.name}, hash {computed.hex()}")
    try:
        values = [
            f"{name} = {value.value} ({next(iter(value.legal_basis.values()), '')})"
            for name, parameter in rule.parameters.items()
            for value in [parameter.on(said.on)]
        ]
    except NotInForce as error:
        yield Check("parameters", FAILS, str(error))
        raise _Stop from error
    yield Check("parameters", HOLDS, f"on {said.on.isoformat()}: {'; '.join(values) or 'none'}")
    wrong = failing_cases(rule)
    if wrong:
        yield Check("cases of the rule", FAILS, str(wrong[0]))
    else:
        yield Check("cases of the rule", HOLDS, "every case comes out as it is written")
    return rule


def _log(
    folder: Path,
    said: Manifest,
    keys: Keys,
    mirror: Callable[[notes.Checkpoint], str | None] | None,
) -> Generator[Check, None, logs.CycleSaid]:
    """Yield the checks of the log and return what it says of the cycle."""
    name = "log"
    try:
        proofs = logs.parse((folder / FILES["log"]).read_bytes())
        checkpoint = logs.verify(proofs, keys.log_vkey or said.log_vkey)
        leaves = [(leaf.number, leaf.data) for leaf in proofs.leaves]
        cycle = logs.said_of(said.cycle, leaves)
    except (logs.MalformedEvidence, ValueError) as error:
        yield Check(name, FAILS, str(error))
        raise _Stop from error
    if cycle is None:
        yield Check(name, FAILS, "no leaf of the log announces this cycle's root")
        raise _Stop
    where = f"{len(leaves)} leaves under the checkpoint of {checkpoint.size} of {checkpoint.origin}"
    yield Check(name, HOLDS, where)
    if keys.log_vkey is None:
        text = "give --log-key, from somebody you trust: the key of the package itself was taken"
        yield Check("key of the log", NOT_CHECKED, text)
    if mirror is None:
        text = "give --log FOLDER, a copy of the log held by somebody else"
        yield Check("copy of the log", NOT_CHECKED, text)
    else:
        why = mirror(checkpoint)
        is_same = why is None
        text = "the copy has this checkpoint" if why is None else why
        yield Check("copy of the log", HOLDS if is_same else FAILS, text)
    return cycle


def _rule_in_log(folder: Path, said: Manifest, cycle: logs.CycleSaid) -> Iterator[Check]:
    name, root = "rule in the log", cycle.root
    text = (folder / FILES["rule"]).read_text(encoding="utf-8")
    if root.rule_hash != said.rule_hash:
        yield Check(name, FAILS, f"the cycle was decided by the rule {root.rule_hash.hex()}")
    elif cycle.rule is None:
        yield Check(name, FAILS, "no leaf before the cycle's root holds the rule")
    elif cycle.rule.number >= root.number:
        yield Check(name, FAILS, "the rule was published after the cycle was decided")
    elif cycle.rule.text is not None and cycle.rule.text != text:
        yield Check(name, FAILS, "the text in the log is another than that of the package")
    elif cycle.rule.text is None and not _is_long_body(cycle.rule, said, text):
        yield Check(name, FAILS, "the hash of the text in the log is another")
    else:
        where = f"published as leaf {cycle.rule.number}, before the root, leaf {root.number}"
        yield Check(name, HOLDS, where)


def _is_long_body(leaf: logs.RuleSaid, said: Manifest, text: str) -> bool:
    """Return whether a leaf that names its body by a hash names this text, in some version."""
    return any(
        hashlib.sha256(logs.rule_body(said.programme, version, said.rule_hash, text)).digest()
        == leaf.body_hash
        for version in range(1, _VERSIONS_TRIED)
    )


def _facts(again: Audit, said: Manifest, cycle: logs.CycleSaid) -> Iterator[Check]:
    again.begin(said.households, said.members)
    strange = again.strange_columns()
    if strange:
        text = f"the rule does not read, or misses: {', '.join(strange)}"
        yield Check("columns", FAILS, text)
        raise _Stop
    yield Check("columns", HOLDS, "the files hold what the rule reads and nothing else")
    households, members, astray = again.counts()
    text = f"{households} households, {members} members"
    if (households, members) != (said.households, said.members):
        text = f"{text}; the manifest says {said.households} and {said.members}"
        yield Check("rows", FAILS, text)
        raise _Stop
    if astray:
        yield Check("rows", FAILS, f"{astray} rows stand out of order, twice, or belong to nobody")
        raise _Stop
    yield Check("rows", HOLDS, text)
    root = again.computed_root(households)
    if root != said.root or root != cycle.root.root:
        text = f"the facts lead to {root.hex()}, the log holds {cycle.root.root.hex()}"
        yield Check("root", FAILS, text)
    else:
        yield Check("root", HOLDS, f"{root.hex()} over every salted row is that of the log")


def _outcomes(again: Audit, said: Manifest, cycle: logs.CycleSaid) -> Iterator[Check]:
    totals = again.decide()
    rows = again.load_result()
    different = again.first_difference(said.households, gives_whole=said.gives_whole)
    name = "decisions, row for row"
    if different is not None:
        yield Check(name, FAILS, _different(different))
    elif rows != said.households:
        yield Check(name, FAILS, f"{rows} rows for {said.households} households")
    else:
        yield Check(name, HOLDS, f"{rows} rows: the rule says the same of every one")
    if not said.gives_whole:
        text = "this cycle completes another: none gets more than the rule says, and what each got "
        yield Check("quantities before", NOT_CHECKED, f"{text}before is in the other's package")
    names = {total.outcome: OUTCOMES[total.outcome] for total in totals}
    exact = ", ".join(f"{names[one.outcome]} {one.households}" for one in totals)
    # the log tells everybody, and therefore tells coarsely
    found = sorted((names[one.outcome], coarse(one.households)) for one in totals)
    is_same = found == sorted(cycle.root.totals)
    text = exact if is_same else f"{exact}; the log says {dict(cycle.root.totals)}"
    yield Check("totals", HOLDS if is_same else FAILS, text)
    yield _opened(again, said, cycle)


def _different(found: Difference) -> str:
    return (
        f"{found.rows} rows differ; the first is row {found.row} ({found.random_id}): the office "
        f"decided {found.said}, the rule says {found.found}"
    )


def _opened(again: Audit, said: Manifest, cycle: logs.CycleSaid) -> Check:
    name = "quantities opened"
    if cycle.opened is None:
        return Check(name, NOT_CHECKED, "the cycle was not opened when the package was made")
    codes = dict(said.units)
    decided = {line.unit: again.given(line.unit) for line in again.rule.benefit}
    opened = {
        codes.get(int(unit.removeprefix(_UNIT)), unit): quantity
        for unit, quantity in cycle.opened
        if unit.removeprefix(_UNIT).isdecimal()
    }
    decided = {unit: quantity for unit, quantity in decided.items() if quantity}
    opened = {unit: quantity for unit, quantity in opened.items() if quantity}
    text = ", ".join(f"{quantity} x {unit}" for unit, quantity in sorted(decided.items()))
    if opened != decided:
        return Check(name, FAILS, f"decided {text or 'nothing'}, opened {opened}")
    return Check(name, HOLDS, text or "nothing")


def _money(again: Audit, rule: Rule, said: Manifest, cycle: logs.CycleSaid) -> Iterator[Check]:
    name = "order of the budget"
    if rule.budget is None:
        yield Check(name, HOLDS, "the rule has no budget")
        return
    maximum = rule.constant(rule.budget.maximum, said.on)
    given, border = again.given(rule.budget.unit), again.border()
    text = f"{given} of at most {maximum} x {rule.budget.unit} given"
    if given > maximum:
        yield Check(name, FAILS, text)
    elif border != cycle.root.border:
        yield Check(name, FAILS, f"{text}; the log says another last household was reached")
    elif border is None:
        yield Check(name, HOLDS, f"{text}; it reached everybody")
    else:
        yield Check(name, HOLDS, f"{text}; it ends where the log says, by the published order")


def _interpreter(again: Audit, rule: Rule, said: Manifest, cycle: logs.CycleSaid) -> Check:
    """Read rows with the interpreter, which shares nothing with the statement but the rule."""
    name = "second reading"
    count = min(SAMPLE, said.households)
    # which rows follows from the root: nobody chose them
    drawn = (hashlib.sha256(said.root + number.to_bytes(4, "big")) for number in range(count))
    rows = {int.from_bytes(one.digest()[:8], "big") % said.households for one in drawn}
    for row in again.sample(sorted(rows)):
        try:
            _, household = read_row(rule, row.row_bytes)
        except MalformedRow as error:
            return Check(name, FAILS, f"row {row.row}: {error}")
        decision = evaluate(rule, household, said.on, border=cycle.root.border)
        lines = row.lines if said.gives_whole else decision.lines
        found = (row.outcome, row.codes, lines)
        if (decision.outcome, decision.codes, decision.lines) != found:
            text = f"row {row.row}: the interpreter says {OUTCOMES[decision.outcome]}"
            return Check(name, FAILS, f"{text} ({' '.join(decision.codes)})")
    return Check(
        name, HOLDS, f"the interpreter says the same of {len(rows)} rows drawn by the root"
    )


def _lots(rule: Rule, said: Manifest, cycle: logs.CycleSaid) -> Iterator[Check]:
    name = "seed of the lots"
    if not rule.draws_lot:
        yield Check(name, HOLDS, "the rule draws no lots")
        return
    seed = lot_seed(said.salt, said.cycle)
    before = [
        number
        for number, at, commitment in cycle.lots
        if number < cycle.root.number and at <= cycle.root.at and commitment == lot_commitment(seed)
    ]
    if cycle.root.seed != seed:
        yield Check(name, FAILS, "the seed in the log does not follow from the cycle's salt")
    elif not before:
        yield Check(name, FAILS, "no leaf before the cycle's root commits to the seed")
    else:
        text = f"committed to in leaf {before[0]}, before the root, leaf {cycle.root.number}"
        yield Check(name, HOLDS, text)
    yield Check(
        "each household's lot",
        NOT_CHECKED,
        "it follows from the seed and the household's own id, which is not in the package; "
        "each household can check its own",
    )
