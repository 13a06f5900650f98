"""Keys that never show themselves: every way in which a value might slip out, searched for a canary."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import traceback
from typing import Any

import msgspec
import pytest

from reference.crypto import InvalidKey, SecretKey, SigningKey, engine
from reference.crypto.keys import Secret
from reference.crypto.sm2 import N, to_bytes

CANARY = b"\xca\xfeCANARY-KEY-\xbe\xef\x01"
SECRETS: list[Secret] = [SecretKey(CANARY), SigningKey(CANARY + CANARY)]
each_secret = pytest.mark.parametrize("secret", SECRETS, ids=["secret-key", "signing-key"])


def shows_the_key(text: str) -> bool:
    """Whether a text holds the canary in any of the ways in which bytes are written."""
    return any(form in text.lower() for form in ("canary", CANARY.hex()[4:28], "43, 41, 4e", "67, 65, 78"))


@each_secret
def test_no_way_of_writing_shows_the_value(secret: Secret) -> None:
    written = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:40}",
        "%s %r" % (secret, secret),  # noqa: UP031 – the old way of writing is one of the ways
        pprint.pformat({"key": [secret]}),
        json.dumps({"key": secret}, default=str),
        msgspec.json.encode({"key": secret}, enc_hook=str).decode(),
    ]
    assert not any(shows_the_key(text) for text in written)
    assert all(secret.kcv() in text for text in written)


@each_secret
def test_a_search_for_the_canary_would_find_it(secret: Secret) -> None:
    value = secret.secret_value
    assert all(shows_the_key(text) for text in (repr(value), value.hex(), str(list(value))))


@each_secret
def test_a_key_is_written_into_no_file(secret: Secret) -> None:
    encoders: list[Any] = [pickle.dumps, json.dumps, msgspec.json.encode, msgspec.msgpack.encode, bytes]
    for encoder in encoders:
        with pytest.raises(TypeError) as refusal:
            encoder(secret)
        assert not shows_the_key(str(refusal.value))


@each_secret
def test_a_log_line_and_a_traceback_show_the_check_value(secret: Secret, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("keys").warning("key %s", secret)
    try:
        raise KeyError(secret)
    except KeyError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert secret.kcv() in caplog.text
    assert secret.kcv() in told
    assert not shows_the_key(caplog.text)
    assert not shows_the_key(told)


def test_a_key_names_itself_by_kind_check_value_and_demo_mark() -> None:
    assert repr(SecretKey(bytes(16))) == "«SecretKey #106e»"
    assert repr(SecretKey(bytes(16), demo=True)) == "«demo SecretKey #106e»"
    assert engine().sm3(bytes(16)).hex().startswith("106e")


def test_keys_are_equal_when_kind_and_value_are() -> None:
    assert SecretKey(CANARY) == SecretKey(CANARY, demo=True)
    assert SecretKey(CANARY) != SecretKey(bytes(16))
    assert SecretKey(CANARY) != CANARY
    assert len({SecretKey(CANARY), SecretKey(CANARY), SecretKey(bytes(16))}) == 2


@each_secret
def test_a_copy_is_the_key_itself(secret: Secret) -> None:
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


@pytest.mark.parametrize("length", [0, 8, 15, 17, 32])
def test_a_secret_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidKey, match=f"SecretKey has 16 bytes, not {length}"):
        SecretKey(bytes(length))


def test_a_signing_key_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidKey, match="between 1 and n-2"):
        SigningKey(to_bytes(N - 1))


def test_a_signing_key_signs_what_its_public_key_verifies() -> None:
    key = SigningKey(CANARY + CANARY)
    signature = key.sign(b"manifest")
    assert engine().sm2_verify(key.public_key(), b"manifest", signature)
    assert not engine().sm2_verify(key.public_key(), b"Manifest", signature)
    assert key.sign(b"manifest") == signature


class Counting:
    """Randomness that counts up."""

    def bytes(self, length: int) -> bytes:
        """The bytes 0, 1, 2 …"""
        return bytes(range(length))


def test_a_drawn_signing_key_is_what_the_randomness_gave() -> None:
    assert SigningKey.drawn_from(Counting()) == SigningKey(bytes(range(32)))
