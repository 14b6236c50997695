"""A start that only a token opens, tried on SoftHSM where it is installed (Debian: softhsm2)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from despensa.adapters import age
from despensa.adapters.keeper import hardware_token, key_files, locking
from despensa.domain.ports.key_office import Custodian
from despensa.entrypoints.unlocking import Ways

PLACES = (
    os.environ.get("DESPENSA_SOFTHSM", ""),
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
MODULE = next((path for path in PLACES if path and Path(path).is_file()), None)
UTILITY = shutil.which("softhsm2-util")
PIN, WORKSPACE = "1234", bytes(16)
pytestmark = pytest.mark.skipif(
    MODULE is None or UTILITY is None, reason="SoftHSM is not installed (softhsm2)"
)


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A token with an RSA key, in a folder of this test."""
    pkcs11 = pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    subprocess.run(
        [
            UTILITY, "--module", MODULE, "--init-token", "--free", "--label", "despensa",
            "--pin", PIN, "--so-pin", "56785678",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    made = pkcs11.lib(MODULE).get_token(token_label="despensa")
    with made.open(rw=True, user_pin=PIN) as session:
        session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label="start")
    yield hardware_token.token_of(f"{MODULE}:despensa:start")
    del os.environ["SOFTHSM2_CONF"]


def test_a_locked_folder_starts_with_the_token_and_not_without(token, tmp_path):
    key_files.KeyFiles(tmp_path, WORKSPACE).read_or_make(tmp_path / "issuer.key", os.urandom)
    people = [Custodian(name, age.new_identity()[1]) for name in ("rosa", "hamid")]
    locking.lock(
        tmp_path, workspace=WORKSPACE, custodians=people, before=None,
        keep_start=token.keeps_in(tmp_path, PIN), random=os.urandom,
    )  # fmt: skip

    lock = Ways({}, token=token, ask=lambda: PIN).opened(tmp_path, workspace=WORKSPACE)

    assert [one.name for one in lock.custodians] == ["rosa", "hamid"]
    assert not (tmp_path / locking.START_FILE).exists()
    with pytest.raises(hardware_token.TokenRefused, match="PIN"):
        Ways({}, token=token, ask=lambda: "9999").opened(tmp_path, workspace=WORKSPACE)


def test_a_token_that_is_not_there_is_said(token, tmp_path):
    with pytest.raises(hardware_token.TokenRefused, match="missing"):
        token.opened(tmp_path, PIN)
    other = hardware_token.token_of(f"{MODULE}:another:start")
    with pytest.raises(hardware_token.TokenRefused, match="NoSuchToken"):
        other.keeps_in(tmp_path, PIN)
