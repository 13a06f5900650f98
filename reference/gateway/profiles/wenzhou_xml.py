"""The XML of Wenzhou's interface: a SOAP 1.1 call whose two parameters are XML texts, and the answer likewise.

Source: EC-WZ: ``doService(HeaderInParm, BodyInParm)`` answers ``MsgOutParm``. Reading is strict: no document type, no
entities, no network, a bounded length, and no level below that of the fields; the namespace of the operation is not
looked at, since no source gives one (decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from reference.ecard.refusals import Refusal
from reference.gateway.profiles.wenzhou_services import SETTINGS

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE: Final[str] = SETTINGS["namespace"]
OPERATION: Final[str] = SETTINGS["operation"]
ANSWER: Final[str] = SETTINGS["answer_parameter"]
PARAMETERS: Final[tuple[str, str]] = (SETTINGS["header_parameter"], SETTINGS["body_parameter"])
LONGEST: Final[int] = SETTINGS["longest_text"]
LINE_END: Final = {"\r": "&#13;"}
"""Written as a reference: readers of XML would make it another line end."""
OPENING: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>'
    f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><{{name}} xmlns="{NAMESPACE}">'
)
CLOSING: Final = "</{name}></soap:Body></soap:Envelope>"


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )


_message_parser = _parser(None)
_text_parser = _parser("utf-8")
"""For texts inside a message: whatever encoding they declare, they have that of the message."""


def parsed(text: bytes, parser: etree.XMLParser = _message_parser) -> etree._Element:
    """The root of a document. Raises Refusal ``request.malformed`` and ``request.too-large``."""
    if len(text) > LONGEST:
        raise Refusal("request.too-large")
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refusal("request.malformed") from None
    if root.getroottree().docinfo.doctype:
        raise Refusal("request.malformed")
    return root


def read_call(message: bytes) -> tuple[str, str]:
    """The two XML texts of a SOAP call. Raises Refusal."""
    root = parsed(message)
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1 or _local(body[0]) != OPERATION:
        raise Refusal("request.malformed")
    return _parameters(body[0])


def read_fields(text: str, *path: str) -> dict[str, str]:
    """The texts of the elements below ``path``, by name. Raises Refusal, also for an element that stands twice."""
    root = parsed(text.encode(), _text_parser)
    if _local(root) != path[0]:
        raise Refusal("request.malformed")
    for name in path[1:]:
        root = _only(root, name)
    return _texts(root)


def write_call(header: str, body: str) -> bytes:
    """A SOAP call with its two XML texts."""
    return _enveloped(OPERATION, dict(zip(PARAMETERS, (header, body), strict=True)))


def write_return(text: str) -> bytes:
    """A SOAP answer with its XML text."""
    return _enveloped(f"{OPERATION}Response", {ANSWER: text})


def read_return(message: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Result and message of an answer; the message is empty where there is none. Raises Refusal."""
    found = parsed(message).find(f"{{{SOAP}}}Body/{{*}}{OPERATION}Response/{{*}}{ANSWER}")
    if found is None:
        raise Refusal("request.malformed")
    root = parsed((found.text or "").encode(), _text_parser)
    if _local(root) != "body":
        raise Refusal("request.malformed")
    has_message = any(_local(child) == "msg" for child in root)
    return _texts(_only(root, "result")), _texts(_only(root, "msg")) if has_message else {}


def document(name: str, content: Mapping[str, Mapping[str, str] | str]) -> str:
    """An XML text: a root, below it fields or groups of fields."""
    inside = "".join(
        f"<{key}>{_escaped(value) if isinstance(value, str) else _fields(value)}</{key}>"
        for key, value in content.items()
    )
    return f"<{name}>{inside}</{name}>"


def _fields(values: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{_escaped(value)}</{name}>" for name, value in values.items())


def _escaped(text: str) -> str:
    return escape(text, LINE_END)


def _enveloped(name: str, parameters: Mapping[str, str]) -> bytes:
    return (OPENING.replace("{name}", name) + _fields(parameters) + CLOSING.replace("{name}", name)).encode()


def _parameters(call: etree._Element) -> tuple[str, str]:
    given = _texts(call)
    if set(given) != set(PARAMETERS):
        raise Refusal("request.malformed")
    header, body = (given[name] for name in PARAMETERS)
    return header, body


def _texts(element: etree._Element) -> dict[str, str]:
    """The texts of an element's children; each stands once and has no children of its own, nor entities."""
    fields: dict[str, str] = {}
    for child in element:
        name = _local(child)
        if len(child) or name in fields:
            raise Refusal("request.malformed")
        fields[name] = child.text or ""
    return fields


def _only(element: etree._Element, name: str) -> etree._Element:
    found = [child for child in element if _local(child) == name]
    if len(found) != 1:
        raise Refusal("request.malformed")
    return found[0]


def _local(element: etree._Element) -> str:
    """The name without namespace. Raises Refusal for what is no element: an entity that was left unresolved."""
    if not isinstance(element.tag, str):
        raise Refusal("request.malformed")
    return element.tag.rpartition("}")[2]
