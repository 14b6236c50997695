"""Examples in the docstrings of the domain are true."""

import doctest
import importlib

import pytest

from tests.architecture.source_tree import modules

WITH_EXAMPLES = [module.name for module in modules("domain") if ">>> " in module.text]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_are_true(name):
    failed, tried = doctest.testmod(importlib.import_module(name))

    assert tried
    assert not failed
