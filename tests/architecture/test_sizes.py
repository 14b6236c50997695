"""Small enough to read: functions of one screen, modules of one sitting."""

import ast
import warnings

from tests.architecture.source_tree import Module, modules, sample, suite_modules

FUNCTION_LINES_MAX = 70
MODULE_LINES_AIM = 300
MODULE_LINES_MAX = 500


def long_functions(module: Module) -> list[str]:
    return [
        f"{module.at(node)}: {node.name} has {length} lines, at most {FUNCTION_LINES_MAX}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def test_no_function_is_longer_than_70_lines():
    found = [line for module in modules() + suite_modules() for line in long_functions(module)]

    assert not found, "\n".join(found)


def test_no_module_is_longer_than_500_lines():
    lengths = {module.place: module.text.count("\n") for module in modules() + suite_modules()}

    long = {place: length for place, length in lengths.items() if length > MODULE_LINES_AIM}
    if long:
        listed = ", ".join(f"{place} {length}" for place, length in long.items())
        warnings.warn(f"longer than the aim of {MODULE_LINES_AIM} lines: {listed}", stacklevel=1)
    too_long = {place: length for place, length in long.items() if length > MODULE_LINES_MAX}
    assert not too_long


def test_the_check_sees_a_function_that_is_too_long():
    body = "\n".join(f"    value = {number}" for number in range(FUNCTION_LINES_MAX))

    assert long_functions(sample(f"def long():\n{body}\n"))
    assert not long_functions(sample("def short():\n    return 1\n"))
