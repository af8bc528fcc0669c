"""All that the running bot reads and changes in its store, each made once."""

from dataclasses import dataclass

from bot.outbox import Bell
from handlers.settings import Settings
from models.board import Board
from models.coverage import Coverage
from models.desk import Desk
from models.gap_book import GapBook
from models.offers import Offers
from models.outbox import Outbox
from models.policy import Policy
from models.rotas import Rotas
from models.scene import Scenes
from models.store import Store
from models.vigil.house import House
from models.vigil.on_call import OnCall
from models.vigil.watch import Vigil
from models.volunteers import Volunteers
from models.watches import Watches


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
