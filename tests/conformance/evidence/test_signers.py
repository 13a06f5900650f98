"""Signatures over evidence: in whose name, over which bytes, with which standing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.evidence import signing
from conformance.evidence.model import SCHEMA_VERSION, Signature
from conformance.evidence.pkcs11_uri import TokenUri
from conformance.evidence.signing import (
    DEMO_LABEL,
    Signer,
    UnusableKeyFile,
    demo_signer,
    signature_holds,
    signer_from,
    signer_named,
    standing_of,
)
from reference.crypto import SigningKey, engine

KEY = SigningKey(bytes(31) + b"\x07")
SIGNER = Signer("Lab 1", "laboratory", KEY)
MESSAGE = b"what is signed"


def changed(signature: Signature, **fields: str) -> Signature:
    return msgspec.structs.replace(signature, **fields)


def test_a_signature_says_in_whose_name_it_is_given_and_runs_over_that_too() -> None:
    signature = SIGNER.sign(MESSAGE)
    assert (signature.signer, signature.standing, signature.schema_version) == ("Lab 1", "laboratory", SCHEMA_VERSION)
    assert signature.algorithm == "SM2 with SM3, default user id"
    assert signature.public_key == KEY.public_key().hex()
    assert signature_holds(signature, MESSAGE)
    signed = MESSAGE + b"laboratory Lab 1\n"
    assert engine().sm2_verify(KEY.public_key(), signed, bytes.fromhex(signature.value))


@pytest.mark.parametrize(
    "fields",
    [
        {"signer": "Lab 2"},
        {"standing": "vendor"},
        {"value": "00" * 64},
        {"value": "no hex"},
        {"public_key": "no hex"},
        {"public_key": demo_signer().key.public_key().hex()},
    ],
)
def test_a_signature_with_anything_changed_does_not_hold(fields: dict[str, str]) -> None:
    assert not signature_holds(changed(SIGNER.sign(MESSAGE), **fields), MESSAGE)
    assert not signature_holds(SIGNER.sign(MESSAGE), MESSAGE + b"!")


def test_the_demo_key_is_the_published_one_and_says_what_it_is() -> None:
    demo = demo_signer()
    assert demo.key.public_key() == SigningKey(engine().sm3(DEMO_LABEL)).public_key()
    assert (demo.name, demo.standing, demo.custody) == ("demo key of the harness", "demo", "")
    assert isinstance(demo.key, SigningKey)
    assert demo.key.demo
    assert DEMO_LABEL == b"healthcard demo signing key"


def test_the_standing_of_a_signer_is_what_can_be_confirmed() -> None:
    mine, demo = SIGNER.sign(MESSAGE), demo_signer().sign(MESSAGE)
    trusted = frozenset({mine.public_key})
    assert (standing_of(mine, trusted), standing_of(mine, frozenset())) == ("trusted", "unknown")
    assert (standing_of(demo, frozenset()), standing_of(demo, trusted)) == ("demo", "demo")
    assert standing_of(demo, frozenset({demo.public_key})) == "trusted"
    for signature, expected in ((mine, "trusted"), (demo, "demo")):
        upper = changed(signature, public_key=signature.public_key.upper())
        assert standing_of(upper, trusted) == expected


def test_a_signer_is_named_by_a_key_file_or_a_tokens_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lab.json"
    path.write_bytes(msgspec.json.encode({"signer": "L", "standing": "vendor", "private_key": KEY.secret_value.hex()}))
    of_file = signer_named(str(path))
    assert (of_file.name, of_file.standing, of_file.custody) == ("L", "vendor", "")
    assert of_file.key.public_key() == KEY.public_key()

    asked: list[TokenUri] = []

    def kept(uri: TokenUri) -> tuple[SigningKey, str]:
        asked.append(uri)
        return KEY, "in the safe"

    monkeypatch.setattr(signing, "token_key", kept)
    pin = tmp_path / "pin"
    pin.write_text("1234", encoding="utf-8")
    module = f"module-path=/lib/p11.so&pin-source=file:{pin}"
    uri = f"pkcs11:token=T;object=sm2?{module}&x-signer=Lab%201&x-standing=laboratory"
    of_token = signer_named(uri)
    assert (of_token.name, of_token.standing, of_token.custody) == ("Lab 1", "laboratory", "in the safe")
    assert of_token.key is KEY
    assert [one.signer for one in asked] == ["Lab 1"]


def test_a_key_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UnusableKeyFile) as fault:
        signer_from(tmp_path / "none.json")
    assert str(fault.value) == fault.value.text.en
    assert "none.json cannot be used: " in fault.value.text.en
    assert "No such file" in fault.value.text.en
    assert "No such file" in fault.value.text.zh
