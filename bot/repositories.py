"""All that the running bot reads and changes in its store, each made once."""

from dataclasses import dataclass

from bot.workers.outbox import Bell
from handlers.settings import Settings
from models.escalations.commands import Desk
from models.escalations.queries import Board
from models.oncall.availability import Volunteers
from models.oncall.confirmations import Watches
from models.oncall.coverage_ledger import Coverage
from models.oncall.gap_register import GapBook
from models.oncall.rota_store import Rotas
from models.oncall.snapshot import Scenes
from models.oncall.swaps import Offers
from models.outbox.queue import Outbox
from models.reminders.engine import Vigil
from models.reminders.on_call import OnCall
from models.reminders.settings import House
from models.rules.policy import Policy
from models.store.database import Store


@dataclass(frozen=True)
class Stored:
    """All that is read and changed in one store."""

    rotas: Rotas
    offers: Offers
    watches: Watches
    scenes: Scenes
    on_call: OnCall
    desk: Desk
    board: Board
    outbox: Outbox
    gap_book: GapBook
    coverage: Coverage
    volunteers: Volunteers
    vigil: Vigil


def stored_in(store: Store, house: House, bell: Bell) -> Stored:
    """Make each of them once, over one store; ``bell`` wakes the outbox after a commit."""
    rotas = Rotas(store)
    watches, scenes = Watches(store, rotas), Scenes(store, rotas)
    on_call = OnCall(scenes, house)
    return Stored(
        rotas=rotas,
        offers=Offers(store, rotas),
        watches=watches,
        scenes=scenes,
        on_call=on_call,
        desk=Desk(store, bell.ring, on_call.at),
        board=Board(store),
        outbox=Outbox(store),
        gap_book=GapBook(store),
        coverage=Coverage(store, rotas, watches),
        volunteers=Volunteers(store),
        vigil=Vigil(store, scenes, house),
    )


def vigil_house(settings: Settings, pages: Policy) -> House:
    """What the vigil must know of the installation."""
    return House(
        settings.oncall_channel, settings.escalation_channel, tuple(sorted(settings.leads)), settings.timezone,
        pages.nagging, settings.oncall_usergroup,
    )  # fmt: skip
