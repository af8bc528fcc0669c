"""What people wait for at the desk: the form, a card, the Home tab and a typed line, over years of cases.

Beside 150,000 past cases with 1,000,000 history entries and 50,000 customers, 10,000 cases are open.
"""

import gc
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert

from bot.services import build_render_context
from handlers.notifications.render import MessageRenderer
from models.customers.importer import import_customers
from models.oncall.rota_versions import import_rota
from models.rules.customers.csv_columns import read_sheet
from models.rules.customers.customer import Customer
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bench import archive, customers, databases, open_cases
from tests.bench.front_desk import FrontDesk, Took
from tests.bench.measurement import Figure, Workshop, at_most, middle, p99
from tests.handlers import payloads
from tests.handlers.harness import SETTINGS
from tests.handlers.member import A_CUSTOMER_REQUEST, Member
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.samples import CHANNEL, NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

OPEN, FORMS, LOOKS, LINES, CARDS = 10_000, 60, 120, 200, 200
FIRST = archive.ESCALATIONS + 1
FORM_LIMIT, CARD_LIMIT, HOME_LIMIT, LINE_LIMIT = 50, 5, 100, 50
TYPED = ("上", "蓝天科", "contoso", "物流 深圳", "c01234")
SAID = ("等客户", "备注 工程师要求提供跟踪编号", "世纪互联", "轮到我们")
STEPS = {
    "command": "opened", "block_suggestion": "type-ahead", "block_actions": "drawn again",
    "view_submission": "sent",
}  # fmt: skip


def measure(workshop: Workshop) -> list[Figure]:
    """On both databases."""
    figures = _measured(workshop, "SQLite", databases.sqlite(workshop.folder, "desk"))
    with databases.postgresql() as server, server.migrated() as url:
        return figures + _measured(workshop, "PostgreSQL", url)


def _measured(workshop: Workshop, kind: str, url: str) -> list[Figure]:
    workshop.say(f"{kind}: {archive.ESCALATIONS:,} past cases, {OPEN:,} open ones, {customers.ROWS:,} customers")
    archive.build(url)
    store = Store(url, timeout=10)
    try:
        open_cases.write(store, open_cases.lives(FIRST, OPEN))
        import_customers(store, read_sheet(customers.export()).lines, NOW)
        import_rota(store, DAILY_TURNS_WITH_BACKUP, "cli", NOW.replace(day=1))
        workshop.say(f"{kind}: cards, the Home tab, typed lines and forms")
        desk = FrontDesk(store)
        desk.repositories.queries.preload_customers()  # as each tick does
        gc.collect()
        gc.freeze()  # as the bot does when it has started
        return [*_cards(kind, store, desk), *_home(kind, desk), _lines(kind, desk), *_forms(kind, desk)]
    finally:
        gc.unfreeze()
        store.dispose()


def _forms(kind: str, desk: FrontDesk) -> list[Figure]:
    """Fill in whole forms; a figure for each thing that a person waits for."""
    wang = Member(desk, "U0WANG")  # type: ignore[arg-type]  # plays the part of a stage
    # One of the list: its record is read at each drawing.
    customer = next(found[0] for typed in TYPED if (found := desk.repositories.queries.customers(typed)))
    _fill(wang, customer)  # the first one is drawn from templates that nobody has read yet
    desk.times.clear()
    for _ in range(FORMS):
        _fill(wang, customer)
    return [_judged(f"form {step} ({kind})", FORM_LIMIT, desk.times[delivery]) for delivery, step in STEPS.items()]


def _fill(member: Member, customer: Customer) -> None:
    member.command("new")
    member.fill(kind="customer")
    for typed in TYPED:
        assert member.suggest(typed)
    facts = {name: value for name, value in A_CUSTOMER_REQUEST.items() if name != "kind"}
    facts |= {"customer_name": (customer.name, customer.id)}
    heard = member.fill(**facts).submit()
    assert heard.ack.get("response_action") == "update", heard


def _cards(kind: str, store: Store, desk: FrontDesk) -> list[Figure]:
    """Draw cards again as the outbox does, each from its rows."""
    numbers = range(FIRST, FIRST + CARDS)
    rows = [_posted(number) for number in numbers]
    store.write(lambda connection: connection.execute(insert(OUTBOX), rows))
    context = build_render_context(desk.repositories, WorkspaceDirectory(), desk.now, SETTINGS)
    renderer = MessageRenderer(context)
    drawn = [_timed(lambda number=number: renderer.render(_redrawing(number))) for number in numbers]  # type: ignore[misc]
    return [_judged(f"a card with clocks drawn again ({kind})", CARD_LIMIT, drawn[10:])]


def _home(kind: str, desk: FrontDesk) -> list[Figure]:
    """Open the Home tab of everybody; then that of one who owns what others do not."""
    own = [len(desk.repositories.queries.owned_by(user)) for user in archive.MEMBERS]
    for n in range(LOOKS + 1):
        if n == 1:
            desk.times.clear()
        desk.deliver(payloads.event(archive.MEMBERS[n % len(archive.MEMBERS)]))
    name = f"the Home tab from {OPEN:,} open cases, {min(own)} to {max(own)} of them one's own ({kind})"
    return [_judged(name, HOME_LIMIT, desk.times["event_callback"])]


def _lines(kind: str, desk: FrontDesk) -> Figure:
    """Type lines about open cases; each is stored before it is acknowledged."""
    lina = Member(desk, "U0LINA")  # type: ignore[arg-type]  # plays the part of a stage
    numbers = [number for number in range(FIRST, FIRST + OPEN) if open_cases.is_answered(number)]
    before = sum(len(desk.repositories.queries.whole_history(number)) for number in numbers[:LINES])
    lina.command(f"CSP-{numbers[-1]} 轮到我们")
    desk.acks.clear()
    for n, number in enumerate(numbers[:LINES]):
        lina.command(f"CSP-{number} {SAID[n % len(SAID)]}")
    after = sum(len(desk.repositories.queries.whole_history(number)) for number in numbers[:LINES])
    assert after == before + LINES, "each line is an entry"
    return _judged(f"a typed line, from the request to the commit ({kind})", LINE_LIMIT, desk.acks["command"])


def _judged(name: str, limit: float, took: list[Took]) -> Figure:
    """Return the figure of our own time, the middle one; how long the slow ones and all on the wall took is told."""
    own, wall = [one.processor for one in took], [one.wall for one in took]
    note = f"p99 {p99(own):.1f} ms, of {len(took)}; on the wall p50 {middle(wall):.1f} ms, p99 {p99(wall):.1f} ms"
    return at_most(f"{name}: processor time, p50", limit, middle(own), "ms", note=note)


def _timed(work: Callable[[], object]) -> Took:
    began = Took.now()
    assert work() is not None
    return Took.now() - began


def _posted(number: int) -> dict[str, Any]:
    """Return the row of a card that is in Slack."""
    return {
        "id": f"card-{number}", "dedupe_key": f"card-{number}", "what": MessageKind.CARD, "number": number, "seq": 1,
        "channel": CHANNEL, "lane": f"card-{number}", "scope": CHANNEL, "state": DeliveryState.SENT, "created_at": NOW,
        "due_at": NOW, "slack_channel": CHANNEL, "slack_ts": f"1795000000.{number:06d}",
    }  # fmt: skip


def _redrawing(number: int) -> Delivery:
    return Delivery(
        position=1, id=f"redraw-{number}", what=MessageKind.REFRESH, number=number, seq=None, user=None,
        channel=CHANNEL, lane="", scope="", state=DeliveryState.SENDING, owner="", generation=1, tries=0, looks=0,
        plain=False, note="", created_at=NOW, first_tried_at=None, doubtful=False,
    )  # fmt: skip
