"""The simulated clients' part of the command line: `simulate app`, `kiosk`, `window`, `workstation`, `qr-terminal`.

Each asks a platform once, with demo credentials, in any wire profile: a refusal of the platform ends with 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from reference.command_line import Exit, Lang, Language, both, example, lacking, refused
from reference.languages import Text, say
from reference.ports import ProductUnreachable

T = TypeVar("T")
PHONE_FILE = Path("healthcard-app.json")

app_cli = typer.Typer(no_args_is_help=True, help=both(say("The resident's app: registers and shows codes.")))
kiosk_cli = typer.Typer(no_args_is_help=True, help=both(say("A self-service kiosk inside an institution.")))
window_cli = typer.Typer(no_args_is_help=True, help=both(say("A staffed window inside an institution.")))
workstation_cli = typer.Typer(no_args_is_help=True, help=both(say("A doctor's workstation.")))
terminal_cli = typer.Typer(no_args_is_help=True, help=both(say("A reader terminal of QR codes.")))

Url = Annotated[str, typer.Option(help=both(say("The platform's address.")))]
Profile = Annotated[str, typer.Option(help=both(say("Wire profile in which the platform is asked.")))]
Name = Annotated[str, typer.Option(help=both(say("Name of the resident.")))]
IdNumber = Annotated[str, typer.Option(help=both(say("Number of the identity document.")))]
IdType = Annotated[str, typer.Option(help=both(say("Type of the identity document; 01: citizen identity card.")))]
PhoneFile = Annotated[Path, typer.Option(help=both(say("File that stands for the phone.")))]
Out = Annotated[Path, typer.Option(help=both(say("PNG file for the code.")))]
Terminal = Annotated[str, typer.Option(help=both(say("Identifier of the terminal; the demo terminal when left out.")))]
Image = Annotated[Path, typer.Argument(help=both(say("Image with the code.")))]

DEFAULT_URL = "http://127.0.0.1:8080"


@app_cli.command(
    "register",
    help=both(say("Register on the phone.")),
    epilog=example("healthcard simulate app register --name 测试甲 --id-number 11010020171225006X"),
)
def app_register(
    name: Name,
    id_number: IdNumber,
    id_type: IdType = "01",
    url: Url = DEFAULT_URL,
    profile: Profile = "sichuan",
    phone_file: PhoneFile = PHONE_FILE,
    lang: Lang = Language.EN,
) -> None:
    """Register the holder; his card stays on the phone."""
    with _asking(lang):
        from simulators.clients.app import ResidentApp
        from simulators.clients.phone_file import Phone, save_phone
        from simulators.clients.residents import resident

        phone = ResidentApp(_connect(url, profile, "", lang))
        account = phone.register(resident(name, id_number, id_type))
        assert phone.holder is not None, "registered just now"
        save_phone(Phone(url, profile, phone.holder), phone_file)
    _say(say("Card: {ecard_id}", ecard_id=account.ecard_id), lang)
    _say(say("Kept in {file}.", file=phone_file), lang)


@app_cli.command(
    "add-member",
    help=both(say("Add a member of the family.")),
    epilog=example("healthcard simulate app add-member --name 测试乙 --id-number 990000199001010017 --relation 2"),
)
def app_add_member(
    name: Name,
    id_number: IdNumber,
    relation: Annotated[str, typer.Option(help=both(say("Relation to the holder, GB/T 4761: 1 spouse, 2 son …")))],
    id_type: IdType = "01",
    phone_file: PhoneFile = PHONE_FILE,
    lang: Lang = Language.EN,
) -> None:
    """Add a member: bound at the platform, or kept on the phone."""
    with _asking(lang):
        from simulators.clients.app import ResidentApp
        from simulators.clients.phone_file import Phone, load_phone, save_phone
        from simulators.clients.residents import resident

        kept = load_phone(phone_file)
        phone = ResidentApp(_connect(kept.url, kept.profile, "", lang), kept.holder, kept.members)
        account = phone.add_member(resident(name, id_number, id_type), relation)
        save_phone(Phone(kept.url, kept.profile, kept.holder, phone.members), phone_file)
    _say(say("Card: {ecard_id}", ecard_id=account.ecard_id), lang)


@app_cli.command(
    "show-code",
    help=both(say("Show a dynamic code, renewed in time while shown.")),
    epilog=example("healthcard simulate app show-code --out code.png"),
)
def app_show_code(
    out: Out = Path("code.png"),
    member: Annotated[str, typer.Option(help=both(say("Name of a member of the family, for whose card.")))] = "",
    seconds: Annotated[int, typer.Option(min=0, help=both(say("Keep it on the screen so long; 0: once.")))] = 0,
    phone_file: PhoneFile = PHONE_FILE,
    lang: Lang = Language.EN,
) -> None:
    """Draw the code into a file, and anew before it expires."""
    with _asking(lang):
        from simulators.clients.app import ResidentApp
        from simulators.clients.phone_file import load_phone

        kept = load_phone(phone_file)
        card = next((one for one in kept.members if one.name == member), None) if member else kept.holder
        if card is None:
            raise refused(say("There is no member of that name on this phone."), lang)
        connection = _connect(kept.url, kept.profile, "", lang)
        phone = ResidentApp(connection, kept.holder, kept.members)
        ends = connection.clock.now_ms() + seconds * 1000
        while True:
            shown = phone.show_code(card)
            _draw(shown.code, out, lang)
            if shown.renew_ms >= ends:
                break
            time.sleep(max(0, shown.renew_ms - connection.clock.now_ms()) / 1000)


@kiosk_cli.command(
    "register",
    help=both(say("Register on site and print the code.")),
    epilog=example("healthcard simulate kiosk register --name 测试甲 --id-number 11010020171225006X --out slip.png"),
)
@window_cli.command(
    "register",
    help=both(say("Register with a clerk's proof and print the code.")),
    epilog=example("healthcard simulate window register --name 测试甲 --id-number 11010020171225006X"),
)
def counter_register(
    context: typer.Context,
    name: Name,
    id_number: IdNumber,
    id_type: IdType = "01",
    out: Out = Path("slip.png"),
    url: Url = DEFAULT_URL,
    profile: Profile = "sichuan",
    terminal: Terminal = "",
    lang: Lang = Language.EN,
) -> None:
    """A made-up clerk proves the person at the window, reader and camera at the kiosk."""
    assert context.parent is not None, "a command of kiosk or window"
    with _asking(lang):
        from simulators.clients.counter import COUNTERS
        from simulators.clients.residents import resident

        counter = COUNTERS[context.parent.info_name or ""](_connect(url, profile, terminal, lang))
        issued = counter.issue(resident(name, id_number, id_type))
        _write(issued.image, out, lang)
    _say(say("Card: {ecard_id}", ecard_id=issued.account.ecard_id), lang)


@window_cli.command(
    "temporary",
    help=both(say("Issue a temporary card to somebody without document (profiles qinghai, wenzhou).")),
    epilog=example("healthcard simulate window temporary --name 无名 --sex 1 --age 30 --profile wenzhou"),
)
def window_temporary(
    name: Name,
    sex: Annotated[str, typer.Option(help=both(say("1: male, 2: female.")))],
    age: Annotated[int, typer.Option(min=0, max=150, help=both(say("Age in years.")))],
    out: Out = Path("slip.png"),
    url: Url = DEFAULT_URL,
    profile: Profile = "wenzhou",
    terminal: Terminal = "",
    lang: Lang = Language.EN,
) -> None:
    """It holds in the issuing institution alone."""
    with _asking(lang):
        from simulators.clients.counter import Window

        card, image = Window(_connect(url, profile, terminal, lang)).temporary(name, sex, age)
        _write(image, out, lang)
    _say(say("Temporary card: {number}", number=card.number), lang)


@workstation_cli.command(
    "read",
    help=both(say("Receive a patient by his code and look his account up.")),
    epilog=example("healthcard simulate workstation read code.png"),
)
def workstation_read(
    image: Image,
    url: Url = DEFAULT_URL,
    profile: Profile = "sichuan",
    terminal: Terminal = "",
    lang: Lang = Language.EN,
) -> None:
    """The doctor verifies at the consultation."""
    with _asking(lang):
        from simulators.clients.readers import Workstation

        found = Workstation(_connect(url, profile, terminal, lang)).receive(_read(image, lang))
    _say(say("Patient: {name}, account {state}", name=found.account.person.name, state=found.account.state), lang)
    _say(say("Card: {ecard_id}", ecard_id=found.account.ecard_id), lang)


@terminal_cli.command(
    "read",
    help=both(say("Scan an image and verify its code at a step of care.")),
    epilog=example("healthcard simulate qr-terminal read code.png --step 010101"),
)
def terminal_read(
    image: Image,
    step: Annotated[str, typer.Option(help=both(say("Step of care; 010101: registration.")))] = "010101",
    url: Url = DEFAULT_URL,
    profile: Profile = "sichuan",
    terminal: Terminal = "",
    lang: Lang = Language.EN,
) -> None:
    """Scans, judges whose code it is, and verifies it."""
    with _asking(lang):
        from simulators.clients.readers import QrTerminal

        scanned = QrTerminal(_connect(url, profile, terminal, lang), step).read_image(_read(image, lang))
    if scanned.temporary is not None:
        _say(say("Accepted: temporary card of {name}", name=scanned.temporary.name), lang)
        return
    verified = scanned.verified
    assert verified is not None, "a card is formal or temporary"
    holder = verified.account.person
    _say(say("Accepted: {kind} code of {name}", kind=say(verified.kind), name=holder.name), lang)
    _say(say("Card: {ecard_id}", ecard_id=verified.account.ecard_id), lang)
    if verified.uses_left is not None:
        _say(say("Uses left: {count}", count=verified.uses_left), lang)


def _connect(url: str, profile: str, terminal: str, lang: Language) -> Any:
    from reference.front_end.carrier import WrongAddress
    from reference.gateway.profiles import CLIENTS
    from reference.operating_system import SystemClock, SystemRandomness
    from simulators.clients.connecting import connect

    if profile not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise refused(say("There is no wire profile {name}: {known}.", name=profile, known=known), lang)
    try:
        return connect(profile, url, SystemClock(), SystemRandomness(), terminal=terminal)
    except WrongAddress:
        raise refused(
            say("{address} is no address of a platform: write http://host:port.", address=url), lang
        ) from None


@contextmanager
def _asking(lang: Language) -> Iterator[None]:
    """Turn what a platform and its way can answer into words and exit codes."""
    try:
        from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
        from simulators.clients.app import FullFamily
        from simulators.clients.phone_file import UnusablePhone
        from simulators.clients.readers import NotOurCode
        from simulators.clients.scanning import UnreadableImage
    except ImportError as missing:
        raise lacking(missing, lang) from None
    failed = Exit.NOT_CONFORMANT
    try:
        yield
    except WireRefusal as error:
        raise refused(_refusal(error.code, error.message, error.ids), lang, failed) from None
    except UnreadableAnswer as error:
        raise refused(say("The platform's answer cannot be read: {reason}.", reason=error), lang, failed) from None
    except UnsupportedVerb as error:
        raise refused(say("The wire profile has no service for this: {what}.", what=error), lang) from None
    except NotOurCode as error:
        owner, form = error.found.owner.value, error.found.form
        if owner == "unknown":
            raise refused(say("This code belongs to no system that is known."), lang, failed) from None
        raise refused(
            say("This is no health card's code: {owner} ({form}).", owner=say(owner), form=form), lang, failed
        ) from None
    except UnreadableImage as error:
        raise refused(say("No code could be scanned: {reason}.", reason=error.text), lang, failed) from None
    except FullFamily:
        raise refused(say("The phone holds as many members as are allowed."), lang, failed) from None
    except UnusablePhone as error:
        raise refused(error.text, lang) from None
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None


def _refusal(code: str, message: str, ids: frozenset[str]) -> Text:
    """The platform's refusal with what it means."""
    from reference.standard.ecard.refusals import refusals

    known = [refusals()[id] for id in sorted(ids) if id in refusals()]
    if len(known) != 1:
        return say("The platform refused: {code} {message}", code=code, message=message)
    return say(
        "The platform refused: {code} {message} ({id}: {meaning})",
        code=code,
        message=message,
        id=known[0].id,
        meaning=known[0].text,
    )


def _draw(code: Any, out: Path, lang: Language) -> None:
    from reference.ecard.moments import china_text
    from simulators.clients.counter import drawn

    _write(drawn(code), out, lang)
    if code.expires_ms is not None:
        until = china_text(code.expires_ms, "yyyy-MM-dd HH:mm:ss")
        _say(say("Dynamic code in {file}, valid until {until}.", file=out, until=until), lang)
    else:
        _say(say("Dynamic code in {file}.", file=out), lang)


def _write(image: bytes, out: Path, lang: Language) -> None:
    _filed(lambda: out.write_bytes(image), out, lang)


def _read(image: Path, lang: Language) -> bytes:
    return _filed(image.read_bytes, image, lang)


def _filed(work: Callable[[], T], file: Path, lang: Language) -> T:
    try:
        return work()
    except OSError as failure:
        raise refused(say("{file}: {reason}", file=file, reason=failure.strerror), lang) from None


def _say(text: Text, lang: Language) -> None:
    typer.echo(text.inside(lang))
