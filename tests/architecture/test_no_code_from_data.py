"""Data stays data: nothing is evaluated, unpickled, run by a shell or declared safe by hand."""

import ast
import re

import pytest

from tests.architecture.source_tree import (
    PACKAGE,
    ROOT,
    Module,
    dotted,
    imported_names,
    modules,
    sample,
    tracked,
)

CALLS = {"eval", "exec", "compile", "__import__"}
ENDINGS = ("yaml.load", "yaml.unsafe_load", "yaml.full_load", "mark_safe", "os.system", "os.popen")
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill"}
IN_TEMPLATES = re.compile(
    r"\|\s*safe(seq)?\b|autoescape\s+off|\bhx-on|(?<![\w-])on(click|load|change|submit|input)\s*="
)


def mistakes(module: Module) -> list[str]:
    found = [
        f"{module.at(node)}: imports {name}"
        for name, node in imported_names(module).items()
        if name.partition(".")[0] in MODULES or name.endswith("safestring.mark_safe")
    ]
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name in CALLS or name.endswith(ENDINGS):
            found.append(f"{module.at(node)}: calls {name}")
        for keyword in node.keywords:
            if keyword.arg == "shell" and getattr(keyword.value, "value", True):
                found.append(f"{module.at(node)}: starts a shell")
    return found


def test_no_code_is_made_from_data():
    found = [line for module in modules() for line in mistakes(module)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "bad",
    [
        "eval(rule)",
        "import pickle",
        "yaml.load(text)",
        "from django.utils.safestring import mark_safe",
        "subprocess.run(line, shell=True)",
        "os.system(line)",
    ],
)
def test_the_check_sees_a_mistake(bad):
    assert mistakes(sample(bad))


def test_templates_escape_everything_and_hold_no_scripts():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked("src/despensa/*.html", "src/despensa/*.txt", "src/despensa/*.svg")
        if path.is_relative_to(PACKAGE)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IN_TEMPLATES.search(line)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "bad", ["{{ name|safe }}", "{% autoescape off %}", '<a onclick="go()">', "<p hx-on:click=''>"]
)
def test_the_check_sees_a_template_mistake(bad):
    assert IN_TEMPLATES.search(bad)
