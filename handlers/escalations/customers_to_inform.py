"""``informed``: who must be informed of our support, the statement to copy, and the record that it was done.

Every full member may record it; the answers are private.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers import payloads, press_origin
from handlers.blocks import block_kit, customers_to_inform, support_statement
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.payloads import button_value, submission_key, team_of, typed, user_of
from models.customers.informing import SentStatement, start_of_day
from models.rules.customers.customer import Customer
from models.rules.customers.statement import parse_statement
from models.rules.errors import refuse
from models.rules.escalations.escalation import InformedBy
from models.rules.escalations.request import LINE_LIMIT, clean

Respond = Callable[..., Any]
ShowCustomer = Callable[[str, CurrentUser], list[block_kit.Block]]


class CustomersToInform:
    """Answers the command, its buttons and its form."""

    def __init__(self, services: Services, show_customer: ShowCustomer) -> None:
        """Keep the sources. ``show_customer`` draws what is known of a customer, by its id."""
        self._services, self._show_customer = services, show_customer

    def answer(self, current_user: CurrentUser, offset: int = 0) -> list[block_kit.Block]:
        """List who is due, the most urgent first."""
        services, now = self._services, self._services.now()
        due = services.informed_customers.find_due(now)
        start = offset if 0 <= offset < len(due) else 0
        return customers_to_inform.page(due, start, current_user.words, now, services.settings.timezone)

    def turn(self, body: dict[str, Any], respond: Respond) -> None:
        """Turn a page: the answer is replaced in place."""
        current_user = self._services.admit(user_of(body), team_of(body))
        blocks = self.answer(current_user, _read_offset(button_value(body)))
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)

    def copy(self, body: dict[str, Any], respond: Respond) -> None:
        """Show the statement for the customer of a button. Raises Refused when there is none."""
        current_user = self._services.admit(user_of(body), team_of(body))
        informed = self._services.informed_customers
        [customer] = self._find_customers([button_value(body)])
        newest = informed.find_statement()
        if newest is None:
            raise refuse("no_statement")
        statement, language = parse_statement(newest.text), informed.find_language(customer.id)
        blocks = support_statement.blocks(customer.name, language, statement, current_user.words)
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False)

    def ask(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form: with nobody chosen, or with the one customer of the button."""
        current_user = self._services.admit(user_of(body), team_of(body))
        services, now = self._services, self._services.now()
        due = services.informed_customers.find_due(now)
        pressed = button_value(body)
        kind, _, value = pressed.partition(" ")
        if kind == "customer":
            chosen = first = {customer.id: customer.name for customer in self._find_customers([value])}
        else:
            offset = _read_offset(value)
            shown = due[offset : offset + customers_to_inform.PAGE_SIZE]
            chosen, first = {}, {customer.customer_id: customer.name for customer in shown}
        offered = {**first, **{customer.customer_id: customer.name for customer in due}}
        if not offered:
            raise refuse("nobody_to_inform")
        place = f"{pressed}\n{body.get('response_url') or ''}" if press_origin.is_private(body) else ""
        view = customers_to_inform.form(
            offered, list(chosen), services.informed_customers.find_versions(), services.today(),
            current_user.words, services.settings.timezone, place,
        )  # fmt: skip
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def correct(self, body: dict[str, Any], respond: Respond) -> None:
        """Record that a customer was not informed as the pressed record says, and draw the customer again."""
        current_user = self._services.admit(user_of(body), team_of(body))
        customer_id, _, record_id = button_value(body).partition(" ")
        [customer] = self._find_customers([customer_id])
        record = self._services.informed_customers.find_record(customer.id, record_id)
        if record is not None:  # else somebody corrected it before: the customer is drawn as it is now
            self._services.informed_customers.mark_mistake(record, current_user.actor.id, self._services.now())
        blocks = self._show_customer(customer.id, current_user)
        text = block_kit.fallback_text(blocks)
        respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)

    def submit(self, ack: Callable[..., Any], body: dict[str, Any], respond: Any) -> None:
        """Record that the chosen customers were informed, once for each opened form. Raises Refused, NotSaved.

        The private answer in which the form was opened is then drawn again.
        """
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        services, now, answers = self._services, self._services.now(), typed(body["view"])
        customers = self._find_customers(answers.get("informed_customers") or [])
        sent = self._read_sent(answers, customers, current_user.actor.id, now)
        services.commands.inform_customers(sent, submission_key(body), now)
        still_due = len(services.informed_customers.find_due(now))
        names = [customer.name for customer in customers]
        ack(response_action="update", view=customers_to_inform.saved(names, still_due, current_user.words))
        pressed, _, respond.response_url = str(body["view"].get("private_metadata") or "").partition("\n")
        if respond.response_url:
            blocks = self._draw_again(pressed, current_user)
            text = block_kit.fallback_text(blocks)
            respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)

    def _draw_again(self, pressed: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Return the list or the customer whose button was ``pressed``, as it is now."""
        kind, _, value = pressed.partition(" ")
        if kind == "customer":
            return self._show_customer(value, current_user)
        return self.answer(current_user, _read_offset(value))

    def _find_customers(self, ids: Sequence[str]) -> list[Customer]:
        """Return the customers with these ids. Raises Refused when one is not on record."""
        customers = self._services.informed_customers.find_customers(ids)
        if not customers or len(customers) != len(set(ids)):
            raise refuse("unreadable")
        return customers

    def _read_sent(
        self, answers: Mapping[str, Any], customers: Sequence[Customer], by: str, now: datetime
    ) -> list[SentStatement]:
        """Return what the form says. Raises Refused with the field that is wrong."""
        day = payloads.day(answers.get("informed_on"), "informed_on") or self._services.today()
        if day > self._services.today():
            raise refuse("informed_later", "informed_on")
        through = str(answers.get("through") or "")
        if through not in set(InformedBy):
            raise refuse("missing", "through")
        numbers = {str(number) for number, _ in self._services.informed_customers.find_versions()}
        statement = str(answers.get("statement") or "0")
        if statement not in {*numbers, "0"} or (numbers and statement == "0"):
            raise refuse("unknown_choice", "statement")
        evidence = clean(str(answers.get("evidence") or ""))
        if len(evidence) > LINE_LIMIT:
            raise refuse("too_long", "evidence", limit=LINE_LIMIT)
        is_today = day == self._services.today()
        at = now if is_today else start_of_day(day.isoformat(), self._services.settings.timezone)
        return [SentStatement(customer.id, int(statement), at, through, by, evidence) for customer in customers]


def _read_offset(value: str) -> int:
    """Return how many customers come before a page. Raises Refused when somebody tampered with it."""
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise refuse("unreadable")
    return int(value)
