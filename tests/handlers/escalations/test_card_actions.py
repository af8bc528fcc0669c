"""The card's moves: each one done by who may, told privately to who may not, with the words it needs."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import own_zone
from handlers.i18n.words import Words
from models.oncall.rota_versions import import_rota
from models.rules.escalations.escalation import InformedBy, Move, Status, Turn
from models.rules.escalations.request import RequestKind
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import A_PARTNER_CENTER_REQUEST, Member
from tests.sample_rotas import EMMA_ALWAYS

WORDS = {
    "note": {"note": "They restarted it"},
    "record": {"request_number": "625112200012345"},
    "resolve": {"fix": "Mail flow restored"},
    "reopen": {"reason": "It is back"},
    "withdraw": {"reason": "Solved before it was sent"},
}


def done(person: Member, move: str, **words: str) -> None:
    """Press a button and, where it asks, answer."""
    heard = person.press(move)
    assert heard.status == 200
    if move == "tell":
        assert ["How?" in heard.text or "通过什么方式" in heard.text, len(heard.told)] == [True, 1]
    else:
        assert heard.told == [], heard
    if move in WORDS or words:
        assert person.fill(**(words or WORDS[move])).submit().ack == {}


def test_one_escalation_goes_through_all_its_moves(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    passed = []
    for move in ("acknowledge", "withdraw", "reopen", "note", "record", "resolve", "tell", "close", "reopen"):
        done(wang, move)
        passed.append(stage.escalation().status)
    assert passed == [
        Status.ACKNOWLEDGED, Status.WITHDRAWN, Status.REOPENED, Status.REOPENED, Status.SUBMITTED, Status.RESOLVED,
        Status.RESOLVED, Status.CLOSED, Status.REOPENED,
    ]  # fmt: skip
    entries = stage.queries.history(1)
    assert [entry.seq for entry in entries] == list(range(1, 11))
    assert {entry.by for entry in entries[1:]} == {"U0WANG"}


def test_the_words_of_a_move_stand_in_its_history(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for move in ("note", "record", "resolve"):
        done(emma, move)
    said = {entry.move: entry.text for entry in stage.queries.history(1)}
    assert said[Move.NOTE] == "They restarted it"
    assert said[Move.RECORD] == "625112200012345"
    assert said[Move.RESOLVE] == "Mail flow restored"


@pytest.mark.parametrize("move", list(WORDS))
def test_a_small_form_that_is_blank_stays_open(stage: Stage, emma: Member, move: str) -> None:
    emma.raise_one()
    if move == "reopen":
        done(emma, "resolve")
    emma.press(move)
    field = next(iter(WORDS[move]))
    before = stage.everything()
    assert emma.fill(**{field: " \u200b "}).submit().errors == {field: "Please fill this in."}
    assert stage.everything() == before


def test_closing_needs_the_customer_told_first(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    done(emma, "resolve")
    assert "Mark customer informed" in emma.press("close").text
    assert stage.escalation().status is Status.RESOLVED
    done(emma, "tell")
    done(emma, "close")
    assert stage.escalation().closed_by == "U0EMMA"


@pytest.mark.parametrize("way", ["press", "command"])
def test_who_closes_too_early_is_offered_to_say_that_the_customer_was_told(
    stage: Stage, emma: Member, wang: Member, way: str
) -> None:
    for person, label in ((emma, "Mark customer informed"), (wang, "已告知客户")):
        number = person.raise_one()
        assert person.press("resolve", number=number).told == []
        person.fill(fix="Restarted").submit()
        heard = person.press("close", number=number) if way == "press" else person.command(f"close {number}")
        (button,) = heard.told[0]["blocks"][-1]["elements"]
        assert button["text"]["text"] == label

        person.button(button["action_id"], button["value"])
        assert stage.escalation(number).told_by == person.user


def test_a_partner_center_request_has_nobody_to_tell(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_PARTNER_CENTER_REQUEST).submit()
    assert stage.escalation().kind is RequestKind.PARTNER_CENTER
    assert "no customer" in emma.press("tell").text
    done(emma, "resolve")
    done(emma, "close")
    assert stage.escalation().status is Status.CLOSED


def test_a_reopened_case_keeps_who_closed_it_and_when(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    for move in ("resolve", "tell", "close"):
        done(wang, move)
    closed_at = stage.escalation().closed_at
    done(emma, "reopen")
    assert stage.escalation().status is Status.REOPENED
    assert (stage.escalation().closed_by, stage.escalation().closed_at) == ("U0WANG", closed_at)


@pytest.mark.parametrize("move", ["tell", "close"])
def test_what_is_done_with_one_click_says_no_more_and_the_card_offers_a_note(
    stage: Stage, emma: Member, move: str
) -> None:
    emma.raise_one()
    done(emma, "resolve")
    if move == "close":
        done(emma, "tell")
    heard = emma.press(move)
    assert [answer["text"] for answer in heard.told] == (
        ["📣 CSP-1: the customer is marked as informed. How? (optional)"] if move == "tell" else []
    )
    assert stage.queries.history(1)[-1].move == move
    assert "card.note" in buttons_of(emma)


def test_what_was_resolved_unacknowledged_offers_no_acknowledgement(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    done(emma, "resolve")
    assert "card.acknowledge" not in buttons_of(emma)


def test_what_21vianet_has_is_not_withdrawn_also_after_it_came_back(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for move in ("record", "resolve", "reopen"):
        done(emma, move)
    assert "already sent to 21Vianet (625112200012345)" in emma.press("withdraw").text
    assert stage.escalation().status is Status.REOPENED


def buttons_of(person: Member) -> set[str]:
    """All that the card of CSP-1 offers to press or choose."""
    [row] = [b for b in person.command("show CSP-1").told[0]["blocks"] if b["type"] == "actions"]
    menu = [one["value"].split()[0] for one in row["elements"][-1]["options"]]
    return {*menu, *(one["action_id"] for one in row["elements"][:-1])}


# Snoozing -----------------------------------------------------------------------------------------------------------


def test_a_snooze_asks_until_when_and_why_and_offers_the_next_morning(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    done(emma, "acknowledge")
    emma.press("snooze")

    assert emma.fields == ["until", "reason"]
    offered = datetime.fromtimestamp(emma.value("until"), ZoneInfo("Europe/London"))  # Emma's own zone
    assert f"{offered:%Y-%m-%d %H:%M}" == "2026-11-22 09:00"
    assert emma.fill(reason="21Vianet answers then").submit().ack == {}
    after = stage.escalation()
    assert (after.snoozed_until, after.snoozed_by, after.snooze_reason) == (
        offered, "U0EMMA", "21Vianet answers then",
    )  # fmt: skip


def test_a_snoozed_case_says_so_and_is_woken_with_one_click(stage: Stage, emma: Member) -> None:
    snoozed(emma)
    shown = emma.command("show CSP-1").words
    assert re.search(r"💤 Snoozed until.*21Vianet answers then", shown, re.DOTALL)
    assert "card.wake" in buttons_of(emma)

    done(emma, "wake")
    assert stage.escalation().snoozed_until is None
    assert "💤" not in emma.command("show CSP-1").words
    assert emma.press("wake").text == "CSP-1 is not snoozed."


@pytest.mark.parametrize(
    ("ahead", "severity", "says"),
    [
        (timedelta(minutes=-5), "B", "That time has passed."),
        (timedelta(days=31), "B", "at severity B choose an end within 30 d."),
        (timedelta(hours=5), "A", "at severity A choose an end within 4 h."),
    ],
)
def test_an_end_that_is_over_or_too_far_is_said_under_its_field(
    stage: Stage, emma: Member, ahead: timedelta, severity: str, says: str
) -> None:
    emma.raise_one(severity=severity, **({"impact": "Nobody works", "contact": "Emma"} if severity == "A" else {}))
    done(emma, "acknowledge")
    emma.press("snooze")
    emma.fill(until=int((NOW + ahead).timestamp()), reason="x")

    errors = emma.submit().errors
    assert list(errors) == ["until"]
    assert says in errors["until"]
    assert stage.escalation().snoozed_until is None


def test_the_errors_of_a_snooze_are_chinese_for_chinese_people(wang: Member) -> None:
    wang.raise_one(severity="A", impact="Nobody works", contact="Wang")
    done(wang, "acknowledge")
    wang.press("snooze")
    wang.fill(until=int((NOW + timedelta(hours=5)).timestamp()), reason="x")
    assert wang.submit().errors == {"until": "时间太远：严重性 A 最长可暂缓 4 小时。"}


def test_what_others_own_is_not_snoozed(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    done(wang, "acknowledge")
    assert "<@U0WANG>" in emma.press("snooze").text


def test_what_nobody_owns_is_snoozed_by_who_is_on_call(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    assert emma.press("snooze").text == "Nobody owns CSP-1 yet: only the person on call or a lead can do this."
    import_rota(stage.store, EMMA_ALWAYS, "cli", NOW - timedelta(days=1))
    assert "值班" in wang.press("snooze").text
    emma.press("snooze")
    assert emma.fill(reason="The customer calls back").submit().ack == {}
    assert stage.escalation().snooze_reason == "The customer calls back"


@pytest.mark.parametrize("forged", ["9" * 30, "-1e999", None, "soon"])
def test_a_forged_end_is_refused(stage: Stage, emma: Member, forged: str | None) -> None:
    emma.raise_one()
    done(emma, "acknowledge")
    emma.press("snooze")
    values = emma.fill(reason="x").modal["state"]["values"]
    end = {"sheet.snooze.until": {"type": "datetimepicker", "selected_date_time": forged}}
    assert set(emma.submit(state={"values": {**values, "until": end}}).errors) == {"until"}
    assert stage.escalation().snoozed_until is None


def snoozed(person: Member) -> None:
    """CSP-1, raised, acknowledged and snoozed by this person."""
    person.raise_one()
    done(person, "acknowledge")
    done(person, "snooze", reason="21Vianet answers then")


# Two people, two clicks ---------------------------------------------------------------------------------------------


def test_the_second_of_two_people_is_told_privately_who_was_first(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    done(wang, "acknowledge")
    before = stage.everything()
    said = emma.press("acknowledge").text
    assert "CSP-1 was already acknowledged, " in said
    assert "Its owner is <@U0WANG>." in said
    assert "<!date^" in said
    assert stage.everything() == before


def test_it_is_told_in_the_language_of_who_clicked(emma: Member, wang: Member) -> None:
    emma.raise_one()
    done(emma, "acknowledge")
    said = wang.press("acknowledge").text
    assert re.search("[\u4e00-\u9fff]", said)
    assert "<@U0EMMA>" in said


def test_a_click_on_an_old_card_is_judged_by_how_things_stand_now(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    for move in ("resolve", "tell", "close"):
        done(wang, move)
    said = emma.press("resolve", version=1).text
    assert "CSP-1 is Closed (<@U0WANG>" in said
    assert "<@U0WANG>" in said
    assert stage.escalation().status is Status.CLOSED


@pytest.mark.parametrize("then", [(), ("note",), ("tell", "note"), ("tell", "close", "note")])
def test_an_acknowledgement_that_is_too_late_names_who_resolved_it_and_when(
    stage: Stage, emma: Member, wang: Member, lina: Member, then: tuple[str, ...]
) -> None:
    emma.raise_one()
    done(lina, "acknowledge")
    stage.later(timedelta(hours=1))
    done(wang, "resolve")
    entry = stage.queries.history(1)[-1]
    stage.later(timedelta(hours=2))
    for move in then:
        done(lina, move)

    said = emma.press("acknowledge", version=1).text
    if "close" in then:
        assert "CSP-1 is Closed (<@U0LINA>" in said
    else:
        assert f"CSP-1 is Resolved (<@U0WANG>, {own_zone.in_sentence(entry.at, Words.of('en'))})" in said


def test_a_form_that_was_overtaken_is_refused_with_who_did_what(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    emma.press("withdraw")
    done(wang, "resolve")
    said = emma.fill(**WORDS["withdraw"]).submit().errors["reason"]
    assert "CSP-1 is Resolved (王伟" in said
    assert "王伟" in said
    assert "<@" not in said  # under a field Slack parses nothing
    assert stage.escalation().status is Status.RESOLVED


def test_a_double_click_is_one_move(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    acted = payloads.button("card.acknowledge", json.dumps({"n": 1, "v": 1}))
    first = stage.deliver(payloads.click("U0EMMA", emma.trigger, acted))
    second = stage.deliver(payloads.click("U0EMMA", emma.trigger, acted))  # another action_ts: a second click
    assert first.told == []
    assert "already acknowledged" in second.text
    assert len(stage.queries.history(1)) == 2


def test_the_same_click_delivered_twice_says_nothing(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    acted = payloads.button("card.acknowledge", json.dumps({"n": 1, "v": 1}))
    payload = payloads.click("U0EMMA", emma.trigger, acted)
    assert [stage.deliver(payload).told for _ in range(2)] == [[], []]
    assert len(stage.queries.history(1)) == 2


def test_the_same_small_form_delivered_twice_is_one_move(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("note")
    emma.fill(note="Once")
    payload = payloads.submission("U0EMMA", emma.trigger, emma.modal)
    assert [stage.deliver(payload).ack for _ in range(2)] == [{}, {}]
    assert len(stage.queries.history(1)) == 2


# Handing over and correcting ----------------------------------------------------------------------------------------


def test_the_owner_hands_over_and_the_next_must_acknowledge(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    done(wang, "acknowledge")
    wang.choose("card.hand_over")
    assert wang.fill(owner="U0EMMA").submit().ack == {}
    assert (stage.escalation().owner, stage.escalation().status) == ("U0EMMA", Status.OPEN)


@pytest.mark.parametrize("move", ["hand_over", "correct"])
def test_only_the_owner_or_a_lead_hands_over_or_corrects(
    stage: Stage, emma: Member, wang: Member, lina: Member, move: str
) -> None:
    emma.raise_one()
    done(wang, "acknowledge")
    before = stage.everything()
    said = emma.choose(f"card.{move}").text
    assert said == "Only <@U0WANG> or a lead can do this."
    assert stage.slack.surfaces.top("U0EMMA")["callback_id"] == "done"  # type: ignore[index]  # no form was opened
    assert stage.everything() == before
    for who in (wang, lina):
        assert who.choose(f"card.{move}").told == []
        assert who.modal["callback_id"] == f"sheet.{move}"


@pytest.mark.parametrize("move", ["hand_over", "correct"])
def test_a_form_opened_while_one_was_the_owner_is_no_licence(
    stage: Stage, emma: Member, wang: Member, lina: Member, move: str
) -> None:
    emma.raise_one()
    done(wang, "acknowledge")
    wang.choose(f"card.{move}")
    lina.choose("card.hand_over")
    lina.fill(owner="U0EMMA").submit()
    before = stage.everything()
    answers = {"owner": "U0WANG"} if move == "hand_over" else {"title": "Mine"}
    assert "Emma" in next(iter(wang.fill(**answers).submit().errors.values()))
    assert stage.everything() == before


@pytest.mark.parametrize("user", ["U0TOM", "U0FAR", "U0ROBOT", "U0GONE"])
def test_nobody_who_may_not_work_on_escalations_is_handed_one(stage: Stage, emma: Member, user: str) -> None:
    emma.raise_one()
    done(emma, "acknowledge")
    emma.choose("card.hand_over")
    before = stage.everything()
    assert "can't own" in emma.fill(owner=user).submit().errors["owner"]
    assert stage.everything() == before


def test_a_correction_keeps_before_and_after(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.choose("card.correct")
    emma.fill(severity="C", title="Mail is <slow>").submit()
    changes = stage.queries.history(1)[-1].changes
    assert changes["title"] == ["Mail is down", "Mail is <slow>"]
    assert changes["severity"] == ["B", "C"]


def test_a_correction_of_nothing_is_refused(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.choose("card.correct")
    assert "Nothing would change" in next(iter(emma.submit().errors.values()))


EVERYTHING = {
    "severity": "A", "title": "Mail is slow", "details": "All mail waits", "customer_name": "蓝天科技",
    "tenant_id": "t-1", "domain": "lantian.cn", "service": "power", "workload": "Power BI", "scope": "some_users",
    "affected": "12", "impact": "Nobody can order", "health": "incident", "incident_id": "EX1", "tried": "Asked Bob",
    "incident_over": "yes", "admin_center": "tried", "area": "software", "matter": "none", "why": "No tools for it",
    "several": "no", "sold": "yes", "entitled": "yes", "available": "yes",
    "lacks": ["training"], "started": 1_795_000_000, "steps": "Send one", "subscription_id": "sub-1",
    "contact": "Emma, 9 to 5", "language": "en",
}  # fmt: skip


def test_every_field_of_the_request_can_be_corrected(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.choose("card.correct")
    assert set(emma.fields) == set(EVERYTHING)
    assert emma.fill(**EVERYTHING).submit().ack == {}

    after = stage.escalation()
    standing = {**after.model_dump(mode="json"), **after.answers, "started": 1_795_000_000}
    assert {name: standing[name] for name in EVERYTHING} == EVERYTHING
    assert after.answers["started"] == datetime.fromtimestamp(1_795_000_000, UTC).isoformat()


def test_each_correction_is_in_the_history_with_old_and_new_value(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.choose("card.correct")
    emma.fill(
        scope="some_users", affected="12", tried="Asked Bob", lacks=["training", "tools"], contact="Emma"
    ).submit()

    changes = stage.queries.history(1)[-1].changes
    assert changes == {
        "scope": ["one_user", "some_users"], "affected": [None, "12"], "tried": ["Restarted", "Asked Bob"],
        "lacks": [["tools"], ["training", "tools"]], "contact": [None, "Emma"],
    }  # fmt: skip
    said = emma.command("history CSP-1").words
    for line in (
        "Affected scope: One user → Some users", "Number affected: – → 12",
        "Steps already tried: Restarted → Asked Bob",
        "Support tools → Training, Support tools", "Our contact: – → Emma",
    ):  # fmt: skip
        assert line in said


@pytest.mark.parametrize(("person", "said"), [("emma", "That time is in the future"), ("wang", "还没到")])
def test_no_correction_puts_the_beginning_of_a_problem_into_the_future(
    stage: Stage, request: pytest.FixtureRequest, person: str, said: str
) -> None:
    somebody: Member = request.getfixturevalue(person)
    somebody.raise_one()
    somebody.choose("card.correct")
    heard = somebody.fill(started=int((NOW + timedelta(hours=1)).timestamp())).submit()

    assert said in heard.errors["started"]
    assert "started" not in stage.escalation().answers


@pytest.mark.parametrize(("person", "said"), [("emma", "not a workload of this service"), ("wang", "此服务不包含")])
def test_no_correction_names_a_workload_of_another_service(
    stage: Stage, request: pytest.FixtureRequest, person: str, said: str
) -> None:
    somebody: Member = request.getfixturevalue(person)
    somebody.raise_one(workload="OneDrive")
    somebody.choose("card.correct")
    heard = somebody.fill(workload="Power BI").submit()

    assert said in heard.errors["workload"]
    assert stage.escalation().answers["workload"] == "OneDrive"


@pytest.mark.parametrize("service", ["azure", "power"])
def test_a_workload_goes_with_the_service_that_is_corrected(stage: Stage, emma: Member, service: str) -> None:
    emma.raise_one(workload="OneDrive")
    emma.choose("card.correct")
    assert emma.fill(service=service).submit().ack == {}

    assert (stage.escalation().service, stage.escalation().answers.get("workload")) == (service, None)
    assert stage.queries.history(1)[-1].changes["workload"] == ["OneDrive", None]


def test_a_corrected_beginning_stands_in_the_history_in_each_readers_time(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    began = int((NOW - timedelta(hours=2)).timestamp())
    emma.choose("card.correct")
    emma.fill(started=began).submit()

    heard = emma.command("history CSP-1")
    sections = heard.told[0]["blocks"][1]["elements"]
    (moment,) = [e for s in sections if "Started at" in str(s) for e in s["elements"] if e["type"] == "date"]
    assert moment["timestamp"] == began
    assert "Started at: " in heard.text


def test_a_correction_can_take_an_answer_away(stage: Stage, emma: Member) -> None:
    emma.raise_one(more=["yes"], contact="Emma")
    emma.choose("card.correct")
    emma.fill(contact=None).submit()
    assert "contact" not in stage.escalation().answers
    assert stage.queries.history(1)[-1].changes == {"contact": ["Emma", None]}


def test_a_partner_center_request_is_corrected_with_its_own_fields(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_PARTNER_CENTER_REQUEST).submit()
    emma.choose("card.correct")
    assert "scope" not in emma.fields
    assert emma.fill(category="technical", page="Orders", invoice="G1", severity="A", impact="x").submit().ack == {}
    assert stage.escalation().answers["page"] == "Orders"


def test_what_contradicts_itself_is_pointed_out_once_and_saved_when_it_is_meant(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.choose("card.correct")
    heard = emma.fill(severity="A", impact="The CEO waits", contact="Emma").submit()
    assert "Severity A, but the scope is one user" in block_limits.read(heard.ack["view"]["blocks"])
    assert stage.escalation().severity == "B"
    assert (emma.value("severity"), emma.value("impact")) == ("A", "The CEO waits")

    assert emma.submit().ack == {}
    assert stage.escalation().severity == "A"
    emma.choose("card.correct")
    assert "Severity A, but the scope is one user" in block_limits.read(emma.modal["blocks"])
    assert emma.fill(title="CEO's mail").submit().ack == {}  # it stood there already


# The number of 21Vianet ---------------------------------------------------------------------------------------------


def test_a_number_that_is_recorded_again_stands_in_the_field_with_those_before(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for number in ("3001", "3002"):
        done(emma, "record", request_number=number)
    emma.choose("card.record")

    assert emma.value("request_number") == "3002"
    assert "Recorded so far: 3001, 3002" in block_limits.read(emma.modal["blocks"])
    assert "already has the number 3002" in emma.submit().errors["severity_given"]
    assert emma.fill(request_number="3003").submit().ack == {}
    assert stage.escalation().request_number == "3003"


def test_the_same_number_on_another_case_is_pointed_out_once(stage: Stage, emma: Member, wang: Member) -> None:
    for _ in range(2):
        emma.raise_one()
    done(emma, "record", request_number="Sr-3001")
    wang.press("record", number=2)
    heard = wang.fill(request_number=" sR-3001 ").submit()
    assert "CSP-1 也填写了这个编号" in block_limits.read(heard.ack["view"]["blocks"])
    assert stage.escalation(2).request_number is None

    assert wang.submit().ack == {}
    assert stage.escalation(2).request_number == "sR-3001"


# Lookups of the card's menu -----------------------------------------------------------------------------------------


def test_the_menu_shows_the_text_for_21vianet_again(emma: Member) -> None:
    emma.raise_one()
    assert "All mail bounces" in emma.choose("look.copy").words


def test_the_menu_shows_the_history_privately(emma: Member, wang: Member) -> None:
    emma.raise_one()
    done(wang, "note")
    heard = emma.choose("look.history")
    assert "They restarted it" in heard.words
    assert heard.told[0]["response_type"] == "ephemeral"
    assert heard.told[0]["replace_original"] is False


def test_pages_of_history_show_every_entry_once(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for n in range(24):
        done(emma, "note", note=f"Note {n}: " + "长" * (2900 if n % 3 else 10))
    heard, seen = emma.choose("look.history"), []
    while True:
        block_limits.message(heard.told[0]["blocks"])
        seen += re.findall(r"Note (\d+):", heard.words)
        more = [e for b in heard.told[0]["blocks"] if b["type"] == "actions" for e in b["elements"]]
        ahead = [e for e in more if e["action_id"] == "look.page.more"]
        if not ahead:
            break
        heard = emma.button("look.page.more", ahead[0]["value"])
        assert heard.told[0]["replace_original"] is True
    assert seen == [str(n) for n in range(24)]


# Whose turn, and the customer kept informed --------------------------------------------------------------------------


def test_the_menu_of_a_card_says_whose_turn_it_is(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    assert emma.choose("card.turn.customer").told == []
    assert stage.escalation().turn is Turn.CUSTOMER

    assert "CSP-1 已标记为“等客户”" in wang.choose("card.turn.customer").text
    assert "can't be read" in emma.choose("card.turn.nobody").text
    assert stage.escalation().version == 2


def test_the_number_is_recorded_with_the_severity_21vianet_gave(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("record")
    assert emma.value("severity_given") == "B"
    assert emma.fill(request_number="3001", severity_given="C").submit().ack == {}

    recorded = stage.escalation()
    assert (recorded.severity, recorded.severity_given, recorded.turn) == ("B", "C", Turn.VENDOR)
    assert "C (non-critical) · we asked for B" in emma.command("CSP-1").words


def test_how_the_customer_was_informed_is_one_more_press(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    (asked,) = emma.press("tell").told
    phone = asked["blocks"][-1]["elements"][0]
    assert phone["text"]["text"] == "by phone"
    emma.button(phone["action_id"], phone["value"])
    assert stage.escalation().told_through is InformedBy.PHONE

    form = asked["blocks"][-1]["elements"][-1]
    emma.button(form["action_id"], form["value"])
    later = NOW + timedelta(hours=3)
    assert emma.fill(until=int(later.timestamp()), note="They wait for our call").submit().ack == {}
    assert stage.escalation().promised_at == later.replace(microsecond=0)
    assert stage.queries.history(1)[-1].text == "They wait for our call"


@pytest.mark.parametrize(
    ("line", "move"),
    [
        ("CSP-1 等客户", Move.TURN), ("CSP-1 SR 625112200012345", Move.RECORD), ("CSP-1 备注 已重启", Move.NOTE),
        ("CSP-1 告知 电话", Move.TELL), ("CSP-1 认领", Move.ACKNOWLEDGE), ("CSP-1 resolve Restarted", Move.RESOLVE),
    ],
)  # fmt: skip
def test_one_line_does_it(stage: Stage, wang: Member, line: str, move: Move) -> None:
    wang.raise_one()
    answer = wang.command(line)

    assert stage.queries.history(1)[-1].move is move
    assert "CSP-1" in answer.words


def test_a_line_that_is_not_understood_changes_nothing_and_can_be_pressed(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    (answer,) = emma.command("CSP-1 custmer").told
    meant = answer["blocks"][1]["elements"][0]
    assert "so nothing was changed" in answer["text"]
    assert stage.escalation().version == 1

    emma.button(meant["action_id"], meant["value"])
    assert stage.escalation().turn is Turn.CUSTOMER


def test_a_number_that_another_case_has_is_pointed_out_to_whoever_types_it(stage: Stage, emma: Member) -> None:
    for _ in range(2):
        emma.raise_one()
    emma.command("CSP-1 SR 3001")

    assert "CSP-1 has this number too." in emma.command("CSP-2 SR 3001").words
    assert stage.escalation(2).request_number == "3001"


def test_the_card_offers_three_texts_for_the_customer_in_both_languages(stage: Stage, emma: Member) -> None:
    emma.raise_one(title="Mail <is> *down*")
    heard = emma.choose("look.customer_text")
    assert "Our case number: CSP-1" in heard.words
    assert "我方编号：CSP-1" in heard.words
    assert heard.words.count("Mail <is> *down*") == 6
    assert "submit it to 21Vianet" in heard.words

    emma.command("CSP-1 SR 625112200012345")
    emma.command("CSP-1 customer")
    heard = emma.choose("look.customer_text")
    assert heard.words.count("625112200012345") == 6
    assert heard.words.count("We need some information from you") == 2
    assert heard.words.count("as soon as there is news") == 2


def test_a_text_for_the_customer_says_when_they_hear_from_us_and_nothing_internal(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("tell")
    emma.press("tell_details")
    emma.fill(until=int(NOW.timestamp()) + 7200, note="They are angry").submit()

    heard = emma.choose("look.customer_text")

    assert heard.words.count("again by 2026-11-22 17:30 (Asia/Shanghai)") == 2
    assert heard.words.count("不晚于 2026-11-22 17:30（北京时间）") == 2
    assert "angry" not in heard.words
    assert "Restarted" not in heard.words


def test_a_partner_center_request_has_no_text_for_a_customer(stage: Stage, emma: Member) -> None:
    emma.command("new")
    emma.fill(**A_PARTNER_CENTER_REQUEST).submit()

    assert "no customer to inform" in emma.choose("look.customer_text").text


def test_a_lead_closes_a_case_whose_customer_is_not_informed_with_a_reason(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("resolve")
    emma.fill(fix="Restarted").submit()
    assert "Only leads" in emma.press("close_uninformed").text
    lead = Member(stage, "U0LINA")

    lead.press("close_uninformed")
    lead.fill(reason="The customer has left us").submit()

    assert stage.escalation().status is Status.CLOSED
    assert stage.queries.history(1)[-1].text == "The customer has left us"
    assert "not informed" in emma.command("CSP-1").words


def test_a_number_on_two_cases_offers_to_mark_a_duplicate(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.raise_one()
    emma.command("CSP-1 SR 625112200012345")
    heard = emma.command("CSP-2 SR 625112200012345")
    assert "CSP-1 has this number too" in heard.words
    assert '"card.duplicate"' in json.dumps(heard.told[0]["blocks"][-1])

    emma.press("duplicate", number=2)
    assert emma.value("original") == "CSP-1"
    emma.submit()

    assert stage.escalation(2).duplicate_of == 1
    assert "This is a duplicate of: \nCSP-1" in emma.command("CSP-2").words
    assert "as a duplicate of CSP-1" in emma.command("history CSP-2").words


def test_a_case_is_marked_by_one_line_and_the_mark_undone_in_the_form(stage: Stage, emma: Member) -> None:
    for _ in range(3):
        emma.raise_one()
    emma.command("CSP-2 duplicate of CSP-1")
    emma.command("CSP-3 重复 1")
    assert [stage.escalation(number).duplicate_of for number in (2, 3)] == [1, 1]
    emma.command("CSP-2 duplicate perhaps")
    assert stage.escalation(2).duplicate_of == 1

    emma.press("duplicate", number=2)
    emma.fill(original="").submit()
    assert stage.escalation(2).duplicate_of is None
    assert "no duplicate" in emma.command("history CSP-2").words

    emma.press("resolve")
    emma.fill(fix="Restarted").submit()
    assert stage.escalation(3).status is Status.RESOLVED
    assert "with its original CSP-1" in emma.command("history CSP-3").words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("CSP-1", "duplicate of itself"),
        ("CSP-9", "no CSP-9"),
        ("mail", "No case has"),
        ("CSP-3", "closed or withdrawn"),
    ],
)
def test_what_can_be_no_original_is_said_under_the_field(stage: Stage, emma: Member, typed: str, sentence: str) -> None:
    for _ in range(3):
        emma.raise_one()
    emma.press("withdraw", number=3)
    emma.fill(reason="Solved").submit()
    emma.press("duplicate")

    assert sentence in emma.fill(original=typed).submit().errors["original"]
    assert stage.escalation().duplicate_of is None


def test_the_private_card_names_the_original_and_the_duplicates(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.raise_one()
    emma.command("CSP-2 duplicate CSP-1")
    assert "Duplicates" in emma.command("CSP-1").words
    assert "CSP-2" in emma.command("CSP-1").words
    assert "Acknowledge by" not in emma.command("CSP-2").words
    assert stage.escalation(2).follows_original


def test_an_own_duplicate_is_on_the_home_tab_with_what_it_follows_and_no_unowned_one(
    stage: Stage, emma: Member
) -> None:
    for _ in range(3):
        emma.raise_one()
    emma.command("CSP-2 duplicate CSP-1")
    emma.command("CSP-3 duplicate CSP-1")
    emma.command("ack CSP-2")
    stage.deliver(payloads.event("U0EMMA"))
    home = block_limits.read(stage.slack.surfaces.homes["U0EMMA"]["blocks"])
    assert "follows CSP-1" in home
    assert "1 case has no owner" in home
    assert "CSP-3" not in home
