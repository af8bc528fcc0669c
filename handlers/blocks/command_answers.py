"""Private answers to commands: help, lists, one escalation, its history. Paged, and readable on a phone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit, card, case_history, case_row, open_escalations, told_outside
from handlers.i18n import labels, subcommands
from handlers.i18n.case_lines import CaseLine
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationPage
from models.outbox.pages import ToldPerson
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.export_request import ExportFormat
from models.rules.policy.vendor import VendorPolicy

PAGE_SIZE = 5
HISTORY_SIZE = 10
ESCALATING = (
    ("new", N_("raise an escalation (same as the bare command)")),
    ("quick", N_("raise it with title, severity and customer only; the rest follows")),
    ("list", N_("open escalations, most severe first")),
    ("drafts", N_("forms you began and did not send")),
    ("mine", N_("escalations you own or raised")),
    ("show CSP-1", N_("one escalation, with its buttons; `CSP-1` alone does the same")),
    ("ack CSP-1", N_("acknowledge it: you take care of it")),
    (
        N_("CSP-1 note …"),
        N_("one line does it: also CSP-1 SR 6251…, CSP-1 customer, CSP-1 21v, CSP-1 ours, CSP-1 told phone"),
    ),
    ("history CSP-1", N_("everything that was done, when and by whom")),
    (
        N_("search WORDS"),
        N_("find by customer, title, details, notes or number; also by filters: state:active turn:customer owner:me"),
    ),
    (N_("articles WORDS"), N_("what solves known problems: find, confirm, edit; without words the newest")),
    (N_("customer NAME"), N_("what is known of a customer: cases, clocks, contacts; only you see it")),
    ("informed", N_("customers who must be informed of our support, and the statement to copy")),
    (N_("report [CUSTOMER] [MONTH]"), N_("the service report of a month; leads: of all, and `report 21vianet`")),
    ("returned", N_("how many cases 21Vianet returned in 90 days: yours, and for leads by area and customer")),
    ("returned CSP-1", N_("record that 21Vianet returned it as inappropriate")),
    ("remediation", N_("leads: remediation plans, their actions and packets; who owns an action marks it done")),
    ("help", N_("this help")),
)
LINE_EXAMPLES = (
    N_("CSP-1 SR 6251…"), N_("CSP-1 note …"), N_("CSP-1 customer"), N_("CSP-1 21v"), N_("CSP-1 ours"),
    N_("CSP-1 told phone"), N_("CSP-1 ack"),
)  # fmt: skip
"""Lines about a case that are understood."""
ON_DUTY = (
    ("who", N_("who is on call now and next; also at a time: `who at tomorrow 02:30`")),
    ("rota", N_("the days ahead; leads edit the rota here; `rota picture` draws four weeks")),
    ("gaps", N_("times that nobody covers yet; take one here")),
    ("my", N_("your shifts, to confirm; when you are reminded")),
    ("cover", N_("put yourself or somebody else on call for a time")),
    ("swap", N_("offer a shift to one person or everybody, or swap it for one of theirs")),
    ("leave", N_("say when you are away")),
    ("accept-gap", N_("leads: record an accepted gap")),
    ("load", N_("how hours, nights and holidays are shared; warnings only")),
    ("calendar", N_("public holidays and make-up workdays")),
)


def list_commands(words: Words) -> list[block_kit.Block]:
    """List all subcommands."""
    return [
        block_kit.section(f"*{words('Escalations to 21Vianet')}*\n{_usages(ESCALATING, words)}"),
        block_kit.section(f"*{words('The rota')}*\n{_usages(ON_DUTY, words)}"),
        block_kit.context(_other_language(words)),
        block_kit.actions([block_kit.button(words("New escalation"), ids.HOME_NEW, style="primary")]),
    ]


def unknown(typed: subcommands.TypedCommand, words: Words) -> list[block_kit.Block]:
    """Answer what was not understood: the nearest subcommand, or where all of them are listed."""
    text, near = block_kit.clip(typed.text, 100), block_kit.clip(subcommands.nearest(typed), 100)
    if near:
        meant = f"{words.command} {near}"
        sentence = words("I don't know “{typed}”. Did you mean {command}?", typed=text, command=meant)
    else:
        sentence = words("I don't know “{typed}”. All commands: {command}", typed=text, command=f"{words.command} help")
    return [{"type": "section", "text": block_kit.plain(sentence)}]


def unknown_line(text: str, line: CaseLine, words: Words) -> list[block_kit.Block]:
    """Show a line about a case back: it is never carried out by a guess. What was probably meant can be pressed."""
    sentence = words("I don't know what to do with “{typed}”, so nothing was changed.", typed=block_kit.clip(text, 100))
    show = block_kit.button(words("Show"), ids.SHOW, str(ids.EscalationSubject(line.number)))
    meant = [block_kit.button(block_kit.clip(line.nearest, 75), ids.LINE, line.nearest)] if line.nearest else []
    return [
        {"type": "section", "text": block_kit.plain(sentence)}, block_kit.actions([*meant, show]), line_examples(words),
    ]  # fmt: skip


def line_examples(words: Words) -> block_kit.Block:
    """Return lines about a case that are understood, in small print."""
    hint = words("Say for example: {examples}", examples=" · ".join(words(example) for example in LINE_EXAMPLES))
    return block_kit.aside(block_kit.plain(hint))


def _other_language(words: Words) -> str:
    """Return how the subcommands are called in the other language."""
    if words.is_chinese:
        english = (usage.split()[0] for usage, _ in (*ESCALATING, *ON_DUTY) if not usage.startswith("CSP"))
        return words("In English as well: {verbs}.", verbs=" · ".join(dict.fromkeys(english)))
    return words("In Chinese as well: {verbs}.", verbs=" · ".join(subcommands.CHINESE))


def _usages(usages: Sequence[tuple[str, str]], words: Words) -> str:
    """Return one line for each subcommand. A reader of Chinese is offered the Chinese word for it."""
    named = ((subcommands.offer_in_chinese(usage, words(usage)) if words.is_chinese else words(usage), meaning)
             for usage, meaning in usages)  # fmt: skip
    return "\n".join(f"`{words.command} {usage}` – {words(meaning)}" for usage, meaning in named)


def page(
    title: str,
    shown: EscalationPage,
    what: str,
    query: str,
    words: Words,
    now: datetime,
    uses: Mapping[int, int] | None = None,
) -> list[block_kit.Block]:
    """Return a page of escalations as they are ``now``, with buttons to show each and to turn the page.

    ``uses`` counts the cases that the fix of each solved, by number.
    """
    if not shown.escalations:
        empty = (
            words("Nothing found. Try fewer or other words.") if what == "search" else words("No escalations are open.")
        )
        return [block_kit.list_title(title), block_kit.context(empty)]
    at = shown.offset
    turn = _turn(what, query, at, at - PAGE_SIZE, at + PAGE_SIZE, shown.more, words)
    export = export_button(what, query, ExportFormat.XLSX, words("Export"))
    turn = [block_kit.actions([*(turn[0]["elements"] if turn else []), export])]
    used = uses or {}
    rows = (row(e, shown.owner_of(e), words, now, used.get(e.number, 0)) for e in shown.escalations)
    return [block_kit.list_title(title), *rows, *turn]


def export_button(what: str, query: str, form: ExportFormat, label: str) -> block_kit.Block:
    """Return the button that asks for a list or a search as a file."""
    # Not in ASCII: an escaped emoji is twelve characters, and Slack takes 2,000.
    value = json.dumps({"what": what, "query": query[:200], "format": form}, ensure_ascii=False)
    return block_kit.button(label, f"{ids.EXPORT}.{form}", value)


def export_comes(what: str, query: str, form: ExportFormat, words: Words) -> list[block_kit.Block]:
    """Answer that a file is on its way, with the buttons of the other formats."""
    others = [export_button(what, query, other, other.upper()) for other in ExportFormat if other is not form]
    says = words("The file ({format}) will arrive in your direct messages.", format=form.upper())
    return [block_kit.section(f"📄 {says}"), block_kit.context(words("Also as:")), block_kit.actions(others)]


def number_used_twice(hints: Sequence[str], escalation: Escalation, words: Words) -> list[block_kit.Block]:
    """Return the hints that a number is on other cases too, with a button that marks this one as a duplicate."""
    value = str(ids.EscalationSubject(escalation.number, escalation.version))
    mark = block_kit.button(words(labels.MOVE[Move.DUPLICATE]), ids.move_button(Move.DUPLICATE), value)
    return [block_kit.section(f"⚠️ {block_kit.escape(hint)}", mark) for hint in hints]


def row(escalation: Escalation, owner: str, words: Words, now: datetime, uses: int = 0) -> block_kit.Block:
    """Return one escalation in three short lines of plain text, with a button to show it.

    ``owner`` is a name, empty for nobody. It says how long ago it was raised or ended, and how long it is snoozed.
    ``uses`` counts the cases that its fix solved.
    """
    whose = [block_kit.clip(owner, 40) or words("nobody yet"), *open_escalations.ages(escalation, words, now)]
    state = f"{card.status(escalation, words)} · {case_row.customer(escalation, words)}"
    whose += [card.count_uses(uses, words)] if uses else []
    return case_row.row(escalation, [state, " · ".join(whose)], words)


def history(
    escalation: Escalation, entries: Sequence[HistoryEntry], offset: int, words: Words, policy: VendorPolicy,
    people: Sequence[ToldPerson] = (),
) -> list[block_kit.Block]:  # fmt: skip
    """Return a page of history, oldest first: as many entries as one message takes.

    ``entries`` has one more than a page where there is another page. ``people`` are those told outside Slack.
    """
    shown = list(_that_fit(entries[:HISTORY_SIZE], words, policy))
    lines = []
    for at, entry in enumerate(shown):
        until = entries[at + 1].at if at + 1 < len(entries) else None
        told_now = [each for each in people if entry.at <= each.at and (until is None or each.at < until)]
        lines += case_history.entry(entry, words, block_kit.person(entry.by), policy)
        lines += [told_outside.history_line(each, words, block_kit.person(each.person)) for each in told_now]
    title = block_kit.list_title(f"{escalation.name} · {escalation.title}")
    back, ahead = offset - HISTORY_SIZE, offset + len(shown)
    more = len(shown) < len(entries)
    return [title, block_kit.rich(*lines), *_turn("history", str(escalation.number), offset, back, ahead, more, words)]


def _that_fit(entries: Sequence[HistoryEntry], words: Words, policy: VendorPolicy) -> Iterator[HistoryEntry]:
    remaining = block_kit.MESSAGE
    for entry in entries:
        remaining -= len(entry.text) + sum(map(len, case_history.changes(entry, words, policy))) + 200
        if remaining < 0:
            return
        yield entry


def _turn(what: str, query: str, offset: int, back: int, ahead: int, more: bool, words: Words) -> list[block_kit.Block]:
    """Return buttons to the page before and after, where there is one."""

    def turned(to: int) -> str:
        # Not in ASCII: an escaped emoji is twelve characters, and Slack takes 2,000.
        return json.dumps({"what": what, "query": query[:200], "offset": to}, ensure_ascii=False)

    elements = [block_kit.button(words("‹ Back"), f"{ids.PAGE}.back", turned(max(0, back)))] if offset else []
    elements += [block_kit.button(words("More ›"), f"{ids.PAGE}.more", turned(ahead))] if more else []
    return [block_kit.actions(elements)] if elements else []
