"""The outcome of a review in one line, and each of its points with the rule and where it is written."""

import re
from collections.abc import Iterator

from handlers.blocks import block_kit
from handlers.i18n import review_labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, ReviewState
from models.rules.escalations.request import Severity
from models.rules.escalations.request_review import FoundPoint, RequestReview, review_request
from models.rules.policy.review_rules import Outcome, ReviewRules

VERSION = re.compile(r"v?[0-9][0-9.-]*")
MOST_IN_CHANNEL = 2
"""How many points a message in the channel names."""


def blocks(review: RequestReview, rules: ReviewRules, words: Words) -> list[block_kit.Block]:
    """Return the outcome, its points, and the way to do what only the reseller can do."""
    return [_draw(_headline(review.outcome, words), review.points, rules, words)]


def in_channel(escalation: Escalation, rules: ReviewRules, words: Words) -> list[block_kit.Block]:
    """Return the outcome of a case with what decided it; nothing for one that is fit or was approved.

    Hints stay out of the channel: some tell what the customer's record says. Of many points the weightiest are named.
    """
    review = review_request(escalation, rules)
    if review.outcome is Outcome.FIT or escalation.review is ReviewState.APPROVED:
        return []
    headline = _headline_now(escalation, review.outcome, words)
    return [_draw(headline, review.deciding[:MOST_IN_CHANNEL], rules, words)]


def in_private(escalation: Escalation, rules: ReviewRules, words: Words) -> list[block_kit.Block]:
    """Return the reasons of a review, which the message has named, with all points; another outcome as it is."""
    review = review_request(escalation, rules)
    named = _reasons(words) if review.outcome is Outcome.REVIEW else _headline(review.outcome, words)
    return [_draw(named, review.points, rules, words)]


def next_step(escalation: Escalation, words: Words) -> list[block_kit.Block]:
    """Return what to do before it goes to 21Vianet: solve it, or wait until a lead looked; nothing when it may go."""
    if escalation.is_escalated or escalation.severity is Severity.A:
        return []
    if escalation.review is ReviewState.OURS:
        return [block_kit.context(words("Solve it and press “Resolve”. If 21Vianet is needed, press “Ask a lead”."))]
    if escalation.review is ReviewState.SENT_BACK:
        return [block_kit.context(words("Add what is missing and press “Ask a lead”, or solve it."))]
    if escalation.review is ReviewState.PENDING and escalation.review_until:
        until = block_kit.when(escalation.review_until)
        label = block_kit.run(f"⏳ {words('A lead looks at it until')}{words.colon}", "bold")
        said = block_kit.run(f"\n{words('Submit it after that, or as soon as it is approved.')}")
        return [block_kit.rich(block_kit.line(label, until, said))]
    return []


def facts(escalation: Escalation, rules: ReviewRules, words: Words) -> list[tuple[str, list[block_kit.Element]]]:
    """Return label and value of what the card shows: the outcome and what decided it.

    There is nothing for a case that is fit, or that a lead approved: the card says by whom and when.
    """
    review = review_request(escalation, rules)
    if review.outcome is Outcome.FIT or escalation.review is ReviewState.APPROVED:
        return []
    value = [block_kit.run(_headline_now(escalation, review.outcome, words), "bold")]
    for point in review.deciding[:MOST_IN_CHANNEL]:
        value += [block_kit.run("\n"), *_describe(point, words)]
        value += [block_kit.run("\n"), *way] if (way := list(_describe_way(point, rules, words))) else []
    return [(words("Review"), value)]


def _headline(outcome: Outcome, words: Words) -> str:
    return f"{review_labels.OUTCOME_SIGN[outcome]} {words(review_labels.OUTCOME[outcome])}"


def _headline_now(escalation: Escalation, outcome: Outcome, words: Words) -> str:
    """Return the outcome; the reasons alone once it was sent back, or went without a lead."""
    is_over = escalation.review in {ReviewState.SENT_BACK, ReviewState.RELEASED}
    return _reasons(words) if is_over and outcome is Outcome.REVIEW else _headline(outcome, words)


def _reasons(words: Words) -> str:
    return f"{review_labels.OUTCOME_SIGN[Outcome.REVIEW]} {words('Reasons for the review')}"


def _draw(headline: str, points: tuple[FoundPoint, ...], rules: ReviewRules, words: Words) -> block_kit.Block:
    return block_kit.rich(
        block_kit.line(block_kit.run(headline, "bold")),
        *(block_kit.line(*_describe(point, words)) for point in points),
        *(block_kit.line(*way) for point in points if (way := list(_describe_way(point, rules, words)))),
    )


def _describe(point: FoundPoint, words: Words) -> Iterator[block_kit.Element]:
    yield block_kit.run(f"• {words(review_labels.POINT[point.key])} ")
    rule = point.rule
    if rule.source is None:
        yield block_kit.run(words.in_brackets(words(review_labels.OUR_PRACTICE)), "italic")
        return
    article = _name_article(rule.source.url)
    named = f"{article} › {rule.section}" if rule.section else article
    yield block_kit.link(rule.source.url, rule.section_zh if words.is_chinese and rule.section_zh else named)


def _name_article(url: str) -> str:
    """Return the name of a page in its address: the last part that is no version, such as “customer-support”."""
    parts = [part.removesuffix(".md") for part in url.rstrip("/").split("/")]
    return next(part for part in reversed(parts) if not VERSION.fullmatch(part))


def _describe_way(point: FoundPoint, rules: ReviewRules, words: Words) -> Iterator[block_kit.Element]:
    """Yield the clicks for what only the reseller can do."""
    if work := rules.own_work.get(point.key):
        steps = words.pick(" › ".join(work.en), " › ".join(work.zh))
        yield block_kit.run(f"👉 {steps} · ")
        yield block_kit.link(work.portal, words("Open the portal"))
