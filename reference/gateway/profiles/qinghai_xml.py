"""The XML of Qinghai's interface: a SOAP 1.1 envelope around two XML texts, and an XML text in its answer.

Source: EC-QH chapter 3; the SOAP names are those of the service description that clients in the field were made from
(`qinghai.toml`). Requests are flat: an element ``request`` with one level of fields, each at most once. No document
type, no entities of one's own, no network; size and depth are bounded by libxml2's own limits and by this shape.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

SETTINGS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("qinghai.toml").read_text("utf-8"))
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
"""What an XML text may begin with; the encoding that it names is that of the envelope, whatever it says."""
DOCUMENT_TYPE = b"<!DOCTYPE"
DEEPEST = 8
"""Levels of an answer at most."""

Content: TypeAlias = Mapping[str, "str | Content | list[Content]"]
"""An XML element as its fields: a text, an element, or several elements of one name."""

_parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
_text_parser = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, encoding="utf-8"
)
_operation = f"{{{SETTINGS['namespace']}}}{SETTINGS['operation']}"
_opening = (
    f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
    f'<ns:{{operation}} xmlns:ns="{SETTINGS["namespace"]}">'
)
_closing = "</ns:{operation}></soap:Body></soap:Envelope>"


class MalformedXml(ValueError):
    """Something that is not XML, or not of the shape that is agreed."""


def read_call(body: bytes) -> tuple[str, str]:
    """The texts of action and message, empty where they are missing. Raises MalformedXml."""
    call = _only(_body_of(_root(body, _parser)))
    if call.tag != _operation:
        raise MalformedXml("another operation")
    given = _leaves(call)
    return tuple(  # type: ignore[return-value]
        next((given[name] for name in SETTINGS[names] if name in given), "")
        for names in ("action_names", "message_names")
    )


def write_call(action: str, message: str) -> bytes:
    """The envelope of a request."""
    names = (SETTINGS["action_names"][0], SETTINGS["message_names"][0])
    return _enveloped(SETTINGS["operation"], {names[0]: action, names[1]: message})


def write_return(text: str) -> bytes:
    """The envelope of an answer."""
    return _enveloped(SETTINGS["operation"] + "Response", {"return": text})


def read_return(body: bytes) -> str:
    """The text inside an answer's envelope. Raises MalformedXml."""
    returned = _only(_body_of(_root(body, _parser)))
    if returned.tag != _operation + "Response":
        raise MalformedXml("no answer to the operation")
    return _leaves(returned).get("return", "")


def read_fields(text: str) -> dict[str, str]:
    """The fields of a request. Raises MalformedXml."""
    root = _text_root(text)
    if root.tag != "request":
        raise MalformedXml("the root is not request")
    return _leaves(root)


def write_fields(fields: Mapping[str, str]) -> str:
    """A request with those fields that are not empty."""
    return write_element("request", {name: value for name, value in fields.items() if value})


def write_element(name: str, content: str | Content) -> str:
    """An element with its fields in their order."""
    if isinstance(content, str):
        return f"<{name}>{escape(content)}</{name}>"
    inside = "".join(
        "".join(write_element(field, one) for one in value) if isinstance(value, list) else write_element(field, value)
        for field, value in content.items()
    )
    return f"<{name}>{inside}</{name}>"


def read_answer(text: str) -> dict[str, Any]:
    """The fields of an answer: texts, and lists of elements for those that have fields themselves.

    Raises MalformedXml.
    """
    root = _text_root(text)
    if root.tag != "response":
        raise MalformedXml("the root is not response")
    return _tree(root, DEEPEST)


def _root(body: bytes, parser: Any) -> Any:
    # Refused before it is parsed, so that nothing is ever expanded; looked for again afterwards, in other encodings.
    if DOCUMENT_TYPE in body:
        raise MalformedXml("a document type")
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXml(str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedXml("a document type")
    return root


def _text_root(text: str) -> Any:
    declared = DECLARATION.match(text)
    try:
        return _root(text[declared.end() if declared else 0 :].strip().encode(), _text_parser)
    except UnicodeEncodeError as error:
        raise MalformedXml(str(error)) from None


def _body_of(envelope: Any) -> Any:
    if envelope.tag != f"{{{SOAP}}}Envelope":
        raise MalformedXml("no SOAP envelope")
    body = envelope.find(f"{{{SOAP}}}Body")
    if body is None:
        raise MalformedXml("no SOAP body")
    return body


def _only(element: Any) -> Any:
    if len(element) != 1:
        raise MalformedXml("not one element")
    return element[0]


def _leaves(element: Any) -> dict[str, str]:
    """The children of a flat element, each with its text. Raises MalformedXml."""
    leaves: dict[str, str] = {}
    if element.text and not element.text.isspace():
        raise MalformedXml("text beside the fields")
    for child in element:
        name = child.tag
        if not isinstance(name, str) or len(child) or name in leaves or (child.tail and not child.tail.isspace()):
            raise MalformedXml("not a flat element")
        leaves[name] = child.text or ""
    return leaves


def _tree(element: Any, deepest: int) -> dict[str, Any]:
    if not deepest:
        raise MalformedXml("too deep")
    tree: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            raise MalformedXml("not an element")
        if len(child):
            tree.setdefault(child.tag, []).append(_tree(child, deepest - 1))
        elif child.tag in tree:
            raise MalformedXml("a field twice")
        else:
            tree[child.tag] = child.text or ""
    return tree


def _enveloped(operation: str, parameters: Mapping[str, str]) -> bytes:
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parameters.items())
    return (_opening.format(operation=operation) + inside + _closing.format(operation=operation)).encode()
