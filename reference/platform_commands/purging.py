"""``healthcard platform purge``: forget what may be forgotten, now and to the end (`reference.retention`)."""

from __future__ import annotations

import typer

from reference.command_line import Lang, Language
from reference.languages import say
from reference.platform_commands.opening import DATABASE, Database, opened


def purge(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """Forget replay marks and codes that were never shown, once old enough. 清理到期的请求标记和从未使用的二维码。"""
    with opened(database, lang) as (around, _):
        from reference import retention

        marks = codes = 0
        more = True
        while more:
            done = retention.purge(around, around.clock.now_ms())
            marks, codes, more = marks + done.marks, codes + done.codes, done.more
    text = say("Forgotten: {marks} marks of requests, {codes} codes that were never shown.", marks=marks, codes=codes)
    typer.echo(text.inside(lang))
