"""What people do to escalations, carried out once and completely."""

from models.board import Board
from models.desk import Desk
from tests.models.samples import raised


def test_the_same_submission_again_returns_what_it_made(desk: Desk, board: Board) -> None:
    first = raised(desk, "T0SANDBOX:V1")
    again = raised(desk, "T0SANDBOX:V1", title="Typed anew")

    assert again == first
    assert board.count_all() == 1
