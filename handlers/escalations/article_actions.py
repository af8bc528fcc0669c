"""Knowledge articles: kept from a solved case, found, shown, confirmed, edited and retired. Answers are private."""

import re
from collections.abc import Callable
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import articles, block_kit
from handlers.blocks.articles import ArticleFacts
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.payloads import Body, button_value, click_key, submission_key, team_of, typed, user_of
from models.rules.errors import refuse
from models.rules.escalations.articles import (
    Article,
    ArticleChange,
    ArticleText,
    check_may_change,
    check_may_keep,
    find_codes,
    match_articles,
)

Respond = Callable[..., Any]
_NAME = re.compile(r"(?:kb[\s_-]*)?(\d{1,9})", re.IGNORECASE)
_FORM = re.compile(r"(case|article) (\d{1,9})")
CASES_SHOWN = 3


class ArticleActions:
    """Answers ``articles`` and the buttons and forms of articles."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show the article that is named, or a list of those that match the words. Raises Refused."""
        if name := _NAME.fullmatch(rest):
            return self._blocks(self.find(int(name[1]), current_user), current_user)
        words, services = current_user.words, self._services
        every_article = services.articles.all(current_user.actor.team_id)
        listed = match_articles(every_article, rest) if rest else every_article
        title = words("Articles about “{query}”", query=block_kit.clip(rest, 100)) if rest else words("Articles")
        stale = [article.number for article in listed if self._is_stale(article)]
        uses = services.articles.count_uses([article.number for article in listed])
        return articles.page(title, listed, uses, stale, words, services.policy)

    def find(self, number: int, current_user: CurrentUser) -> Article:
        """Return an article of the person's workspace. Raises Refused when there is none."""
        article = self._services.articles.find(number, current_user.actor.team_id)
        if article is None:
            raise refuse("no_such_article", article=f"KB-{number}")
        return article

    def show(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Show the article of a button."""
        current_user = self._services.admit(user_of(body), team_of(body))
        self._show(self._article_of(body, current_user), current_user, body, client, respond)

    def confirm(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Record that an article is still right: “Still right”."""
        self._change(ArticleChange.CONFIRMED, body, client, respond)

    def retire(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Offer an article no more. Raises Refused for anybody but its author and leads."""
        self._change(ArticleChange.RETIRED, body, client, respond)

    def ask_to_keep(self, number: int, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form that keeps a solved case as an article. Raises Refused for a case without a fix."""
        current_user = self._services.admit(user_of(body), team_of(body))
        escalation = self._services.queries.escalation(number, current_user.actor.team_id)
        if escalation is None:
            raise refuse("no_such_escalation", number=number)
        check_may_keep(escalation)
        codes = find_codes(escalation)
        filled = ArticleText(escalation.title, escalation.service, codes, escalation.fix or "")
        self._open(current_user.words("Keep as article"), filled, f"case {number}", current_user, body, client)

    def ask_to_edit(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form that edits an article. Raises Refused for anybody but its author and leads."""
        current_user = self._services.admit(user_of(body), team_of(body))
        article = self._article_of(body, current_user)
        check_may_change(article, ArticleChange.EDITED, current_user.actor)
        words = current_user.words
        title = words("Edit {name}", name=article.name)
        self._open(title, article.text, f"article {article.number}", current_user, body, client)

    def submit(self, ack: Callable[..., Any], body: dict[str, Any]) -> None:
        """Store what the form says, then show the article in its place."""
        view = body["view"]
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        about = _FORM.fullmatch(str(view.get("private_metadata") or ""))
        if about is None:
            raise refuse("unreadable")
        number, text = int(about[2]), _text_of(view)
        if text.service and text.service not in self._services.policy.services:
            raise refuse("unknown_choice", "service")
        stored, actor, now, key = (
            self._services.articles,
            current_user.actor,
            self._services.now(),
            submission_key(body),
        )
        if about[1] == "article":
            article = stored.change(number, ArticleChange.EDITED, actor, now, key, text)
        else:
            article = stored.write(text, actor, now, key, number)
        ack(response_action="update", view=self.modal(article, current_user))

    def modal(self, article: Article, current_user: CurrentUser) -> block_kit.Block:
        """Return an article as a modal."""
        shown = self._blocks(article, current_user)
        return block_kit.modal(ids.DONE, article.name, shown, current_user.words("Done"))

    def _change(self, change: ArticleChange, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        current_user = self._services.admit(user_of(body), team_of(body))
        number = self._article_of(body, current_user).number
        now = self._services.now()
        article = self._services.articles.change(number, change, current_user.actor, now, click_key(body))
        self._show(article, current_user, body, client, respond)

    def _open(
        self, title: str, filled: ArticleText, about: str, current_user: CurrentUser, body: dict[str, Any],
        client: SlackResponder,
    ) -> None:  # fmt: skip
        view = articles.form(title, filled, current_user.words, self._services.policy, about)
        if press_origin.in_modal(body):
            client.views_push(trigger_id=body["trigger_id"], view=view)
        else:
            client.views_open(trigger_id=body["trigger_id"], view=view)

    def _show(
        self,
        article: Article,
        current_user: CurrentUser,
        body: dict[str, Any],
        client: SlackResponder,
        respond: Respond,
    ) -> None:
        """Show an article where the button was pressed: in the private answer, or in the open modal."""
        if body.get("response_url"):
            blocks = self._blocks(article, current_user)
            text = block_kit.fallback_text(blocks)
            respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=press_origin.is_private(body))
        else:
            client.views_update(view_id=body["view"]["id"], view=self.modal(article, current_user))

    def _blocks(self, article: Article, current_user: CurrentUser) -> list[block_kit.Block]:
        services, number = self._services, article.number
        solved = [(case, services.find_name(user)) for case, user in services.articles.list_uses(number, CASES_SHOWN)]
        facts = ArticleFacts(
            services.articles.count_uses([number]).get(number, 0), solved, services.find_name(article.written_by),
            services.find_name(article.confirmed.by), self._is_stale(article),
            services.policy.reminder_times.articles_stale.days,
        )  # fmt: skip
        return articles.blocks(article, facts, current_user.words, services.policy)

    def _is_stale(self, article: Article) -> bool:
        return article.is_stale(self._services.now(), self._services.policy.reminder_times.articles_stale)

    def _article_of(self, body: Body, current_user: CurrentUser) -> Article:
        """Return the article of a button. Raises Refused when somebody tampered with it."""
        name = _NAME.fullmatch(button_value(body))
        if name is None:
            raise refuse("unreadable")
        return self.find(int(name[1]), current_user)


def _text_of(view: Body) -> ArticleText:
    answers = typed(view)
    title, service, codes, steps, link = (
        str(answers.get(name) or "") for name in ("title", "service", "codes", "steps", "link")
    )
    return ArticleText(title, service, codes, steps, link)
