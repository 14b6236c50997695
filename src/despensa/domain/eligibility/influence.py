"""
Which clauses can change whether there is a right.

Decides it exactly, by a reduced ordered decision diagram of `entitled_when` over its clauses: a
clause that is not in the diagram changes nothing, whatever the others are.
Source: R. E. Bryant, "Graph-Based Algorithms for Boolean Function Manipulation" (1986).
"""

from despensa.domain.eligibility.rule import ClauseHolds, Condition, Junction, Rule

_NO, _YES = 0, 1
_NODES_MAX = 20_000


class _TooLarge(Exception):
    """The diagram would have more nodes than are worth the question."""


class _Diagram:
    def __init__(self, order: dict[str, int]) -> None:
        self.order = order
        self.nodes: list[tuple[int, int, int]] = [(len(order), 0, 0), (len(order), 1, 1)]
        self.numbers: dict[tuple[int, int, int], int] = {}
        self.chosen: dict[tuple[int, int, int], int] = {}

    def node(self, clause: int, without: int, with_it: int) -> int:
        if without == with_it:
            return without
        key = (clause, without, with_it)
        if key not in self.numbers:
            if len(self.nodes) >= _NODES_MAX:
                raise _TooLarge
            self.numbers[key] = len(self.nodes)
            self.nodes.append(key)
        return self.numbers[key]

    def choose(self, which: int, yes: int, no: int) -> int:
        """Return the diagram of: `yes` where `which` holds, else `no`."""
        if which in (_NO, _YES):
            return yes if which == _YES else no
        key = (which, yes, no)
        if key not in self.chosen:
            first = min(self.nodes[one][0] for one in key)
            without, with_it = ([self._half(one, first, side) for one in key] for side in (1, 2))
            self.chosen[key] = self.node(first, self.choose(*without), self.choose(*with_it))
        return self.chosen[key]

    def _half(self, one: int, clause: int, side: int) -> int:
        return self.nodes[one][side] if self.nodes[one][0] == clause else one

    def build(self, node: Condition) -> int:
        if isinstance(node, ClauseHolds):
            return self.node(self.order[node.code], _NO, _YES)
        assert isinstance(node, Junction), "only clauses and junctions make the right"
        result = _YES if node.kind == "all" else _NO
        for part in node.parts:
            built = self.build(part)
            yes_no = (built, _NO) if node.kind == "all" else (_YES, built)
            result = self.choose(result, *yes_no)
        return self.choose(result, _NO, _YES) if node.kind == "none" else result

    def clauses_of(self, root: int) -> set[int]:
        seen, waiting = {_NO, _YES}, [root]
        found: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number not in seen:
                seen.add(number)
                clause, without, with_it = self.nodes[number]
                found.add(clause)
                waiting += [without, with_it]
        return found


def clauses_without_influence(rule: Rule) -> tuple[str, ...]:
    """
    Return the codes of clauses that never change the right, in the rule's order.

    Empty too when the question is too large to answer; then nothing is refused for it.
    """
    order = {clause.code: index for index, clause in enumerate(rule.clauses)}
    diagram = _Diagram(order)
    try:
        used = diagram.clauses_of(diagram.build(rule.entitled_when))
    except _TooLarge:
        return ()
    return tuple(code for code, index in order.items() if index not in used)
