"""Drafts survive: what was typed is found again by the person who typed it, until it is sent or too old."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.store.tables import DRAFT
from tests.handlers import payloads
from tests.handlers.harness import Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

CONTINUE, DELETE = "draft.continue", "draft.delete"


def test_a_closed_form_can_be_continued_from_the_command(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    emma.command()
    _press_in_modal(stage, emma, CONTINUE)

    assert emma.value("title") == "Mail is down"
    assert emma.modal["notify_on_close"]


def test_each_change_is_kept_before_the_form_is_closed(stage: Stage, emma: Member) -> None:
    _begin(emma)
    emma.fill(service="m365")

    assert _keys(stage, emma) != []


def test_the_subcommand_lists_drafts_in_both_languages(stage: Stage, emma: Member, wang: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    assert "Mail is down" in emma.command("drafts").words
    assert "你没有草稿" in wang.command("草稿").words


def test_home_continues_and_deletes_drafts_where_they_are(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)
    stage.deliver(payloads.event("U0EMMA"))
    assert "You have 1 draft" in str(stage.slack.surfaces.homes["U0EMMA"])
    key = _keys(stage, emma)[0]

    _press_at_home(stage, emma, CONTINUE, key)
    assert emma.value("title") == "Mail is down"
    _close(stage, emma)
    _press_at_home(stage, emma, DELETE, key)

    assert CONTINUE not in str(stage.slack.surfaces.homes["U0EMMA"])


def test_a_draft_deleted_in_the_form_leaves_the_form_open(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    emma.command()
    _press_in_modal(stage, emma, DELETE)

    assert emma.fields == ["kind"]
    assert DELETE not in str(emma.modal)


def test_a_continued_draft_is_deleted_when_it_is_sent(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)
    emma.button(CONTINUE, _keys(stage, emma)[0])

    emma.fill(**{name: value for name, value in A_CUSTOMER_REQUEST.items() if name != "kind"}).submit()

    assert stage.escalation().number == 1
    assert _keys(stage, emma) == []


def test_a_change_that_arrives_after_the_form_was_sent_keeps_nothing(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)
    view = dict(emma.modal)
    emma.submit()

    stage.deliver(payloads.closed("U0EMMA", view))

    assert _keys(stage, emma) == []


def test_a_message_whose_form_came_too_late_is_kept_as_a_draft(stage: Stage, emma: Member) -> None:
    stage.slack.expired = True
    message = payloads.message_shortcut("U0EMMA", emma.trigger, "Nobody can sign in")
    heard = stage.deliver(message)
    stage.slack.expired = False

    assert "kept as a draft: `/csp-escalate drafts`" in heard.text
    assert "Nobody can sign in" in emma.command("drafts").words


def test_a_message_delivered_twice_leaves_no_draft_beside_its_form(stage: Stage, emma: Member) -> None:
    message = payloads.message_shortcut("U0EMMA", emma.trigger, "Nobody can sign in")
    stage.deliver(message)
    stage.deliver(message)

    assert _keys(stage, emma) == []


def test_while_the_store_is_away_the_form_says_so_and_the_draft_is_kept_once_it_is_back(
    stage: Stage, emma: Member, wang: Member
) -> None:
    _begin(emma)

    with _store_away(stage):
        emma.fill(title="Mail is down everywhere")
        emma.fill(severity="A")
        told = str(emma.modal["blocks"])
        _close(stage, emma)
    _begin(wang)

    assert "can't be saved just now" in told
    listed = emma.command("drafts")
    assert listed.words.count("Mail is down everywhere") == 1
    assert len(_stored(stage)) == 2


def test_a_draft_that_waits_for_the_store_can_be_continued(stage: Stage, emma: Member) -> None:
    emma.command()
    with _store_away(stage):
        emma.fill(kind="customer", title="Mail is down")
        _close(stage, emma)

    emma.button(CONTINUE, _keys(stage, emma)[0])

    assert emma.value("title") == "Mail is down"


def test_the_list_of_drafts_does_not_claim_there_are_none_while_the_store_is_away(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    with _store_away(stage):
        heard = emma.command("drafts")

    assert "no drafts" not in heard.words


def test_only_the_newest_five_are_kept(stage: Stage, emma: Member) -> None:
    for _ in range(7):
        _begin(emma)
        _close(stage, emma)
        stage.later(timedelta(minutes=1))

    assert len(_keys(stage, emma)) == 5


def test_a_draft_is_gone_after_14_days(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    stage.later(timedelta(days=14))

    assert "You have no drafts" in emma.command("drafts").words


def test_nobody_opens_the_draft_of_somebody_else(stage: Stage, emma: Member, wang: Member) -> None:
    _begin(emma)
    _close(stage, emma)
    key = _keys(stage, emma)[0]

    wang.button(CONTINUE, key)
    wang.button(DELETE, key)

    assert stage.slack.surfaces.top("U0WANG") is None
    assert _keys(stage, emma) == [key]


def test_a_draft_can_be_deleted(stage: Stage, emma: Member) -> None:
    _begin(emma)
    _close(stage, emma)

    heard = emma.button(DELETE, _keys(stage, emma)[0])

    assert "You have no drafts" in heard.words


def test_an_untouched_form_leaves_no_draft(stage: Stage, emma: Member) -> None:
    emma.command()
    _close(stage, emma)

    assert _keys(stage, emma) == []


def test_a_forged_form_of_somebody_who_may_not_work_here_leaves_no_draft(stage: Stage, emma: Member) -> None:
    _begin(emma)

    stage.deliver(payloads.closed("U0TOM", emma.modal))

    assert len(_stored(stage)) == 1  # Emma's own


@pytest.mark.parametrize("metadata", ["[]", "nonsense"])
def test_a_closed_form_that_cannot_be_read_leaves_no_draft(stage: Stage, emma: Member, metadata: str) -> None:
    _begin(emma)

    heard = stage.deliver(payloads.closed("U0EMMA", {**emma.modal, "private_metadata": metadata}))

    assert (heard.status, heard.told) == (200, [])


@contextmanager
def _store_away(stage: Stage) -> Iterator[None]:
    """The database can't be opened meanwhile."""
    path, aside = stage.store.path, stage.store.path.with_name("away.db")
    path.rename(aside)
    path.mkdir()
    stage.store.dispose()
    yield
    path.rmdir()
    aside.rename(path)
    stage.store.dispose()


def _stored(stage: Stage) -> list[str]:
    return stage.store.read(lambda connection: list(connection.execute(select(DRAFT.c.key)).scalars()))


def _press_at_home(stage: Stage, member: Member, action: str, key: str) -> None:
    home = stage.slack.surfaces.homes[member.user]
    stage.deliver(payloads.view_click(member.user, member.trigger, home, payloads.button(action, key)))


def _begin(member: Member) -> None:
    member.command()
    member.fill(kind="customer", title="Mail is down")
    member.fill(severity="B")


def _close(stage: Stage, member: Member) -> None:
    view = member.modal
    stage.deliver(payloads.closed(member.user, view))
    stage.slack.surfaces.close(member.user, view["id"])


def _press_in_modal(stage: Stage, member: Member, action: str) -> None:
    acted = payloads.button(action, _keys(stage, member)[0])
    stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


def _keys(stage: Stage, member: Member) -> list[str]:
    """Return the keys of a person's drafts, as their buttons carry them."""
    blocks: list[dict[str, Any]] = [block for told in member.command("drafts").told for block in told["blocks"]]
    buttons = [element for block in blocks for element in block.get("elements", ()) if isinstance(element, dict)]
    return [button["value"] for button in buttons if button.get("action_id") == CONTINUE]
