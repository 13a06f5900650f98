"""Makes a corpus: ``python -m load.corpus --cards 1000000 --database sqlite:///cards.db --out cards``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from load.corpus.cards import CANCELLED_EVERY
from load.corpus.filling import Extent, NotEmpty, fill
from load.corpus.residents import SPACE
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.gateway import composing, demo
from reference.gateway.settings import ServeSettings
from reference.languages import say
from reference.operating_system import SystemClock
from reference.ports import ProductUnreachable


def corpus(
    out: Annotated[Path, typer.Option(help=both(say("File for the cards of the corpus.")))],
    cards: Annotated[int, typer.Option(min=CANCELLED_EVERY, max=SPACE, help=both(say("Number of cards.")))] = 10_000,
    database: Annotated[
        str, typer.Option(help=both(say("Database: sqlite:///file.db or postgresql://user@host:port/name.")))
    ] = "sqlite:///healthcard.db",
    seed: Annotated[int, typer.Option(help=both(say("Seed: the same one gives the same residents.")))] = 1,
    extent: Annotated[
        Extent, typer.Option(help=both(say("What stands in the database: all, or what verification reads.")))
    ] = Extent.WHOLE,
    lang: Lang = Language.EN,
) -> None:
    """Fill an empty database with test cards under demo keys. 以演示密钥生成测试卡并写入空数据库。"""
    settings = ServeSettings(database=database, demo=True)
    started = time.monotonic()
    try:
        composing.check(settings)
        store = composing.open_store(settings)
        with Progress(console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task("", total=cards)
            fill(
                store,
                out,
                cards,
                SystemClock().now_ms(),
                seed=seed,
                extent=extent,
                progress=lambda done: shown.update(task, completed=done),
            )
        demo.furnish(composing.surroundings_of(settings, store))
        store.close()
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except (composing.WrongSettings, NotEmpty) as error:
        raise refused(error.text, lang) from None
    except OSError as error:
        raise refused(say("{file}: {reason}", file=out, reason=error.strerror), lang) from None
    seconds = time.monotonic() - started
    typer.echo(say("{count} cards in {seconds} s.", count=cards, seconds=f"{seconds:.1f}").inside(lang))


if __name__ == "__main__":
    app = typer.Typer()
    app.command(epilog=example("python -m load.corpus --cards 10000 --out cards"))(corpus)
    app()
