"""The shipped card tables against figures of APP11 v1.1, REV2 and OFFS, not taken from the tables."""

from __future__ import annotations

import pytest

from reference.standard import Standard, load, profiles
from reference.standard.rows import Basis, ElementType, FileKind, KeyRole, Protection

INPATIENT = "DDF1/DF03/EE01"
OUTPATIENT = "DDF1/DF03/ED01"

RIGHTS = {
    "DDF1/EF05": (None, None, None, "none"),
    "DDF1/EF06": ("RK1DDF1", None, None, "none"),
    "DDF1/EF07": ("RK1DDF1", "UK1DDF1", None, "plain"),
    "DDF1/EF08": ("RK1DDF1", "UK1DDF1", None, "cipher-and-mac"),
    "DDF1/DF01/EF05": ("RK1DF01", "UK1DF01", None, "cipher-and-mac"),
    "DDF1/DF01/EF06": ("RK1DF01", "UK1DF01", None, "cipher-and-mac"),
    "DDF1/DF01/EF07": ("RK1DF01", "UK1DF01", None, "cipher-and-mac"),
    "DDF1/DF01/EF08": ("RK1DF01", "UK1DF01", None, "cipher-and-mac"),
    "DDF1/DF02/EF05": ("RK1DF02", "UK1DF02", None, "cipher-and-mac"),
    "DDF1/DF02/EF06": ("RK1DF02", "UK2DF02", None, "cipher-and-mac"),
    "DDF1/DF02/EF07": ("RK1DF02", "UK3DF02", None, "cipher-and-mac"),
    "DDF1/DF02/EF08": ("RK1DF02", "UK3DF02", None, "cipher-and-mac"),
    "DDF1/DF03/EF05": ("RK1DF03", "UK1DF03", "UK2DF03", "mac"),
    "DDF1/DF03/EF06": ("RK1DF03", "UK1DF03", "UK2DF03", "mac"),
    **{f"DDF1/DF03/EE0{n}": ("RK1DF03", "UK1DF03", None, "plain") for n in (1, 2, 3)},
    **{f"DDF1/DF03/ED0{n}": ("RK1DF03", "UK1DF03", None, "plain") for n in (1, 2, 3, 4, 5)},
}

LENGTHS_BY_TAG = {
    "DDF1/EF05": {1: 1, 2: 4, 3: 30, 4: 11, 5: 180, 6: 4, 8: 18, 9: 3, 10: 10, 57: 3},
    "DDF1/EF06": {11: 30, 12: 1, 13: 1, 14: 4, 15: 18},
    "DDF1/EF08": {7: 4, 16: 20, 17: 20, 18: 1, 19: 1, 20: 1},
    "DDF1/DF01/EF05": {21: 1, 22: 100, 23: 1, 24: 100},
    "DDF1/DF01/EF06": {25: 30, 26: 1, 27: 20, 28: 30, 29: 1, 30: 20, 31: 30, 32: 1, 33: 20},
    "DDF1/DF01/EF07": {34: 1, 35: 1, 36: 3},
    "DDF1/DF01/EF08": {37: 1, 38: 18, 39: 17, 40: 18},
    "DDF1/DF02/EF05": {tag: 1 for tag in range(41, 55)} | {55: 40},
    "DDF1/DF02/EF06": {56: 1},
}


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load()


def test_every_shipped_profile_loads() -> None:
    assert profiles() == ("field-2013", "national-2012")
    assert [load(profile).profile.id for profile in profiles()] == ["field-2013", "national-2012"]


def test_the_rights_are_those_of_app11_chapter_4_and_rev2_item_24(standard: Standard) -> None:
    assert {
        path: (file.read, file.update, file.erase, file.protection.value) for path, file in standard.files.items()
    } == RIGHTS


def test_the_tagged_elements_are_those_of_tables_4_1_to_4_10(standard: Standard) -> None:
    found = {
        path: {element.tag: element.length for element in standard.elements(path)}
        for path, file in standard.files.items()
        if file.kind is FileKind.VARIABLE
    }
    assert found == LENGTHS_BY_TAG
    assert sorted(tag for tags in found.values() for tag in tags if tag) == list(range(1, 58))


def test_a_variable_file_has_one_record_an_element(standard: Standard) -> None:
    assert {path: standard.files[path].records for path in LENGTHS_BY_TAG} == {
        path: len(tags) for path, tags in LENGTHS_BY_TAG.items()
    }


@pytest.mark.parametrize(
    ("path", "records", "record_length"),
    [
        ("DDF1/DF02/EF07", 3, 120),
        ("DDF1/DF02/EF08", 10, 24),
        ("DDF1/DF03/EF05", 3, 1),
        ("DDF1/DF03/EF06", 5, 1),
    ],
)
def test_records_of_fixed_length_are_those_of_tables_4_11_to_4_14(
    standard: Standard, path: str, records: int, record_length: int
) -> None:
    file = standard.files[path]
    assert (file.records, file.record_length) == (records, record_length)


def test_an_inpatient_file_has_149_elements_at_the_offsets_of_offs(standard: Standard) -> None:
    at = {element.id: element.offset for element in standard.elements(INPATIENT)}
    assert len(at) == 149
    assert standard.files[INPATIENT].size == 1893
    assert [at[f"diagnosis-{n}.serology-item"] for n in (1, 2, 3)] == [212, 459, 706]
    assert [at[f"diagnosis-{n}.name"] for n in (1, 2, 3)] == [214, 461, 708]
    assert [at[f"transfusion-{n}.blood-kind"] for n in (1, 2, 3, 4)] == [953, 966, 979, 992]
    assert [at[f"fee-{n}.class"] for n in range(1, 21)] == list(range(1069, 1589, 26))
    assert (at["total-fee"], at["other-fee"]) == (1589, 1634)
    assert (at["rescue-count"], at["discharge-date"], at["days-in-hospital"]) == (1005, 1009, 1063)
    assert (at["signature"], at["sam-certificate"]) == (1639, 1703)


def test_an_outpatient_file_has_172_elements_at_the_offsets_of_offs(standard: Standard) -> None:
    at = {element.id: element.offset for element in standard.elements(OUTPATIENT)}
    assert len(at) == 172
    assert standard.files[OUTPATIENT].size == 3267
    assert [at[f"symptom-{n}.symptom"] for n in range(1, 6)] == list(range(156, 781, 125))
    assert [at[f"exam-{n}.name"] for n in range(1, 11)] == list(range(781, 2041, 126))
    assert [at[f"drug-{n}.name"] for n in range(1, 6)] == list(range(2041, 2496, 91))
    assert [at[f"operation-{n}.name"] for n in range(1, 4)] == [2496, 2585, 2674]
    assert [at[f"fee-{n}.class"] for n in range(1, 11)] == list(range(2763, 3013, 25))
    assert (at["signature"], at["sam-certificate"]) == (3013, 3077)


def test_all_visit_files_of_a_kind_have_the_same_elements(standard: Standard) -> None:
    for first, count in ((INPATIENT, 3), (OUTPATIENT, 5)):
        ids = [element.id for element in standard.elements(first)]
        assert all(
            [element.id for element in standard.elements(f"{first[:-1]}{n}")] == ids for n in range(1, count + 1)
        )


def test_untagged_elements_follow_one_another_without_gap(standard: Standard) -> None:
    for path, file in standard.files.items():
        if file.kind is FileKind.VARIABLE:
            continue
        end = 0
        for element in standard.elements(path):
            assert element.offset == end, (path, element.id)
            end += element.length
        assert end == (file.size or file.record_length)


def test_the_card_holds_26_644_bytes(standard: Standard) -> None:
    tagged = sum(2 + length for lengths in LENGTHS_BY_TAG.values() for length in lengths.values())
    fixed = sum(file.records * file.record_length for file in standard.files.values())
    binary = sum(file.size for file in standard.files.values())
    assert (tagged, fixed, binary) == (948, 608, 25_088)
    assert tagged + fixed + binary == 26_644


def test_the_keys_are_the_21_of_rev2_table_10_2(standard: Standard) -> None:
    by_role = {role: [key.id for key in standard.keys.values() if key.role is role] for role in KeyRole}
    assert by_role == {
        KeyRole.INTERNAL: ["IRKDDF1"],
        KeyRole.MAINTENANCE: ["STKMF", "STKDDF1", "STKDF01", "STKDF02", "STKDF03"],
        KeyRole.CARD_BLOCK: ["BKMF"],
        KeyRole.APPLICATION_LOCK: ["LKDF01", "LKDF02", "LKDF03"],
        KeyRole.UPDATE: ["UK1DDF1", "UK1DF01", "UK1DF02", "UK2DF02", "UK3DF02", "UK1DF03"],
        KeyRole.ERASE: ["UK2DF03"],
        KeyRole.READ: ["RK1DDF1", "RK1DF01", "RK1DF02", "RK1DF03"],
    }
    assert len(standard.keys) == 21


def test_no_two_keys_of_a_directory_share_a_reference(standard: Standard) -> None:
    named = [(key.directory, key.reference) for key in standard.keys.values() if key.reference is not None]
    assert len(named) == len(set(named)) == 16


def test_fielded_references_are_field_and_the_others_sibling(standard: Standard) -> None:
    assert standard.keys["UK3DF02"].reference == 0x87
    assert standard.keys["UK3DF02"].source_of("reference").basis is Basis.FIELD
    assert standard.keys["LKDF02"].reference == 0x83
    assert standard.keys["LKDF02"].source_of("reference").basis is Basis.SIBLING
    assert standard.keys["LKDF02"].source.basis is Basis.NORMATIVE


def test_the_directories_have_the_names_of_app11(standard: Standard) -> None:
    names = {path: bytes.fromhex(directory.name) for path, directory in standard.directories.items()}
    assert names == {
        "": b"",
        "DDF1": b"WS.SYS.DDF01",
        "DDF1/DF01": bytes.fromhex("915600013200"),
        "DDF1/DF02": bytes.fromhex("915600013201"),
        "DDF1/DF03": bytes.fromhex("915600013202"),
    }


def test_a_file_is_cited_by_its_table_and_its_protection_by_rev2(standard: Standard) -> None:
    file = standard.files["DDF1/DF02/EF05"]
    assert str(file.source) == "APP11 table 4-9"
    assert file.source_of("read") == file.source
    assert str(file.source_of("protection")).startswith("REV2 item 24")
    assert file.protection is Protection.CIPHER_AND_MAC


@pytest.mark.parametrize(
    ("id", "header"),
    [
        ("card.select", (0x00, 0xA4)),
        ("card.read-record", (0x00, 0xB2)),
        ("card.read-binary", (0x00, 0xB0)),
        ("card.update-binary", (0x00, 0xD6)),
        ("card.update-record", (0x04, 0xDC)),
        ("card.append-record", (0x04, 0xE2)),
        ("card.write-record", (0x84, 0xD2)),
        ("card.erase-record", (0x84, 0x0C)),
        ("card.get-challenge", (0x00, 0x84)),
        ("card.external-authenticate", (0x00, 0x82)),
        ("card.internal-authenticate", (0x00, 0x88)),
        ("card.application-block", (0x84, 0x1E)),
        ("card.application-unblock", (0x84, 0x18)),
        ("card.card-block", (0x84, 0x16)),
        ("card.get-response", (0x00, 0xC0)),
        ("sam.verify-pin", (0x00, 0x20)),
        ("sam.change-pin", (0x80, 0x5E)),
        ("sam.delivery-session-key", (0x80, 0xDE)),
        ("sam.cipher-data", (0x80, 0xFA)),
    ],
)
def test_commands_have_the_class_and_instruction_seen_in_the_field(
    standard: Standard, id: str, header: tuple[int, int]
) -> None:
    command = standard.commands[id]
    assert (command.cla, command.ins) == header
    assert command.chip == id.partition(".")[0]


def test_only_9000_and_61xx_are_more_than_sibling(standard: Standard) -> None:
    confirmed = {word.sw for word in standard.status_words.values() if word.source.basis is not Basis.SIBLING}
    assert confirmed == {"9000", "61xx"}


def test_a_status_word_with_open_digits_becomes_a_number_with_zeros(standard: Standard) -> None:
    assert standard.sw("security-status-not-satisfied") == 0x6982
    assert standard.sw("authentication-failed") == 0x63C0
    assert standard.sw("more-data") == 0x6100


def test_limits_are_numbers_with_a_source(standard: Standard) -> None:
    assert (standard.limit("max-records"), standard.limit("wrong-mac-limit")) == (254, 3)
    assert standard.limits["max-records"].source.basis is Basis.NORMATIVE
    assert standard.limits["wrong-mac-limit"].source.basis is Basis.DECISION
    assert standard.limit("original-example").to_bytes(8, "big").hex() == "1122334455667788"


def test_the_contactless_reset_answer_announces_13_historical_bytes_and_t_0_and_1(standard: Standard) -> None:
    contactless, contact = standard.interfaces["contactless"], standard.interfaces["contact-t0"]
    assert (contactless.reset, contactless.check, contactless.returns_data) == ("3B8D8001", True, "directly")
    assert (contact.reset, contact.check, contact.returns_data) == ("3B6D0000", False, "get-response")
    assert int(contactless.reset[3], 16) == int(contact.reset[3], 16) == standard.limit("historical-bytes")


def test_every_flag_and_code_of_type_b_is_written_as_its_byte(standard: Standard) -> None:
    for path in standard.files:
        for element in standard.elements(path):
            if element.type is ElementType.B and element.codes:
                for code in standard.codes[element.codes]:
                    assert len(bytes.fromhex(code.value)) == element.length
    assert [code.value for code in standard.codes["record-flag"]] == ["00", "FF"]


def test_there_are_56_ethnic_groups(standard: Standard) -> None:
    assert [code.value for code in standard.codes["ethnic-group"]] == [f"{n:02}" for n in range(1, 57)]
