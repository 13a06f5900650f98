"""The command ``healthcard card show``: prints a card's image readably, or as JSON.

What the files hold follows APP11 chapter 4; the bytes are read as `reference/card/values.py` says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from reference.card.image_file import BrokenImage, load_image
from reference.card_commands import card_commands
from reference.card_showing import as_json, lines, print_card
from reference.command_line import Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.errors import among

app = typer.Typer()
app.add_typer(card_commands, name="card")


@card_commands.command("show", epilog=example("healthcard card show card.json --file DDF1/DF02/EF05 --lang zh"))
def show(
    image: Annotated[Path, typer.Argument(help=both(say("A saved card image (JSON).")))],
    file: Annotated[str, typer.Option(help=both(say("Only this file, by its path: DDF1/DF02/EF05.")))] = "",
    profile: Annotated[
        str, typer.Option(help=both(say("Read under this profile instead of the image's own: a name or a file.")))
    ] = "",
    json: Annotated[bool, typer.Option("--json", help=both(say("One JSON object, with both languages.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Show what a card image holds. 显示卡映像的内容。"""
    try:
        data = load_image(image, load(profile) if profile else None)
        standard = load(profile or data.profile)
    except (BrokenImage, StandardError) as error:
        raise refused(error.text, lang) from error
    if file and file not in data.files:
        problem, remedy = say("The image has no file {file}.", file=file), among(data.files)
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh}{remedy.zh}"), lang)
    wanted = [file] if file else list(data.files)
    if json:
        shown = msgspec.json.encode(as_json(standard, data, wanted))
        typer.echo(msgspec.json.format(shown).decode())
    elif (console := Console()).is_terminal:
        print_card(console, standard, data, wanted, lang)
    else:
        for line in lines(standard, data, wanted, lang):
            typer.echo(line)
