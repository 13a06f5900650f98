"""Index id, dispersal factor, user key and card id against vectors that were not made by this code."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto import Engine, SecretKey
from reference.ecard import ids
from reference.ecard.broken_rules import BrokenRule


class Vector(NamedTuple):
    """One person of the vectors, with every step of the derivation."""

    id_type: str
    number: str
    name: str
    index_id: str
    factor: str
    key: str
    card: str


VECTORS = [
    Vector(
        "01",
        "11010020171225006X",
        "测试甲",
        "C3CABF018DF969CF18C51728CC07252FD99AFD85115862A8A7246D2C80607C87",
        "A5B13880D0C652CF",
        "315384C27476BA21289FBBD201B759B4",
        "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025",
    ),
    Vector(
        "01",
        "990000199001010017",
        "测试乙",
        "579AE40F53E27F7F8DEE30F678496CDFF7FF380482D048B6FCBC13DB283031DA",
        "D137FF26814B6ACC",
        "CCC16B8A4E5FE1630242EF1E93F18D91",
        "CDE1BABDE8F86793BFA9D55137F0C44B4F988E8247BDB047192641AB8028B9F6",
    ),
    Vector(
        "03",
        "E00000000",
        "TEST PERSON",
        "D5312EF1AF92EB57363A0B442D3A76ADEEA61831BCB347A2FF05C6EE2ACE5BC9",
        "F2A8FB6A14D58191",
        "FAF90420DF16A0BFCD78BC482BF61F54",
        "837C825FE117BE7F9031F42030F7AD7FAAFD2E334C4B28BCF1A9E31168FCEA6B",
    ),
    Vector(
        "08",
        "A000000001",
        "测试新生儿",
        "53A4F492D7943B1B384367FE3D76801352F69C6E463FCF658438B85ADF626840",
        "BD29B75873BF1C2D",
        "9D5FC8FCD3E4FF895A0A4DE0C88BD073",
        "D3ABEEFDBC46A995E971A377238175FE019C4A537236F2019E6ECFEDF749BB9B",
    ),
]
PUBLISHED = Vector(
    "01",
    "11010020171225006X",
    "",
    "ABD17E7ED399EF68AB5660155D6E226D2C92EAC3254A4A66BED83AED0ADA1E9E",
    "92CDCE45A16799FD",
    "86C63180C2806ED1F47B859DE501215B",
    "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928",
)
"""The vector that the national specification prints; it gives no name."""

NUMBERS = st.text(st.sampled_from("0123456789ABCDEFGHJKX-/()"), min_size=1, max_size=30)
TYPES = st.from_regex("[0-9]{2}", fullmatch=True)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.number)
def test_the_index_id_is_that_of_the_vectors(each_engine: Engine, vector: Vector) -> None:
    assert ids.index_id(vector.id_type, vector.number, vector.name) == vector.index_id


@pytest.mark.parametrize("vector", [PUBLISHED, *VECTORS], ids=lambda vector: vector.index_id[:4])
def test_factor_key_and_card_id_are_those_of_the_vectors(
    each_engine: Engine, security_key: SecretKey, vector: Vector
) -> None:
    factor = ids.dispersal_factor(vector.index_id)
    user = ids.user_key(security_key, factor)
    assert factor.hex().upper() == vector.factor
    assert user == SecretKey(bytes.fromhex(vector.key))
    assert ids.ecard_id(user, vector.id_type, vector.number) == vector.card


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.number)
def test_a_card_id_is_checked_against_its_person_alone(
    each_engine: Engine, security_key: SecretKey, vector: Vector
) -> None:
    user = ids.user_key(security_key, ids.dispersal_factor(vector.index_id))
    assert ids.check_ecard_id(vector.card, user, vector.id_type, vector.number)
    assert not ids.check_ecard_id(vector.card, user, vector.id_type, "110100200001010018")
    assert not ids.check_ecard_id(PUBLISHED.card, user, vector.id_type, vector.number)


def test_a_key_made_from_a_demonstration_key_is_one_itself(security_key: SecretKey) -> None:
    assert ids.user_key(security_key, bytes(8)).demo


def test_the_name_enters_the_index_id() -> None:
    first = VECTORS[0]
    assert ids.index_id(first.id_type, first.number, first.name + "一") != first.index_id


def test_the_factor_is_doubled_with_its_complement() -> None:
    assert ids.factor_pair(bytes.fromhex("A5B13880D0C652CF")).hex().upper() == "A5B13880D0C652CF5A4EC77F2F39AD30"
    with pytest.raises(ValueError, match="8 bytes, not 7"):
        ids.factor_pair(bytes(7))


@given(TYPES, NUMBERS)
def test_the_plaintext_reads_back_and_has_32_bytes(id_type: str, number: str) -> None:
    plaintext = ids.ecard_id_plaintext(id_type, number)
    assert len(plaintext) == 32
    assert ids.read_ecard_id_plaintext(plaintext) == (id_type, number)


@given(st.binary(min_size=0, max_size=40))
def test_whatever_reads_as_plaintext_is_what_would_be_written(block: bytes) -> None:
    found = ids.read_ecard_id_plaintext(block)
    assert found is None or ids.ecard_id_plaintext(*found) == block


@pytest.mark.parametrize("block", [b"01A\0B".ljust(32, b"\0"), b"0".ljust(32, b"\0"), b"01a".ljust(32, b"\0"), b"01A"])
def test_what_is_no_plaintext_is_not_read(block: bytes) -> None:
    assert ids.read_ecard_id_plaintext(block) is None


@pytest.mark.parametrize(
    ("id_type", "number", "refused", "id"),
    [
        ("1", "E1", ids.MalformedIdType, "person.unknown-id-type"),
        ("０1", "E1", ids.MalformedIdType, "person.unknown-id-type"),
        ("01", "", ids.MalformedIdNumber, "person.id-number-malformed"),
        ("01", "E 1", ids.MalformedIdNumber, "person.id-number-malformed"),
        ("01", "军123", ids.MalformedIdNumber, "person.id-number-malformed"),
        ("01", "E1\n", ids.MalformedIdNumber, "person.id-number-malformed"),
        ("01", "11010020171225006x", ids.LowerCaseIdNumber, "person.id-number-lower-case"),
        ("01", "1" * 31, ids.IdNumberTooLong, "person.id-number-malformed"),
    ],
)
def test_a_number_of_the_wrong_form_is_refused(id_type: str, number: str, refused: type[BrokenRule], id: str) -> None:
    with pytest.raises(refused) as caught:
        ids.ecard_id_plaintext(id_type, number)
    with pytest.raises(refused):
        ids.index_id(id_type, number, "测试")
    assert caught.value.id == id
    assert not number or number not in caught.value.explained().en


def test_thirty_characters_still_fit() -> None:
    assert ids.ecard_id_plaintext("99", "1" * 30) == b"99" + b"1" * 30


def test_a_person_has_a_name() -> None:
    with pytest.raises(ids.EmptyName) as caught:
        ids.index_id("01", "E1", "")
    assert caught.value.field == "name"


@pytest.mark.parametrize(
    "text", ["", "AB", "ab" * 32, "AB" * 33, "AB" * 31 + "A", "G" * 64, "AB" * 32 + "\n", "Ａ" * 64]
)
def test_an_identifier_has_64_upper_case_digits(security_key: SecretKey, text: str) -> None:
    with pytest.raises(ids.MalformedIdentifier):
        ids.dispersal_factor(text)
    with pytest.raises(ids.MalformedIdentifier):
        ids.check_ecard_id(text, security_key, "01", "E1")
