"""The pages of links: one button, in the language of the person. Nothing is done before a number of the message.

A page of a link that can't be used says why, and nothing of what it was about.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from handlers.context import Services
from handlers.errors import ErrorAnswers
from handlers.i18n.erased_words import in_words
from handlers.i18n.errors import NOT_SAVED, UNREACHABLE
from handlers.i18n.words import N_, Words
from handlers.links.link_actions import LinkActions
from handlers.links.link_ends import LinkEnd
from handlers.log_context import about, describe_value
from models.outbox.page_links import PageLinks
from models.rules.errors import NotSaved, Refused, SlackUnreachable
from models.rules.reach.link import LinkAction, LinkState, PageLink, number_of

log = logging.getLogger(__name__)

TITLE = {
    LinkAction.ACKNOWLEDGE: N_("Acknowledge {name}"),
    LinkAction.CONFIRM: N_("I'm on call"),
    LinkAction.STEP_IN: N_("Take over this shift"),
    LinkAction.TAKE_GAP: N_("Take the gap"),
    LinkAction.HAND_OVER: N_("I hand over"),
    LinkAction.TAKE_OVER: N_("I take over"),
}
BAD = {
    LinkState.WRONG: N_("There is no such link. Was it copied whole?"),
    LinkState.OTHER_RECORD: N_("This link belongs to a database that was restored or replaced."),
    LinkState.EXPIRED: N_("This link has expired."),
    LinkState.USED: N_("You used this link already, {at}, and what it is for is done. Each works once."),
    LinkState.REVOKED: N_("This link was revoked."),
    LinkState.CLOSED: N_("This link is closed: three wrong numbers were entered."),
}
STATUS = {LinkState.WRONG: 404, LinkState.OTHER_RECORD: 404}
GONE, REFUSED, AWAY = 410, 409, 503
STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; color: #17191c; background: #f4f5f7;
  font: 18px/1.5 system-ui, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { box-sizing: border-box; width: calc(100% - 2rem); max-width: 28rem; margin: 6vh auto 0; padding: 1.5rem;
  background: #fff; border-radius: 14px; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.note { color: #5b616b; font-size: .95rem; }
label { display: block; margin: 1.25rem 0 .4rem; font-weight: 600; }
input, button { box-sizing: border-box; width: 100%; min-height: 56px; font: inherit; border-radius: 10px; }
input { padding: 0 1rem; font-size: 1.5rem; letter-spacing: .15em; border: 2px solid #8a919c; background: transparent;
  color: inherit; }
button, .next { margin-top: 1rem; border: 0; color: #fff; background: #0b6e4f; font-weight: 700; }
.next { display: block; padding: .85rem 1rem; text-align: center; text-decoration: none; border-radius: 10px; }
:focus-visible { outline: 3px solid #1264a3; outline-offset: 2px; }
.wrong { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { color: #eceef1; background: #111315; } main { background: #1b1e22; }
  .note { color: #aab0b9; } .wrong { color: #ff8a80; } button, .next { background: #17805f; } }
"""


@dataclass(frozen=True)
class WebPage:
    """An answer to a browser."""

    status: int
    html: str


class LinkPages:
    """Answers the addresses of links. Only :meth:`submit` does something, and only with the number of the message."""

    def __init__(self, services: Services, links: PageLinks) -> None:
        self._services, self._links = services, links
        self._actions, self._errors = LinkActions(services), ErrorAnswers(services)

    def show(self, token: str, *, is_look: bool = True) -> WebPage:
        """Return the page of a link. ``is_look`` tells a person's browser from a mere question about the address."""
        try:
            state, link = self._links.find(token, self._services.now())
            if state is not LinkState.GOOD or link is None:
                return self._show_bad(state, link)
            if is_look:
                self._links.note_opened(link, self._services.now())
            if ended := self._actions.find_end(link):
                return self._show_end(ended, link)
        except NotSaved:
            return self._show_away()
        return self._show_form(link)

    def looks_ours(self, token: str) -> bool:
        """Return whether a token may have been made by this record, without a look at the store."""
        return self._links.looks_ours(token)

    def submit(self, token: str, number: str, *, is_aware: bool = False) -> WebPage:
        """Do what a link is for, where the number is that of its message.

        ``is_aware`` says that the form named the gap that this opens.
        """
        try:
            state, link = self._links.find(token, self._services.now())
            if state is not LinkState.GOOD or link is None:
                return self._show_bad(state, link)
            if not hmac.compare_digest(number.strip().encode(), number_of(token).encode()):
                return self._refuse_number(token, link, number)
            with about(**describe_value(link.wanted.value), kind=link.wanted.action):
                return self._carry_out(link, is_aware=is_aware)
        except NotSaved:
            return self._show_away()

    def _carry_out(self, link: PageLink, *, is_aware: bool) -> WebPage:
        words = self._actions.words_of(link)
        try:
            said = self._actions.carry_out(link, is_aware=is_aware)
        except Refused as refused:
            sentences = self._list_sentences(refused, words)
            if any(refusal.reason == "opens_gap" for refusal in refused.refusals):
                return self._show_form(link, REFUSED, warning=sentences[0])
            return _page(REFUSED, words, words("Not done"), sentences)
        except SlackUnreachable:
            return _page(AWAY, words, words("Not done"), [words(UNREACHABLE)])
        self._links.note_used(link, self._services.now())
        log.info("a link was used: %s", link.wanted.action)
        title, lines = f"✅ {words('Done')}", said.removeprefix("✅ ").split("\n")
        return _page(200, words, title, lines, self._offer_next(link, words))

    def _list_sentences(self, refused: Refused, words: Words) -> list[str]:
        return [self._errors.sentence(refusal, words, parsed=False) for refusal in refused.refusals]

    def _offer_next(self, link: PageLink, words: Words) -> list[str]:
        """Return a link to what its person does next: to somebody who has just shown that they read the message."""
        wanted = self._actions.find_next(link)
        if wanted is None:
            return []
        token, title = self._links.make(wanted, link.delivery, self._services.now()), words(TITLE[wanted.action])
        number = words("Number for the next step: {number}", number=number_of(token))
        return [f'<p><b>{escape(number)}</b></p><a class="next" href="{escape(token)}">{escape(title)}</a>']

    def _refuse_number(self, token: str, link: PageLink, number: str) -> WebPage:
        """Count a wrong number. An empty one is none: that is a program, or a slip."""
        if not number.strip():
            return self._show_form(link, REFUSED, is_wrong=True)
        self._links.note_wrong(link)
        state, now_closed = self._links.find(token, self._services.now())
        return (
            self._show_form(link, REFUSED, is_wrong=True)
            if state is LinkState.GOOD
            else self._show_bad(state, now_closed)
        )

    def _show_form(self, link: PageLink, status: int = 200, *, is_wrong: bool = False, warning: str = "") -> WebPage:
        """Return the page with the button. ``warning`` is what its person has to know before they press again."""
        words, wanted = self._actions.words_of(link), link.wanted
        name = f"CSP-{wanted.value}" if wanted.action is LinkAction.ACKNOWLEDGE else ""
        title = words(TITLE[wanted.action], name=name)
        name_of_reader = in_words(self._services.queries.name_of(wanted.person), words)
        who = words("This link is for {who}: who uses it acts as them. Do not pass it on.", who=name_of_reader)
        wrong = words("That is not the number of the message. Nothing was done.")
        label, warning = escape(words("Number in the message")), wrong if is_wrong else warning
        aware = '<input type="hidden" name="aware" value="yes">' if warning and not is_wrong else ""
        form = (
            f'<form method="post" autocomplete="off"><label for="number">{label}</label>'
            '<input id="number" name="number" inputmode="numeric" pattern="[0-9]{2}" maxlength="2" required autofocus>'
            f"{aware}<button>{escape(title)}</button></form>"
        )
        about_what = self._actions.describe(link)
        notes = [f"<p>{escape(about_what)}</p>"] if about_what else []
        notes += [f'<p class="wrong" role="alert">{escape(warning)}</p>'] if warning else []
        return WebPage(status, _frame(words, title, [f'<p class="note">{escape(who)}</p>', *notes, form]))

    def _show_end(self, ended: LinkEnd, link: PageLink) -> WebPage:
        """Return the page of a link that has nothing left to do: it is done, or over."""
        words = self._actions.words_of(link)
        if ended.refused is None:
            return _page(200, words, f"✅ {words('Done')}", [ended.done])
        return _page(REFUSED, words, words("Nothing is left to do"), self._list_sentences(ended.refused, words))

    def _show_bad(self, state: LinkState, link: PageLink | None) -> WebPage:
        words = self._actions.words_of(link) if link else Words.of(self._services.settings.language)
        lines = [words(BAD[state], at=self._actions.say_used(link) if link else "")]
        if state is not LinkState.USED:  # a second press of the same button must not look like a failure
            lines.append(words("Nothing was done. Look in Slack, or ask a lead."))
        title = f"✅ {words('Done')}" if state is LinkState.USED else words("This link can't be used")
        return _page(STATUS.get(state, GONE), words, title, lines)

    def _show_away(self) -> WebPage:
        words = Words.of(self._services.settings.language)
        return _page(AWAY, words, words("Not done"), [words(NOT_SAVED)])


def style_source() -> str:
    """Return the hash of the style for the header ``Content-Security-Policy``."""
    digest = hashlib.sha256(STYLE.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _page(status: int, words: Words, title: str, lines: list[str], more: Sequence[str] = ()) -> WebPage:
    return WebPage(status, _frame(words, title, [*(f"<p>{escape(line)}</p>" for line in lines), *more]))


def _frame(words: Words, title: str, content: list[str]) -> str:
    language = "zh-CN" if words.is_chinese else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(content)}</main></body></html>"
    )
