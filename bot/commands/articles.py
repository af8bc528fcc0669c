"""``articles …``: list, show and export the knowledge articles."""

import csv
import io
import re
from collections.abc import Callable
from functools import cache

from bot.commands.output import ShowFormat, print_json, print_out
from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.blocks import articles as article_words
from handlers.i18n.dates import numeric_moment
from handlers.i18n.words import N_
from models.escalations.articles import Articles
from models.escalations.queries import EscalationQueries
from models.rules.escalations.articles import Article, match_articles
from models.rules.escalations.export import BOM, escape_formula

COLUMNS = (
    "article", "title", "service", "error_codes", "steps", "link", "case", "written_by", "written_by_name",
    "written_at", "confirmed_by", "confirmed_by_name", "confirmed_at", "stale", "retired", "uses", "versions",
)  # fmt: skip
"""Columns of the export: a contract."""
_NAME = re.compile(r"(?:kb-?)?0*([1-9][0-9]{0,8})", re.IGNORECASE)


def list_(session: Session, words_typed: str, everything: bool, form: ShowFormat) -> None:
    """List articles, the newest first, or those that match words; retired ones only if wanted."""
    words, config, now = session.words, session.config(Requirement.DATABASE), now_of(session)
    after = config.pages.reminder_times.articles_stale
    with session.store() as store:
        stored = Articles(store)
        listed = stored.all(retired=everything)
        listed = match_articles(listed, words_typed) if words_typed else listed
        if form is ShowFormat.JSON:
            name_of = cache(EscalationQueries(store).name_of)
            print_json([_describe(article, stored, name_of, session) for article in listed])
            return
        uses = stored.count_uses([article.number for article in listed])
    if not listed:
        nothing = (
            N_("No article matches.") if words_typed else N_("There are no articles yet. They are written in Slack.")
        )
        session.out.print_lines(words(nothing))
        return
    headings = (N_("Article"), N_("The problem in one line"), N_("Service"), N_("Last confirmed"), N_("Used"))
    table = TextTable(map(words, headings), words.colon)
    for article in listed:
        service = config.pages.service(article.text.service)
        state = f"{article.confirmed.at.astimezone(config.timezone):%Y-%m-%d}"
        state += f" · {words(N_('stale'))}" if article.is_stale(now, after) else ""
        state += f" · {words(N_('retired'))}" if article.is_retired else ""
        named = words.pick(service.en, service.zh) if article.text.service else "–"
        table.add_row(article.name, article.text.title, named, state, str(uses.get(article.number, 0)))
    session.out.print(table)


def show(session: Session, name: str, form: ShowFormat) -> None:
    """Print one article with all of its versions. Raises CommandError with code 2 when there is none."""
    words, config = session.words, session.config(Requirement.DATABASE)
    match = _NAME.fullmatch(name.strip())
    with session.store() as store:
        stored, name_of = Articles(store), cache(EscalationQueries(store).name_of)
        article = stored.find(int(match[1])) if match else None
        if article is None:
            raise CommandError(words(N_("There is no article “{name}”. See: csp-escalate articles list"), name=name), 2)
        facts = _describe(article, stored, name_of, session)
        versions = [
            {"at": version.at.isoformat(), "change": str(version.change), "by": version.by, "name": name_of(version.by)}
            for version in article.versions
        ]
    if form is ShowFormat.JSON:
        print_json({**facts, "history": versions})
        return
    text, zone = article.text, config.timezone
    session.out.print_lines(f"{article.name} · {text.title}", style="bold")
    service = config.pages.service(text.service)
    said = {
        "service": words.pick(service.en, service.zh) if text.service else "", "codes": text.codes, "steps": text.steps,
        "link": text.link,
    }  # fmt: skip
    for field, value in said.items():
        if value:
            session.out.print_lines(f"{words(article_words.FIELDS[field])}{words.colon}{value}")
    for version in article.versions:
        said_of = f"{numeric_moment(version.at, zone)} {name_of(version.by)}{words.colon}"
        session.out.print_lines(f"{said_of}{words(article_words.CHANGES[version.change])}")
    session.out.print_lines(article_words.count_uses(int(str(facts["uses"])), words))


def export(session: Session) -> None:
    """Print every article as CSV, retired ones too."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    with session.store() as store:
        stored, name_of = Articles(store), cache(EscalationQueries(store).name_of)
        for article in reversed(stored.all(retired=True)):
            facts = _describe(article, stored, name_of, session)
            writer.writerow([escape_formula("" if value is None else str(value)) for value in facts.values()])
    print_out(BOM + written.getvalue())


def _describe(
    article: Article, stored: Articles, name_of: Callable[[str], str], session: Session
) -> dict[str, str | int | bool | None]:
    """Return what the export says of an article, by column."""
    text, confirmed, now = article.text, article.confirmed, now_of(session)
    after = session.config(Requirement.DATABASE).pages.reminder_times.articles_stale
    values = (
        article.name, text.title, text.service, text.codes, text.steps, text.link,
        f"CSP-{article.case}" if article.case else None, article.written_by, name_of(article.written_by),
        article.versions[0].at.isoformat(), confirmed.by, name_of(confirmed.by), confirmed.at.isoformat(),
        article.is_stale(now, after), article.is_retired, stored.count_uses([article.number]).get(article.number, 0),
        len(article.versions),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
