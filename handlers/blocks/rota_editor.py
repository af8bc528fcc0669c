"""The rota editor in Slack: the overview, a form for each member, layer and seat, and the file as text."""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, override_form
from handlers.blocks.schedule import ViewContext
from handlers.i18n.rota_labels import LIMIT, seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.impact import Impact
from models.rules.rota.rota import ALL_DAYS, Layer, Member, PartnerRole, Rota, Seat
from models.rules.rota.toml.policy import DEFAULT_LIMITS, LIMIT_KEYS
from models.rules.rota.toml.reader import DAYS

MEMBER, LAYER, SEAT, LIMITS = "member", "layer", "seat", "limits"
TITLE = {MEMBER: N_("Member"), LAYER: N_("Layer"), SEAT: N_("Seat"), LIMITS: N_("Limits")}
ADD = {MEMBER: N_("Add a member"), LAYER: N_("Add a layer"), SEAT: N_("Add a seat")}
DAY = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"), "fri": N_("Friday"),
    "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip
ROLE = {
    PartnerRole.ADMIN_AGENT: N_("Admin agent"), PartnerRole.HELPDESK_AGENT: N_("Helpdesk agent"),
    PartnerRole.GLOBAL_ADMIN: N_("Global admin"), PartnerRole.SALES_AGENT: N_("Sales agent"),
    PartnerRole.BILLING_ADMIN: N_("Billing admin"), PartnerRole.USER_ADMIN: N_("User management admin"),
}  # fmt: skip
NO_ROLE, YES = "none", "yes"
PICKED, PAGE_TEXT, PAGES = 99, 2800, 40
NAME_LIMIT, LIST_LIMIT = 60, 300


def item_value(part: str, name: str = "") -> str:
    """Return the value of one part in a menu or button; an empty name is a new one."""
    return f"{part} {name}"[: block_kit.OPTION_VALUE]


def overview(rota: Rota, words: Words) -> block_kit.Block:
    """Return the view that lists the rota, with menus to edit a part and buttons to add one."""
    people = words.join_items(rota.members) or words("nobody")
    layers = "\n".join(f"• {layer.name} → {seat_name(layer.seat, words)}" for layer in rota.layers) or "–"
    seats = words.join_items(f"{seat_name(seat.name, words)} × {seat.people}" for seat in rota.seats)
    facts = [
        (words("Members"), [block_kit.run(block_kit.clip(people, 600))]),
        (words("Layers"), [block_kit.run("\n" + block_kit.clip(layers, 900))]),
        (words("Seats"), [block_kit.run(block_kit.clip(seats, 300))]),
    ]  # fmt: skip
    menus = [_menu(part, names, words) for part, names in _items(rota) if names]
    adds = [
        block_kit.button(words(title), f"{ids.ROTA_EDIT}.pick.{part}", item_value(part)) for part, title in ADD.items()
    ]
    others = [
        block_kit.button(words("Limits"), f"{ids.ROTA_EDIT}.pick.{LIMITS}", item_value(LIMITS)),
        block_kit.button(words("Show the file"), f"{ids.ROTA_EDIT}.file"),
    ]
    return block_kit.modal(
        ids.DONE, words("Edit the rota"),
        [block_kit.rich(block_kit.facts(facts, words.colon)), *([block_kit.actions(menus, "pick")] if menus else []),
         block_kit.actions(adds, "add"), block_kit.actions(others, "others"),
         block_kit.context(words("Each change is previewed before it is saved."))],
        words("Done"),
    )  # fmt: skip


def _items(rota: Rota) -> Iterator[tuple[str, list[str]]]:
    yield MEMBER, list(rota.members)
    yield LAYER, [layer.name for layer in rota.layers]
    yield SEAT, [seat.name for seat in rota.seats]


def _menu(part: str, names: list[str], words: Words) -> block_kit.Element:
    choices = {item_value(part, name): name for name in names[:PICKED]}
    menu = block_kit.select(f"{ids.ROTA_EDIT}.pick.{part}.one", choices)
    menu.pop("dispatch")
    return menu | {"placeholder": block_kit.plain(words(TITLE[part]), block_kit.PLACEHOLDER)}


# The forms ---------------------------------------------------------------------------------------------------------


def form(
    part: str, name: str, rota: Rota, given: Mapping[str, Any] | None, words: Words, metadata: str
) -> block_kit.Block:
    """Return the form of one part of the rota, with its present values, or with what was ``given`` before."""
    facts = _facts(part, name, rota) if given is None else given
    fields = {MEMBER: _member, LAYER: _layer, SEAT: _seat, LIMITS: _limits}[part](_Fields(facts, words), rota)
    if name:
        remove = block_kit.checkboxes(
            f"{ids.ROTA_EDIT}.remove", {YES: words("Remove “{name}”", name=block_kit.clip(name, 40))}
        )
        fields.append(block_kit.field("remove", words("Remove"), remove, optional=True))
    return block_kit.modal(
        f"{ids.ROTA_EDIT}.item", words(TITLE[part]), [*fields, block_kit.actions([_to_overview(words)], "back")],
        words("Cancel"), submit=words("Preview"), private_metadata=metadata,
    )  # fmt: skip


def _to_overview(words: Words) -> block_kit.Element:
    return block_kit.button(words("‹ Back"), f"{ids.ROTA_EDIT}.open")


class _Fields:
    """Makes fields from their current values."""

    def __init__(self, facts: Mapping[str, Any], words: Words) -> None:
        self._facts, self.words = facts, words

    def text(
        self, name: str, label: str, limit: int = NAME_LIMIT, *, optional: bool = True, hint: str = ""
    ) -> block_kit.Block:
        box = block_kit.text_input(_id(name), limit, initial=str(self._facts.get(name) or ""))
        return block_kit.field(name, label, box, optional=optional, hint=hint)

    def choice(self, name: str, label: str, choices: Mapping[str, str]) -> block_kit.Block:
        return block_kit.field(
            name, label, block_kit.select(_id(name), choices, initial=str(self._facts.get(name) or ""))
        )

    def several(self, name: str, label: str, choices: Mapping[str, str], *, optional: bool = True) -> block_kit.Block:
        box = block_kit.checkboxes(_id(name), choices, initial=list(self._facts.get(name) or ()))
        return block_kit.field(name, label, box, optional=optional)

    def clock(self, name: str, label: str, hint: str = "") -> block_kit.Block:
        return block_kit.field(
            name, label, block_kit.clock(_id(name), str(self._facts.get(name) or "")), optional=True, hint=hint
        )

    def date(self, name: str, label: str) -> block_kit.Block:
        return block_kit.field(name, label, block_kit.date(_id(name), str(self._facts.get(name) or "")))

    def person(self, name: str, label: str) -> block_kit.Block:
        return block_kit.field(
            name, label, block_kit.people(_id(name), str(self._facts.get(name) or "")), optional=True
        )

    def people(self, name: str, label: str, hint: str) -> block_kit.Block:
        return block_kit.field(
            name, label, block_kit.several_people(_id(name), list(self._facts.get(name) or ())), hint=hint
        )


def _id(name: str) -> str:
    return f"{ids.ROTA_EDIT}.field.{name}"


def _member(f: _Fields, _rota: Rota) -> list[block_kit.Block]:
    words = f.words
    roles = {NO_ROLE: words("none: may not open requests"), **{str(role): words(name) for role, name in ROLE.items()}}
    return [
        f.person("slack", words("Person in Slack")),
        f.text("name", words("Name on the rota"), optional=True, hint=words("Leave empty to use the name in Slack.")),
        f.choice("role", words("Role in Partner Center"), roles),
        f.text("languages", words("Languages"), LIST_LIMIT, hint=words("With commas: zh, en")),
        f.text("services", words("Services"), LIST_LIMIT, hint=words("With commas: m365, azure")),
    ]


def _layer(f: _Fields, rota: Rota) -> list[block_kit.Block]:
    words = f.words
    seats = {seat.name: seat_name(seat.name, words) for seat in rota.seats}
    days = {day: words(name) for day, name in DAY.items()}
    same = words("Leave empty to use the start of the hours.")
    return [
        f.text("name", words("Name"), optional=False),
        f.choice("seat", words("Seat"), seats),
        f.people("members", words("Who takes turns"), words("In the order of their turns.")),
        f.date("starts", words("First turn")),
        f.text("turn_hours", words("Turn length (hours)"), 5, optional=False, hint=words("24 is a day, 168 a week.")),
        f.clock("handoff", words("Handover time"), same),
        f.several("days", words("Days"), days, optional=False),
        f.several("turns", words("Turns"), {YES: words("rotate on these days only")}),
        f.clock("from", words("Hours from")),
        f.clock("to", words("Hours to"), words("Leave empty for the whole day.")),
        f.text("zone", words("Time zone"), hint="Asia/Shanghai"),
        f.text("services", words("Only for these services"), LIST_LIMIT, hint=words("With commas: m365, azure")),
    ]


def _seat(f: _Fields, _rota: Rota) -> list[block_kit.Block]:
    words = f.words
    return [
        f.text("name", words("Name"), optional=False),
        f.text("people", words("People required at all times"), 2, optional=False),
        f.several(
            "needs_role", words("Partner Center"), {YES: words("somebody must be able to open requests with 21Vianet")}
        ),
        f.text("services", words("Services that must be covered"), LIST_LIMIT, hint=words("With commas: m365, azure")),
        f.text("languages", words("Languages that must be covered"), LIST_LIMIT, hint=words("With commas: zh, en")),
    ]


def _limits(f: _Fields, _rota: Rota) -> list[block_kit.Block]:
    words = f.words
    none = words("Leave empty for no limit.")
    return [
        f.text("longest_hours", words("Maximum consecutive hours"), 4, hint=none),
        f.text("rest_hours", words("Minimum hours of rest between shifts"), 4, hint=none),
        f.text("zone", words("Time zone"), optional=False, hint="Asia/Shanghai"),
        *(
            f.text(
                limit.key,
                words(LIMIT[limit.key]),
                4,
                hint=words("Leave empty for {n}. A warning, not a gap.", n=limit.of(DEFAULT_LIMITS)),
            )
            for limit in LIMIT_KEYS
        ),
    ]


# What a part is now ------------------------------------------------------------------------------------------------


def _facts(part: str, name: str, rota: Rota) -> Mapping[str, Any]:
    if part == MEMBER:
        return member_facts(rota.members.get(name))
    if part == LAYER:
        return layer_facts(next((layer for layer in rota.layers if layer.name == name), None), rota)
    if part == SEAT:
        return seat_facts(next((seat for seat in rota.seats if seat.name == name), None))
    hints = {limit.key: str(limit.of(rota.limits)) for limit in LIMIT_KEYS}
    return {
        "longest_hours": _hours(rota.max_on_call),
        "rest_hours": _hours(rota.min_rest),
        "zone": rota.zone.key,
        **hints,
    }


def member_facts(member: Member | None) -> Mapping[str, Any]:
    """Return a member as the form shows them."""
    if member is None:
        return {"role": NO_ROLE}
    return {
        "slack": member.slack_id, "name": member.name, "role": str(member.role or NO_ROLE),
        "languages": ", ".join(sorted(member.languages)), "services": ", ".join(sorted(member.services)),
    }  # fmt: skip


def layer_facts(layer: Layer | None, rota: Rota) -> Mapping[str, Any]:
    """Return a layer as the form shows it."""
    if layer is None:
        return {
            "days": list(DAYS),
            "turns": [YES],
            "zone": rota.zone.key,
            "turn_hours": "24",
            "seat": rota.seats[0].name if rota.seats else "",
        }
    whole_day = layer.opens == layer.closes
    return {
        "name": layer.name, "seat": layer.seat, "starts": layer.starts.isoformat(), "turn_hours": _hours(layer.length),
        "members": [
            member.slack_id for name in layer.members if (member := rota.members.get(name)) and member.slack_id
        ],
        "handoff": f"{layer.handoff:%H:%M}", "days": [DAYS[day] for day in sorted(layer.days or ALL_DAYS)],
        "from": "" if whole_day else f"{layer.opens:%H:%M}", "to": "" if whole_day else f"{layer.closes:%H:%M}",
        "zone": layer.zone.key, "services": ", ".join(sorted(layer.services)),
        "turns": [YES] if layer.skips_days else [],
    }  # fmt: skip


def seat_facts(seat: Seat | None) -> Mapping[str, Any]:
    """Return a seat as the form shows it."""
    if seat is None:
        return {"people": "1", "needs_role": [YES]}
    return {
        "name": seat.name, "people": str(seat.people), "needs_role": [YES] if seat.needs_role else [],
        "services": ", ".join(sorted(seat.services)), "languages": ", ".join(sorted(seat.languages)),
    }  # fmt: skip


def _hours(length: Any) -> str:
    return str(int(length.total_seconds() // 3600)) if length else ""


# What would happen, and the file -----------------------------------------------------------------------------------


def preview(
    impact: Impact, viewer: ViewContext, metadata: str, commented: int | None, note: str = ""
) -> block_kit.Block:
    """Return the preview of a new version.

    ``commented`` is the current version if its comments get lost.
    """
    words = viewer.words
    note_blocks = [block_kit.section(f"⚠️ {note}")] if note else []
    lost = [block_kit.context("⚠️ " + _comments_lost(commented, words))] if commented else []
    nothing = [] if impact.reassigned or impact.opened_gaps or impact.closed_gaps else [_nothing(words)]
    intro = block_kit.context(words("In the next eight weeks:"))
    return block_kit.modal(
        f"{ids.ROTA_EDIT}.save", words("Preview"),
        [*note_blocks, intro, *override_form.happening(impact, viewer), *nothing, *lost,
         block_kit.actions([block_kit.button(words("‹ Back"), f"{ids.ROTA_EDIT}.again")], "back")],
        words("Cancel"), submit=words("Save"), private_metadata=metadata,
    )  # fmt: skip


def _comments_lost(version: int, words: Words) -> str:
    return words(
        "The comments of the file are not kept. That file stays on record: `csp-escalate rota versions {version}`",
        version=version,
    )


def _nothing(words: Words) -> block_kit.Block:
    return block_kit.context(words("Nobody's shifts change, and no gap opens or closes."))


def file(text: str, words: Words) -> block_kit.Block:
    """Return the file as it was written, as far as a modal holds it."""
    parts: list[str] = [""]
    for line in text.splitlines():
        cut = block_kit.clip(line, PAGE_TEXT)
        if len(parts[-1]) + len(cut) + 1 > PAGE_TEXT:
            parts.append("")
        parts[-1] += cut + "\n"
    shown = [block_kit.rich(block_kit.preformatted(part)) for part in parts[:PAGES] if part]
    more = [block_kit.context(words("The rest: `csp-escalate rota export`"))] if len(parts) > PAGES else []
    back = block_kit.actions([_to_overview(words)], "back")
    return block_kit.modal(ids.DONE, words("The file"), [*(shown or [_nothing(words)]), *more, back], words("Done"))


def begin(is_lead: bool, words: Words) -> list[block_kit.Block]:
    """Return the blocks of a team without a rota; a lead gets the edit button."""
    sentence = words("There is no rota yet.")
    if not is_lead:
        return [block_kit.section(sentence)]
    more = words("Add members, then layers. Or import a file: `csp-escalate rota example`")
    return [block_kit.section(f"{sentence} {more}"), block_kit.actions([edit_button(words)])]


def edit_button(words: Words) -> block_kit.Element:
    """Return the button that opens the overview."""
    return block_kit.button(words("Edit"), f"{ids.ROTA_EDIT}.open")
