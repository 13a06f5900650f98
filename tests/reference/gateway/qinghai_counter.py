"""Qinghai's server side without a platform behind it, and a right request for each of its services."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reference.access.desk import Desk
from reference.ecard.moments import china_text
from reference.ecard.refusals import Refusal
from reference.gateway.demo import INSTITUTION, PASSWORD, USER_NAME, demo_app_id, furnish
from reference.gateway.profiles.qinghai import Qinghai, QinghaiExchange
from reference.gateway.profiles.qinghai_xml import read_answer, read_return, write_call, write_fields
from reference.gateway.wire import Call, Counter, Received, Sent
from reference.serving import Surroundings
from reference.store import Store
from tests.databases import empty_sqlite
from tests.platform import NOON_MS, SettableClock, citizen_number, surroundings

PATH = "/rhc/services/RHCMessageServer"
PNG = b"\x89PNG\r\n\x1a\nphoto"
PHOTO = base64.b64encode(PNG).decode()
NUMBER, MEMBER, CLERK = citizen_number(1), citizen_number(3), citizen_number(5)
CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
TIME = "2026-01-01 12:00:00"
PERSON = {
    "name": "测试甲",
    "telephone": "13900000000",
    "id_number": NUMBER,
    "id_type": "01",
    "id_card": NUMBER,
    "nation": "01",
    "sex": "1",
    "birthday": "19900101",
    "address": "青海省西宁市",
}
PHOTOS = {"photo_front": PHOTO, "photo_reverse": PHOTO, "photo_face": PHOTO}
SELF = {"self_id_type": "01", "self_id_number": NUMBER}
RIGHT: Mapping[str, Mapping[str, str]] = {
    "RHC_E0001": {**PERSON, **PHOTOS},
    "RHC_E0002": {"id_card": NUMBER, "qrcode_type": "0"},
    "RHC_E0003": {"qr_code": f"{CARD}:1", "time": TIME, "sam": "5101000010300", "channel_code": "01"},
    "RHC_E0004": {"id_card": NUMBER, "qr_code": f"{CARD}:1"},
    "RHC_E0005": {"id_card": NUMBER},
    "RHC_E0006": {**PERSON, "auth_id_card": CLERK, "auth_name": "经办人甲"},
    "RHC_E0007": {**SELF, **PERSON, **PHOTOS, "id_number": MEMBER, "id_card": MEMBER, "relation": "1"},
    "RHC_E0008": {**SELF, "id_type": "01", "id_number": MEMBER},
    "RHC_E0009": {
        "time": TIME,
        "atr": "1001200100000001",
        "hc_number": "6301000000000000001",
        "sam": "5101000010300",
        "use_citycode": "630100",
        "use_cityname": "西宁市",
        "nation": "01",
        "id_card": NUMBER,
        "hospital_code": INSTITUTION.code,
        "hospital_name": INSTITUTION.name,
        "channel_code": "01",
        "channel_name": "人工窗口",
        "medstep_code": "010101",
    },
    "RHC_E0010": SELF,
    "RHC_E0011": {"ecardId": CARD, "telephone": "13900000001", "alterNo": "1", "alterTime": TIME},
    "RHC_E0012": {"name": "测试甲", "sex": "1", "age": "36", "clinicTime": TIME},
    "RHC_E0013": {"qr_code": "T0123456789ABCDEF"},
    "RHC_E0014": {"qr_code": f"{CARD}:1", "qr_code_temp": "T0123456789ABCDEF"},
    "RHC_E0015": {"mother_id_type": "01", "mother_id_number": NUMBER},
    "RHC_E0016": {
        "name": "测试新生儿",
        "telephone": "13900000000",
        "id_number": "A000000001",
        "id_type": "99",
        "id_card": NUMBER,
        "nation": "01",
        "sex": "1",
        "birthday": "20260101",
        "address": "青海省西宁市",
    },
    "RHC_E0017": {"orgId": INSTITUTION.code, "startDate": "2026-01-01", "endDate": "2026-01-31"},
}
"""The fields of a request that each service takes."""

ENVELOPE = {
    "msgType": "1",
    "msgCreateTime": china_text(NOON_MS, "yyyy-MM-ddHH:mm:ss"),
    "appCode": demo_app_id("qinghai"),
    "userName": USER_NAME,
    "userPwd": PASSWORD,
}


@dataclass
class QinghaiCounter:
    """Where requests are read, each with a message id of its own."""

    counter: Counter
    surroundings: Surroundings
    guids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def action(self, service: str, **changes: str) -> str:
        """The action's text; a change to an empty text leaves the field out."""
        envelope = {"msgGuid": f"{next(self.guids):032x}", "bussinessCode": service, **ENVELOPE, **changes}
        return write_fields(envelope)

    def read(self, action: str, message: str) -> Call | Sent:
        """What the profile makes of both texts. Raises Refusal."""
        return self.exchange(write_call(action, message)).read()

    def ask(self, service: str, fields: Mapping[str, str], **changes: str) -> Call:
        """The verb that a service asks for. Raises Refusal."""
        call = self.read(self.action(service, **changes), write_fields(fields))
        assert isinstance(call, Call)
        return call

    def code(self, body: bytes, method: str = "POST") -> str:
        """The return code with which a body is refused; ``""`` when it is not."""
        exchange = self.exchange(body, method)
        try:
            exchange.read()
        except Refusal as refusal:
            return told(exchange.refuse(refusal))["resultCode"]
        return ""

    def refused(self, service: str, fields: Mapping[str, str], **changes: str) -> str:
        """The return code with which a request is refused; ``""`` when it is not."""
        return self.code(write_call(self.action(service, **changes), write_fields(fields)))

    def exchange(self, body: bytes, method: str = "POST", query: bytes = b"", **headers: bytes) -> QinghaiExchange:
        received = Received(
            method=method,
            path=PATH,
            query=query,
            headers={name.encode(): value for name, value in headers.items()},
            body=body,
            now_ms=NOON_MS,
        )
        return Qinghai().begin(received, self.counter)


def told(sent: Sent) -> dict[str, str]:
    """The fields of an answer as it is sent."""
    return read_answer(read_return(sent.body))


@contextmanager
def open_counter(folder: Path) -> Iterator[QinghaiCounter]:
    """A counter with the demo institution, application and terminal, over a database of its own."""
    store = Store(empty_sqlite(folder / "counter.db"))
    around = surroundings(store, clock=SettableClock())
    furnish(around)
    yield QinghaiCounter(Counter(around, Desk(around)), around)
    store.close()
