"""``healthcard platform follow-merges``: accounts follow merges of the index that are older than their following."""

from __future__ import annotations

import typer

from reference.command_line import Lang, Language
from reference.languages import say
from reference.platform_commands.opening import DATABASE, Database, opened


def follow_merges(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """Let accounts follow merges of the index that none has followed yet. 使账户跟随主索引中尚未跟随的合并。"""
    with opened(database, lang) as (around, who):
        from reference.accounts import catching_up

        done = catching_up.follow_merges(around, who)
    text = say(
        "{merges} merges stand; {aliases} accounts became aliases, {only_cards} are now found under the survivor's id.",
        merges=done.merges,
        aliases=done.aliases,
        only_cards=done.only_cards,
    )
    typer.echo(text.inside(lang))
