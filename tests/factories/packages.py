"""An invented office's package of one cycle, honest or not, without any database."""

import gzip
import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.adapters.release import write_package
from despensa.domain.eligibility.caution import coarse
from despensa.domain.eligibility.frozen import lot_commitment, lot_seed
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import OUTCOMES
from despensa.domain.encoding import cose, dcbor
from despensa.domain.ports.engine import FreezeOrder
from despensa.domain.release import evidence as logs
from despensa.domain.release.package import LABEL, PIECES, Manifest, Piece, payload
from despensa.domain.transparency import checkpoint as notes
from despensa.domain.transparency import leaf as leaves
from despensa.domain.transparency import tree
from despensa.domain.transparency.leaf import PublicKind
from tests.adapters.engine.registers import INSIDE, a_register
from tests.domain.eligibility.rules import PERSON_AND_BUDGET

ON = date(2026, 3, 1)
CYCLE, PROGRAMME, WORKSPACE, PACKAGE = (bytes([number]) * 16 for number in (1, 2, 3, 4))
SALT = b"s" * 32
ORIGIN = "log.example/san-rafael"
AUDITOR = X25519PrivateKey.from_private_bytes(bytes(range(32)))
AUTHORITY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
LOG = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
ENGINE = DuckDBEngine()


def public_of(key):
    return key.public_key().public_bytes_raw()


LOG_KEY = notes.vkey(ORIGIN, public_of(LOG))


@dataclass
class Office:
    """What an office has of a decided cycle; a test changes it before it is packed."""

    text: str
    rows: int
    facts: Path
    manifest: Manifest
    result: list[list[object]]
    said: list[tuple[PublicKind, int, dict[int, object]]]
    others: list[bytes] = field(default_factory=list)

    def packed(self, path: Path) -> Path:
        """Write the package: the pieces as they are now, under a manifest that fits them."""
        pieces = {
            "rule": self.text.encode(),
            "households": (self.facts / "household.parquet").read_bytes(),
            "members": (self.facts / "member.parquet").read_bytes(),
            "result": gzip.compress(self.lines().encode(), mtime=0),
            "log": logs.encode(self.evidence()),
        }
        listed = tuple(
            Piece(name, len(pieces[name]), hashlib.sha256(pieces[name]).digest()) for name in PIECES
        )
        manifest = replace(self.manifest, pieces=listed)
        signed = cose.sign(
            payload(manifest), label=LABEL, public_key=public_of(AUTHORITY), signer=AUTHORITY.sign
        )  # fmt: skip
        write_package(
            path,
            package=PACKAGE,
            recipient_key=public_of(AUDITOR),
            signed_manifest=signed,
            pieces=[(len(pieces[name]), [pieces[name]]) for name in PIECES],
            random=random.Random(5).randbytes,
        )
        return path

    def lines(self) -> str:
        return "".join(
            ",".join(f'"{part}"' if isinstance(part, str) else str(part) for part in row) + "\n"
            for row in self.result
        )

    def evidence(self) -> logs.LogEvidence:
        written = [
            leaves.public_leaf(
                entry=bytes([number]) * 16, kind=kind, at=at, body=dcbor.encode(body)
            )
            for number, (kind, at, body) in enumerate(self.said)
        ]
        every = [b"\0" + b"\7" * 32, *written, *self.others]
        hashes = tree.leaf_hashes(every)
        checkpoint = notes.Checkpoint(ORIGIN, len(every), tree.root(every))
        return logs.LogEvidence(
            notes.sign(checkpoint, public_key=public_of(LOG), signer=LOG.sign),
            tuple(
                logs.LogLeaf(number, leaf, tuple(tree.inclusion_proof(number, hashes)))
                for number, leaf in enumerate(every)
                if number
            ),
        )

    def changed(self, table: str, select: str) -> None:
        """Write a table of the frozen facts again, as a query over it called `t`."""
        path = self.facts / f"{table}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t AS FROM read_parquet('{path}')")
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def office(folder: Path, *, text: str = PERSON_AND_BUDGET, size: int = 203) -> Office:
    """Return an honest office with one decided cycle of a rule with a budget and lots."""
    rule = parse_text(text)
    register = a_register(rule, random.Random(11), size, folder / "in")
    seed = lot_seed(SALT, CYCLE)
    frozen = ENGINE.freeze(
        register.files,
        FreezeOrder(rule, ON, CYCLE, (INSIDE.bytes,), b"i" * 32, SALT, b"m" * 32, seed),
        str(folder / "facts"),
    )
    totals = ENGINE.decide(frozen.folder, rule)
    border = ENGINE.border(frozen.folder, rule)
    units = [line.unit for line in rule.benefit]
    result = [
        [row.row, row.outcome, ",".join(row.codes), *(dict(row.lines).get(u, 0) for u in units), 0]
        for row in ENGINE.decisions(frozen.folder, rule, CYCLE, b"m" * 32)
    ]
    root = {
        0: CYCLE,
        1: frozen.rule_hash,
        2: frozen.root,
        3: sorted([OUTCOMES[one.outcome], coarse(one.households)] for one in totals),
        4: seed,
    }
    if border is not None:
        root[5] = [str(number) for number in border.last or ()]
    opened = sum(row[3] for row in result)
    return Office(
        text,
        frozen.households,
        folder / "facts",
        Manifest(
            PACKAGE, WORKSPACE, 7, CYCLE, PROGRAMME, rule_hash(rule), ON, frozen.households,
            frozen.members, frozen.root, SALT, "Court of Accounts", 70, date(2026, 6, 1), LOG_KEY,
            ((1, units[0]),), (),
        ),
        result,
        [
            (PublicKind.RULE, 10, {0: PROGRAMME, 1: 1, 2: frozen.rule_hash, 3: text}),
            (PublicKind.LOT, 20, {0: CYCLE, 1: lot_commitment(seed)}),
            (PublicKind.ROOT, 30, root),
            (PublicKind.TOTAL, 40, {0: CYCLE, 1: [["unit:1", opened]]}),
        ],
    )  # fmt: skip
