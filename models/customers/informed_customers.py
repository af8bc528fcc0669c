"""Asks who was informed of our support and who must be, outside of a transaction, and marks records as mistakes."""

from collections.abc import Sequence
from datetime import datetime

from models.customers import customer_rows, informing, record_rows
from models.customers.informing import CustomerInforming, SentStatement, StatementVersion
from models.rules.customers.customer import Customer
from models.store.database import Store


class InformedCustomers:
    """Answers questions about one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find_due(self, now: datetime) -> list[CustomerInforming]:
        """Return the customers who must be informed, the most urgent first."""
        customers = self._store.read(lambda connection: informing.find_informing(connection, now))
        return [customer for customer in customers if customer.due]

    def find_customers(self, ids: Sequence[str]) -> list[Customer]:
        """Return the customers with these ids that are on record, in their order."""
        return self._store.read(lambda connection: customer_rows.find(connection, ids))

    def find_record(self, customer_id: str, record_id: str) -> SentStatement | None:
        """Return a record of a customer by its id; None when there is none, or when it was a mistake."""
        counting = self._store.read(lambda connection: informing.find_counting(connection, customer_id))
        return next((record for record in counting if str(record.id) == record_id), None)

    def mark_mistake(self, record: SentStatement, by: str, at: datetime) -> bool:
        """Record that a customer was not informed as a record says; ``by`` is a Slack id.

        Return False when that is recorded already. Raises NotSaved.
        """
        return self._store.write(lambda connection: informing.add_mistake(connection, record, by, "", at))

    def find_language(self, customer_id: str) -> str:
        """Return ``zh``, ``en`` or another language of a customer; empty when it is not known."""
        return self._store.read(lambda connection: record_rows.find(connection, customer_id)).language

    def find_statement(self) -> StatementVersion | None:
        """Return the statement that counts now."""
        return self._store.read(informing.find_newest)

    def find_versions(self) -> list[tuple[int, datetime]]:
        """Return the number of each statement and since when it counts, oldest first."""
        return self._store.read(informing.find_versions)
