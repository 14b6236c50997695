"""
Pytest plugin: the whole suite runs with outgoing connections refused, child processes included.

This process and every Python child load tests/offline/sitecustomize.py. Other children (the
browser) are pointed at a proxy that does not exist.
"""

import importlib.util
import os
from pathlib import Path

_OFFLINE = Path(__file__).parent / "offline"
# Port 9 (discard) of the machine itself: nobody listens there.
_NO_PROXY_THERE = "http://127.0.0.1:9"


def pytest_configure():
    _refuse_here()
    _refuse_in_children()


def _refuse_here():
    path = _OFFLINE / "sitecustomize.py"
    specification = importlib.util.spec_from_file_location("despensa_tests_offline", path)
    specification.loader.exec_module(importlib.util.module_from_spec(specification))


def _refuse_in_children():
    earlier = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    if str(_OFFLINE) not in earlier:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(_OFFLINE), *earlier])
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ[name] = _NO_PROXY_THERE
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = "localhost,127.0.0.1,::1"
