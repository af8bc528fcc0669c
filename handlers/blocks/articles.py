"""Knowledge articles in Slack: one article with its buttons, a list of them, and the form to keep or edit one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.interactive_elements import asking
from handlers.i18n.words import N_, Words
from models.rules.escalations.articles import Article, ArticleChange, ArticleText
from models.rules.escalations.request import LINE_LIMIT, TEXT_LIMIT, TITLE_LIMIT
from models.rules.policy.vendor import VendorPolicy

LISTED = 10
FIELDS = {
    "title": N_("The problem in one line"),
    "service": N_("Service"),
    "codes": N_("Error codes"),
    "steps": N_("What solves it"),
    "link": N_("Link to the source"),
}

CHANGES = {
    ArticleChange.WRITTEN: N_("wrote it"),
    ArticleChange.EDITED: N_("edited it"),
    ArticleChange.CONFIRMED: N_("confirmed it"),
    ArticleChange.RETIRED: N_("retired it"),
}


@dataclass(frozen=True)
class ArticleFacts:
    """What is known of an article besides its versions. People are names."""

    uses: int  # how many cases it solved
    solved: Sequence[tuple[int, str]]  # the newest of them: the number, and who solved it
    written_by: str
    confirmed_by: str
    is_stale: bool
    days: int  # after how many days without a confirmation an article is stale


def blocks(article: Article, facts: ArticleFacts, words: Words, policy: VendorPolicy) -> list[block_kit.Block]:
    """Return one article, with the buttons to confirm, edit and retire it."""
    text = article.text
    service = policy.service(text.service)
    rows = [
        (words(FIELDS["service"]), [block_kit.run(words.pick(service.en, service.zh))] if text.service else []),
        (words(FIELDS["codes"]), [block_kit.run(text.codes, "code")] if text.codes else []),
        (words(FIELDS["steps"]), [block_kit.run(f"\n{text.steps}")]),
        (words(FIELDS["link"]), [block_kit.link(text.link, text.link)] if text.link else []),
        (words("Kept from"), [block_kit.run(f"CSP-{article.case}")] if article.case else []),
    ]
    shown = [
        block_kit.header(f"📖 {article.name} · {text.title}"),
        block_kit.rich(block_kit.facts([(label, value) for label, value in rows if value], words.colon)),
        block_kit.aside(*_signed(article, facts, words)),
        *(_solved_case(number, who, words) for number, who in facts.solved),
    ]
    if article.is_retired:
        return [*shown, block_kit.context(words("Retired: it is no longer offered."))]
    if facts.is_stale:
        said = words(
            "Not confirmed for {days} days. Please check it, then press “Still right” or edit it.", days=facts.days
        )
        shown.append(block_kit.section(f"⚠️ {said}"))
    return [*shown, block_kit.actions(_buttons(article, facts, words))]


def _signed(article: Article, facts: ArticleFacts, words: Words) -> list[block_kit.Element]:
    """Return who wrote it, who last said that it is right, and what it was used for."""
    written = f"{words('Written by')}{words.colon}{facts.written_by}"
    confirmed = f"{words('Last confirmed by')}{words.colon}{facts.confirmed_by}"
    signed = [
        block_kit.plain(written), block_kit.parsed(block_kit.moment(article.versions[0].at)),
        block_kit.plain(confirmed), block_kit.parsed(block_kit.moment(article.confirmed.at)),
    ]  # fmt: skip
    if facts.uses:
        signed.append(block_kit.plain(count_uses(facts.uses, words)))
    return signed


def _solved_case(number: int, who: str, words: Words) -> block_kit.Block:
    """Return a case that the article solved, by whom, and the button that shows it."""
    said = words("{name} was solved by {who}", name=f"CSP-{number}", who=who) if who else f"CSP-{number}"
    show = block_kit.button(words("Show"), ids.SHOW, str(ids.EscalationSubject(number)))
    return {"type": "section", "text": block_kit.plain(f"✅ {said}"), "accessory": show}


def _buttons(article: Article, facts: ArticleFacts, words: Words) -> list[block_kit.Element]:
    right = block_kit.button(
        words("Still right"), ids.ARTICLE_CONFIRM, article.name, "primary" if facts.is_stale else None
    )
    retire = asking(
        block_kit.button(words("Retire"), ids.ARTICLE_RETIRE, article.name), words("Retire {name}?", name=article.name),
        words("It is no longer offered. Its history stays."), words("Retire"), words("Cancel"),
    )  # fmt: skip
    return [right, block_kit.button(words("Edit"), ids.ARTICLE_EDIT, article.name), retire]


def count_uses(uses: int, words: Words) -> str:
    """Return how many cases an article solved."""
    return words.plural("solved {n} case", "solved {n} cases", uses)


def page(
    title: str, articles: Sequence[Article], uses: Mapping[int, int], stale: Sequence[int], words: Words,
    policy: VendorPolicy,
) -> list[block_kit.Block]:  # fmt: skip
    """Return a list of articles, with a button to show each. ``stale`` are the numbers of stale ones."""
    heading = block_kit.list_title(title)
    if not articles:
        said = words("No article found. A solved case has “Keep as article” in its menu.")
        return [heading, block_kit.context(said)]
    rows = [_row(article, uses.get(article.number, 0), article.number in stale, words, policy) for article in articles]
    left_out = len(articles) - LISTED
    more = (
        words.plural("{n} more article. Add words to find it.", "{n} more articles. Add words to find them.", left_out)
        if left_out > 0
        else ""
    )
    return [heading, *rows[:LISTED], *([block_kit.context(more)] if more else [])]


def _row(article: Article, uses: int, is_stale: bool, words: Words, policy: VendorPolicy) -> block_kit.Block:
    service = policy.service(article.text.service)
    facts = [words.pick(service.en, service.zh)] if article.text.service else []
    facts += [count_uses(uses, words)] if uses else []
    facts.append(words("confirmed {day}", day=f"{article.confirmed.at:%Y-%m-%d}"))
    facts += [f"⚠️ {words('stale')}"] if is_stale else []
    head = f"📖 {article.name} · {block_kit.clip(article.text.title, 80)}"
    show = block_kit.button(words("Show"), ids.ARTICLE_SHOW, article.name)
    return {"type": "section", "text": block_kit.plain(f"{head}\n{' · '.join(facts)}"), "accessory": show}


def form(title: str, filled: ArticleText, words: Words, policy: VendorPolicy, metadata: str) -> block_kit.Block:
    """Return the form that keeps or edits an article. ``metadata`` names the case, or the article."""
    services = {key: words.pick(service.en, service.zh) for key, service in policy.services.items()}
    service = block_kit.select(f"{ids.ARTICLE_FORM}.service", services, initial=filled.service)
    link_hint = words("Begins with https://")

    def line(name: str, limit: int, *, lines: bool = False) -> block_kit.Element:
        return block_kit.text_input(f"{ids.ARTICLE_FORM}.{name}", limit, lines=lines, initial=getattr(filled, name))

    fields = [
        block_kit.field("title", words(FIELDS["title"]), line("title", TITLE_LIMIT)),
        block_kit.field("service", words(FIELDS["service"]), service, optional=True),
        block_kit.field("codes", words(FIELDS["codes"]), line("codes", LINE_LIMIT), optional=True),
        block_kit.field("steps", words(FIELDS["steps"]), line("steps", TEXT_LIMIT, lines=True)),
        block_kit.field("link", words(FIELDS["link"]), line("link", LINE_LIMIT), hint=link_hint, optional=True),
    ]
    return block_kit.modal(
        ids.ARTICLE_FORM, title, fields, words("Cancel"), submit=words("Save"), private_metadata=metadata
    )
