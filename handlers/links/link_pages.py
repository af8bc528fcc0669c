"""The pages of links: one button, in the language of the person. Nothing is done before a number of the message.

A page of a link that can't be used says why, and nothing of what it was about.
"""

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from handlers.blocks.link_buttons import name_button
from handlers.context import Services
from handlers.errors import ErrorAnswers
from handlers.i18n.dates import short_zone_name
from handlers.i18n.erased_words import in_words
from handlers.i18n.errors import NOT_SAVED, TOO_OFTEN, UNREACHABLE
from handlers.i18n.words import N_, Words
from handlers.links.link_actions import LinkActions
from handlers.links.link_ends import LinkEnd
from handlers.log_context import about, describe_value
from handlers.printable.frame import frame_page, name_language
from handlers.printable.line_breaks import write_text
from handlers.printable.styles import LETTER
from models.outbox.page_links import PageLinks
from models.rules.errors import NotSaved, Refused, SlackUnreachable
from models.rules.people import PROGRAM
from models.rules.reach.link import MAX_WRONG_NUMBERS, LinkAction, LinkState, PageLink, number_of

log = logging.getLogger(__name__)

BAD = {
    LinkState.WRONG: N_("There is no such link. Was it copied whole?"),
    LinkState.OTHER_RECORD: N_("This link belongs to a database that was restored or replaced."),
    LinkState.EXPIRED: N_("This link has expired: a link works for 24 hours."),
    LinkState.USED: N_("This link was used already: {at}. What it is for is done. Each link works once."),
    LinkState.REVOKED: N_("This link was revoked."),
    LinkState.CLOSED: N_("This link is closed: three wrong numbers were entered."),
}
STATUS = {LinkState.WRONG: 404, LinkState.OTHER_RECORD: 404}
_CLOCK = re.compile(r"\d:\d\d")
GONE, REFUSED, AWAY, BUSY = 410, 409, 503, 429
UNUSABLE, NOT_DONE = N_("This link can't be used"), N_("Not done")
FILLED_BY_PROGRAM = N_(
    "A field that nobody sees was filled in, as programs do. Nothing was done: enter the number only."
)
NOTHING_DONE = N_("Nothing was done. Look for a newer message. Whom to call: the duty sheet.")


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
                log.debug("a link was opened: %s, of delivery %s", link.wanted.action, link.delivery)
            if ended := self._actions.find_end(link):
                return self._show_end(ended, link)
        except NotSaved:
            return self._show_away()
        return self._show_form(link)

    def looks_ours(self, token: str) -> bool:
        """Return whether a token may have been made by this record, without a look at the store."""
        return self._links.looks_ours(token)

    def submit(self, token: str, number: str, *, is_aware: bool = False, is_program: bool = False) -> WebPage:
        """Do what a link is for, where the number is that of its message.

        ``is_aware`` says that the form named the gap that this opens, ``is_program`` that its hidden field was filled.
        """
        try:
            now = self._services.now()
            state, link = self._links.find(token, now)
            if link is None or not (state is LinkState.GOOD or link.repeats_answer(now)):
                return self._show_bad(state, link)
            if is_program:  # no try of its person's: a program must not close their link
                return self._ask_again(link, self._actions.words_of(link)(FILLED_BY_PROGRAM))
            if not hmac.compare_digest(number.strip().encode(), number_of(token).encode()):
                return self._refuse_number(token, link, number)
            with about(**describe_value(link.wanted.value), kind=link.wanted.action):
                return self._carry_out(link, is_aware=is_aware)
        except NotSaved:
            return self._show_away()

    def _carry_out(self, link: PageLink, *, is_aware: bool) -> WebPage:
        words, ended = self._actions.words_of(link), self._actions.find_end(link)
        if link.used_at or (ended and ended.is_own):
            self._links.note_used(link, self._services.now())
            return self._show_end(ended, link, has_number=True) if ended else self._show_bad(LinkState.USED, link)
        try:
            said = self._actions.carry_out(link, is_aware=is_aware)
        except Refused as refused:
            sentences = self._list_sentences(refused, link)
            if any(refusal.reason == "opens_gap" for refusal in refused.refusals):
                return self._show_form(link, REFUSED, warning=sentences[0])
            return _page(REFUSED, words, words(NOT_DONE), sentences, self._offer_next_case(link, words))
        except SlackUnreachable:
            return _page(AWAY, words, words(NOT_DONE), [words(UNREACHABLE)])
        self._links.note_used(link, self._services.now())
        log.info("a link was used: %s", link.wanted.action)
        title, lines = f"✅ {words('Done')}", said.removeprefix("✅ ").split("\n")
        is_named = link.wanted.action is LinkAction.ACKNOWLEDGE or not _CLOCK.search(said)
        more = [] if is_named else [self._name_zone(link, words)]
        with suppress(NotSaved):  # it is done: what can't be read now must not look as if it were not
            more += self._offer_next(link, words)
        return _page(200, words, title, lines, more)

    def _list_sentences(self, refused: Refused, link: PageLink) -> list[str]:
        words, zone = self._actions.words_of(link), self._services.zone_for(link.wanted.person)
        return [self._errors.sentence(refusal, words, parsed=False, zone=zone) for refusal in refused.refusals]

    def _name_zone(self, link: PageLink, words: Words) -> str:
        zone = short_zone_name(self._services.zone_for(link.wanted.person), words)
        return f'<p class="note">{escape(words("Times"))}{words.colon}{escape(zone)}</p>'

    def _offer_next(self, link: PageLink, words: Words) -> list[str]:
        """Return the form of what its person does next: for somebody who has just shown that they read the message."""
        wanted = self._actions.find_next(link)
        if wanted is None:
            return []
        token, title = (
            self._links.make(wanted, link.delivery, self._services.now()),
            name_button(wanted, self._services.now(), words),
        )
        label = words("Number for the next step: {number}", number=number_of(token))
        form = _form(title, label, words, action=token)
        return [f"<p>{write_text(self._actions.describe(wanted))}</p>", form]

    def _offer_next_case(self, link: PageLink, words: Words) -> list[str]:
        """Return the form of the next case, where somebody else acknowledged that of a message about several."""
        return self._offer_next(link, words) if link.wanted.action is LinkAction.ACKNOWLEDGE else []

    def _refuse_number(self, token: str, link: PageLink, number: str) -> WebPage:
        """Count a wrong number. An empty one is none: that is a program, or a slip."""
        if not number.strip():
            return self._ask_again(link, self._say_wrong(link))
        self._links.note_wrong(link)
        state, counted = self._links.find(token, self._services.now())
        if counted and (state is LinkState.GOOD or counted.repeats_answer(self._services.now())):
            return self._ask_again(counted, self._say_wrong(counted))
        return self._show_bad(state, counted)

    def _ask_again(self, link: PageLink, wrong: str) -> WebPage:
        """Return the page that was submitted, with why nothing was done."""
        return self._show_used(link, wrong) if link.used_at else self._show_form(link, REFUSED, wrong=wrong)

    def _show_form(self, link: PageLink, status: int = 200, *, wrong: str = "", warning: str = "") -> WebPage:
        """Return the page with the button. ``warning`` is what its person has to know before they press again.

        ``wrong`` says why nothing was done.
        """
        words, wanted = self._actions.words_of(link), link.wanted
        title = name_button(wanted, self._services.now(), words)
        name_of_reader = in_words(self._services.queries.name_of(wanted.person), words)
        who = words("This link is for {who}: who uses it acts as them. Do not pass it on.", who=name_of_reader)
        form = _form(title, words("Number in the message"), words, is_aware=bool(warning))
        alert = wrong or warning
        about_what = self._actions.describe(wanted)
        notes = [f"<p>{write_text(about_what)}</p>"] if about_what else []
        notes += [_alert(alert)] if alert else []
        return WebPage(status, _frame(words, title, [f'<p class="note">{write_text(who)}</p>', *notes, form]))

    def _say_wrong(self, link: PageLink) -> str:
        """Return that a number was wrong, and how many tries are left."""
        words = self._actions.words_of(link)
        wrong = words("That is not the number of this link: each message has its own. Nothing was done.")
        tries = words.plural("{n} try is left.", "{n} tries are left.", MAX_WRONG_NUMBERS - link.wrong)
        return f"{wrong}{'' if words.is_chinese else ' '}{tries}"

    def _show_end(self, ended: LinkEnd, link: PageLink, *, has_number: bool = False) -> WebPage:
        """Return the page of a link that has nothing left to do: it is done, or over.

        Who did it reads the same as after the press, whose answer may not have arrived. The next press is offered to
        who has the number of the message.
        """
        words, is_case = self._actions.words_of(link), link.wanted.action is LinkAction.ACKNOWLEDGE
        more = list[str]()
        if has_number and (ended.is_own or is_case):
            more = self._offer_next(link, words)
        elif (ended.is_own or is_case) and self._actions.find_next(link):
            go_on = words("Go on to the next case") if is_case else words("Go on to the next step")
            more = [_form(go_on, words("Number in the message"), words)]
        if ended.refused is None:
            lines = [*ended.done, *(self._actions.describe_after(link) if ended.is_own else ())]
            status, used = (GONE, [self._say_used(link)]) if link.used_at else (200, [])
            return _page(status, words, f"✅ {words('Done')}", [*used, *lines], more)
        is_outdated = any(refusal.reason == "link_outdated" for refusal in ended.refused.refusals)
        title = words(UNUSABLE) if is_outdated else words("Nothing is left to do")
        return _page(REFUSED, words, title, self._list_sentences(ended.refused, link), more)

    def _show_bad(self, state: LinkState, link: PageLink | None) -> WebPage:
        if link is None:
            return self._show_to_anybody(STATUS.get(state, GONE), UNUSABLE, BAD[state], NOTHING_DONE)
        words = self._actions.words_of(link)
        if state is LinkState.USED:
            return self._show_used(link)
        return _page(STATUS.get(state, GONE), words, words(UNUSABLE), [words(BAD[state]), words(NOTHING_DONE)])

    def _show_used(self, link: PageLink, wrong: str = "") -> WebPage:
        """Return the page of a used link: a second press of the same button must not look like a failure.

        It says nothing of what it was about, before the number of its message is entered again.
        """
        words, title = self._actions.words_of(link), N_("Show what is next")
        alert = [_alert(wrong)] if wrong else []
        repeats = link.repeats_answer(self._services.now())
        form = [_form(words(title), words("Number in the message"), words)] if repeats else []
        return _page(GONE, words, f"✅ {words('Done')}", [self._say_used(link)], [*alert, *form])

    def _say_used(self, link: PageLink) -> str:
        return self._actions.words_of(link)(BAD[LinkState.USED], at=self._actions.say_used(link))

    def _show_away(self) -> WebPage:
        return self._show_to_anybody(AWAY, NOT_DONE, NOT_SAVED)

    def show_busy(self) -> WebPage:
        """Return the page for too many requests."""
        return self._show_to_anybody(BUSY, NOT_DONE, TOO_OFTEN)

    def _show_to_anybody(self, status: int, title: str, *lines: str) -> WebPage:
        """Return a page in both languages, that of the installation first: who reads it is not known."""
        first, second = ("en", "zh_CN") if self._services.settings.language == "en" else ("zh_CN", "en")
        own, other = Words.of(first), Words.of(second)
        lang = f' lang="{name_language(second)}"'
        head = f"<header{lang}><h1>{escape(other(title))}</h1></header>"
        more = [head, *(f"<p{lang}>{write_text(other(line))}</p>" for line in lines)]
        return _page(status, own, own(title), [own(line) for line in lines], more)


def style_source() -> str:
    """Return the hash of the style for the header ``Content-Security-Policy``."""
    digest = hashlib.sha256(LETTER.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _page(status: int, words: Words, title: str, lines: list[str], more: Sequence[str] = ()) -> WebPage:
    return WebPage(status, _frame(words, title, [*map(_write_line, lines), *more]))


def _write_line(line: str) -> str:
    """Return a paragraph. A command has a line of its own, with nothing after it that would be copied too."""
    is_command = line.startswith(f"{PROGRAM} ")
    return f"<p><code>{write_text(line)}</code></p>" if is_command else f"<p>{write_text(line)}</p>"


def _alert(text: str) -> str:
    return f'<p class="wrong" role="alert">{write_text(text)}</p>'


def _form(title: str, label: str, words: Words, *, action: str = "", is_aware: bool = False) -> str:
    """Return the form that asks for a number. ``action`` is the token of another link.

    Nobody sees or reaches its second field, which only programs fill. Nothing tells the shape of the number.
    """
    target, focus = (f' action="{escape(action)}"', "") if action else ("", " autofocus")
    aware = '<input type="hidden" name="aware" value="yes">' if is_aware else ""
    return (
        f'<form method="post" autocomplete="off"{target}><label for="number">{escape(label)}</label>'
        f'<input id="number" name="number" inputmode="numeric" required{focus}>'
        f'<p class="empty" aria-hidden="true"><label>{escape(words("Leave this empty"))}'
        '<input name="comment" tabindex="-1" autocomplete="off"></label></p>'
        f"{aware}<button>{escape(title)}</button></form>"
    )


def _frame(words: Words, title: str, content: list[str]) -> str:
    language, heading = "zh_CN" if words.is_chinese else "en", f"<header><h1>{escape(title)}</h1></header>"
    body = f"{heading}\n<main>{''.join(content)}</main>\n"
    return frame_page(language, title, LETTER, body, '<meta name="robots" content="noindex">\n')
