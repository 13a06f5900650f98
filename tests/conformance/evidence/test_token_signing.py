"""Signing with a key in a token: SoftHSM keeps one for real, and a made-up session plays a token that can SM2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import MechanismInvalid

from conformance.evidence.package import read_package
from conformance.evidence.pkcs11_uri import PIN_VARIABLE, TokenUri, UnusableToken, parsed
from conformance.evidence.signing import signature_holds, signer_named
from conformance.evidence.token_signing import FROM_TOKEN, TokenKey, vendor_mechanism
from reference.crypto import SigningKey, engine
from tests.conformance.cli.conftest import Called, call
from tests.runs import certified
from tests.softhsm import LABEL, PIN, new_token

__all__ = ["call"]

KEY = SigningKey(bytes(31) + b"\x0d")
SM2_CURVE = bytes.fromhex("06082A811CCF5501822D")
URI = "pkcs11:token=T;object=K?module-path=/m.so&x-signer=Example%20Laboratory&x-standing=laboratory"


# -- the URI ---------------------------------------------------------------------------------------------------


def test_a_uri_is_taken_apart() -> None:
    uri = parsed(URI + "&x-sm2-mechanism=0x80000042&x-sm2-input=message&pin-source=file:/run/pin%20file")
    assert uri == TokenUri(
        token="T",
        object="K",
        module="/m.so",
        signer="Example Laboratory",
        standing="laboratory",
        pin_file="/run/pin file",
        mechanism=0x80000042,
        digests_itself=True,
    )


@pytest.mark.parametrize(
    ("uri", "named"),
    [
        (URI + "&pin-value=1234", "command line"),
        (URI.replace("token=T;", ""), "token"),
        (URI.replace("laboratory", "emperor"), "x-standing"),
        (URI + "&x-sm2-mechanism=many", "x-sm2-mechanism"),
        (URI + "&x-sm2-input=both", "x-sm2-input"),
        (URI + "&colour=red", "colour"),
        (URI.replace("object=K", "object=K;object=L"), "object"),
    ],
)
def test_a_wrong_uri_is_refused_by_the_attribute_and_its_value_is_not_repeated(uri: str, named: str) -> None:
    with pytest.raises(UnusableToken, match=named) as fault:
        parsed(uri)
    assert "1234" not in fault.value.text.en + fault.value.text.zh
    assert fault.value.text.zh != fault.value.text.en


def test_the_pin_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = tmp_path / "pin"
    pin.write_text("24680\n", encoding="utf-8")
    assert parsed(f"{URI}&pin-source=file:{pin}").pin() == "24680"
    monkeypatch.setenv(PIN_VARIABLE, "13579")
    assert parsed(URI).pin() == "13579"
    monkeypatch.delenv(PIN_VARIABLE)
    for uri in (URI, f"{URI}&pin-source=file:{tmp_path / 'none'}"):
        with pytest.raises(UnusableToken, match="PIN"):
            parsed(uri).pin()


# -- a token that can SM2 --------------------------------------------------------------------------------------


class VendorToken:
    """A session of a token with an SM2 mechanism of its own, which signs with the SM2 rule over a given digest."""

    def __init__(self, *, wrong: bool = False, lacks: bool = False) -> None:
        self.wrong, self.lacks, self.asked = wrong, lacks, list[tuple[int, int]]()

    def get_objects(self, wanted: dict[Attribute, Any]) -> list[Any]:
        public: Any = {Attribute.EC_POINT: b"\x04\x41\x04" + KEY.public_key()}
        held: dict[Any, list[Any]] = {ObjectClass.PRIVATE_KEY: [self], ObjectClass.PUBLIC_KEY: [public]}
        return held.get(wanted[Attribute.CLASS], [])

    def sign(self, data: bytes, *, mechanism: Mechanism) -> bytes:
        """With ``x-sm2-input=message`` the token's rule is ours; the message is what it is given."""
        if self.lacks:
            raise MechanismInvalid
        self.asked.append((int(mechanism), len(data)))
        return bytes(64) if self.wrong else KEY.sign(data)


def vendor_key(token: VendorToken, extra: str = "&x-sm2-input=message") -> TokenKey:
    @contextmanager
    def opening() -> Iterator[VendorToken]:
        yield token

    return TokenKey(opening, parsed(f"{URI}&x-sm2-mechanism=0x80000042{extra}"))


def test_the_tokens_own_mechanism_signs_and_the_number_is_that_of_the_uri() -> None:
    token = VendorToken()
    key = vendor_key(token)
    assert key.public_key() == KEY.public_key()
    assert engine().sm2_verify(key.public_key(), b"manifest", key.sign(b"manifest"))
    assert token.asked == [(0x80000042, 8)]


def test_a_token_that_signs_digests_is_given_the_digest() -> None:
    token = VendorToken()
    with pytest.raises(UnusableToken, match="0x80000042"):  # our token signs messages: what it signs is another digest
        vendor_key(token, "").sign(b"manifest")
    assert token.asked == [(0x80000042, 32)]


def test_what_is_no_sm2_signature_does_not_get_into_a_package() -> None:
    with pytest.raises(UnusableToken, match="no SM2 signature"):
        vendor_key(VendorToken(wrong=True)).sign(b"manifest")


def test_a_mechanism_that_the_token_lacks_is_named() -> None:
    with pytest.raises(UnusableToken, match="no mechanism 0x80000042"):
        vendor_key(VendorToken(lacks=True)).sign(b"manifest")


# -- SoftHSM ---------------------------------------------------------------------------------------------------


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A SoftHSM token that keeps the key as a private data object; the URI of the key."""
    module = new_token(tmp_path, monkeypatch)
    pin = tmp_path / "pin"
    pin.write_text(PIN, encoding="utf-8")
    library = pkcs11.lib(str(module))
    library.reinitialize()
    with library.get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        common = {Attribute.TOKEN: True, Attribute.PRIVATE: True}
        session.create_object(
            common | {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "sm2", Attribute.VALUE: KEY.secret_value}
        )
        session.create_object(
            common | {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "short", Attribute.VALUE: b"short"}
        )
        session.create_object(
            common
            | {
                Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                Attribute.KEY_TYPE: KeyType.EC,
                Attribute.LABEL: "curve",
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.EC_PARAMS: SM2_CURVE,
                Attribute.VALUE: KEY.secret_value,
                Attribute.SIGN: True,
            }
        )
    query = f"module-path={module}&pin-source=file:{pin}&x-signer=Example%20Laboratory&x-standing=laboratory"
    return f"pkcs11:token={LABEL.replace(' ', '%20')};object=sm2?{query}"


def test_a_key_kept_in_a_token_signs_a_package_and_the_package_says_where_it_was(token: str, tmp_path: Path) -> None:
    signer = signer_named(token)
    assert (signer.name, signer.standing, signer.custody) == ("Example Laboratory", "laboratory", FROM_TOKEN)
    certified(tmp_path / "out", signer=signer, select="test_reset")
    package = read_package(tmp_path / "out" / "evidence.zip", frozenset({KEY.public_key().hex()}))
    assert (package.signer_standing, package.manifest.key_custody) == ("trusted", FROM_TOKEN)


def test_the_command_line_takes_the_uri_and_never_shows_pin_or_key(
    token: str, call: Callable[..., Called], tmp_path: Path
) -> None:
    made = call(
        "certify",
        "card",
        "--simulated",
        "--in-process",
        "--out",
        tmp_path / "o",
        "-k",
        "test_reset",
        "--signing-key",
        token,
    )
    assert "key kept in token, computed in process" in made.said
    checked = call("verify", tmp_path / "o" / "evidence.zip")
    assert "signer Example Laboratory" in checked.said
    assert "key kept in token, computed in process" in checked.said
    for secret in (PIN, KEY.secret_value.hex()):
        assert secret not in made.said + checked.said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("object=sm2", "object=nothing"), "0 objects nothing"),
        (("object=sm2", "object=short"), "32 bytes"),
        (("token=laboratory", "token=other"), "cannot be used"),
        (("libsofthsm2.so", "nosuch.so"), "nosuch.so"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(token: str, change: tuple[str, str], says: str) -> None:
    with pytest.raises(UnusableToken, match=says):
        signer_named(token.replace(*change))


def test_a_wrong_pin_is_said_and_not_repeated(token: str, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("11111111", encoding="utf-8")
    with pytest.raises(UnusableToken, match="the PIN is wrong") as fault:
        signer_named(token)
    assert "11111111" not in str(fault.value)


def test_softhsm_has_no_sm2_although_it_takes_a_key_of_its_curve(token: str) -> None:
    """It would sign with ECDSA, which is another signature; a vendor's mechanism reaches it and is refused."""
    library = pkcs11.lib(parsed(token).module)
    with library.get_token(token_label=LABEL).open(user_pin=PIN) as session:
        key: Any = next(iter(session.get_objects({Attribute.LABEL: "curve"})))
        with pytest.raises(MechanismInvalid):
            key.sign(bytes(32), mechanism=vendor_mechanism(0x80000042))
        other = key.sign(engine().sm3(b"manifest"), mechanism=Mechanism.ECDSA)
    assert not engine().sm2_verify(KEY.public_key(), b"manifest", other)


def test_signatures_of_token_and_file_are_checked_alike(token: str) -> None:
    signature = signer_named(token).sign(b"manifest")
    assert signature_holds(signature, b"manifest")
    assert signature.public_key == KEY.public_key().hex()
