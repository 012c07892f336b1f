"""Who is who: merged accounts, guests by e-mail, and by which rule each id was resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from reference.raw import Row
from reference.settings import Settings

GUEST = "guest:"


def end_of_chain(identifier: str, aliases: Mapping[str, str]) -> str | None:
    """Where the chain of aliases ends; None where it runs in a circle."""
    visited = set()
    while identifier in aliases:
        if identifier in visited:
            return None
        visited.add(identifier)
        identifier = aliases[identifier]
    return identifier


def normal_email(email: str | None) -> str | None:
    """lower(trim(email)); blanks are NULL already."""
    return email.strip().lower() if email is not None else None


class Resolved(NamedTuple):
    """Whom an order belongs to, and how that was found."""

    source_id: str | None  # as rpt_identity_resolution lists it
    customer_id: str | None
    # The accounts whose is_test makes the order a test: the one it came with, the one it went to.
    accounts: frozenset[str] = frozenset()
    rule: str | None = None


@dataclass(frozen=True)
class Identities:
    """The accepted accounts and aliases, and what they make of an id or an e-mail."""

    customers: Mapping[str, Row]
    aliases: Mapping[str, str]
    settings: Settings

    @classmethod
    def of(
        cls, customer_rows: Iterable[Row], alias_rows: Iterable[Row], settings: Settings
    ) -> Identities:
        """Of the accepted rows of customers and customer_aliases."""
        return cls(
            customers={row["customer_id"]: row for row in customer_rows},
            aliases={row["alias_customer_id"]: row["customer_id"] for row in alias_rows},
            settings=settings,
        )

    def resolve(self, identifier: str) -> str:
        """The account that the id became part of, or the id itself."""
        end = end_of_chain(identifier, self.aliases)
        assert end is not None, "aliases on a cycle are quarantined"
        return end

    def email_hash(self, email: str | None) -> str | None:
        address = normal_email(email)
        return None if address is None else self.settings.hash_email(address)

    def of_order(self, order: Row) -> Resolved:
        """By the order's customer_id, else by its e-mail, else not at all."""
        source_id = order["customer_id"]
        if source_id is not None:
            customer_id = self.resolve(source_id)
            return Resolved(
                source_id, customer_id, frozenset({source_id, customer_id}), self.rule_of(source_id)
            )
        if normal_email(order["email"]) is None:
            return Resolved(None, None)
        return self._of_guest(order["email"])

    def _of_guest(self, email: str) -> Resolved:
        """The earliest of the accounts that hold the e-mail, unless too many do."""
        guest_id = GUEST + self.email_hash(email)
        holders = [
            row
            for row in self.customers.values()
            if normal_email(row["email"]) == normal_email(email)
        ]
        if not holders:
            return Resolved(guest_id, guest_id, rule="guest")
        if len(holders) > self.settings.max_customers_per_email:
            return Resolved(guest_id, guest_id, rule="shared_email")
        account = min(holders, key=_age)["customer_id"]
        customer_id = self.resolve(account)
        return Resolved(guest_id, customer_id, frozenset({account, customer_id}), "email")

    def rule_of(self, identifier: str) -> str:
        """Why an id that came in stands for the customer that it stands for."""
        if identifier in self.aliases:
            return "alias"
        return "account" if identifier in self.customers else "inferred"


def _age(account: Row) -> tuple[bool, datetime, str]:
    """(created_at, customer_id); an account of unknown age comes last."""
    created_at = account["created_at"]
    return created_at is None, created_at or datetime.min, account["customer_id"]


def rpt_identity_resolution(
    identities: Identities, orders: Iterable[Row], ledger: Iterable[Row]
) -> list[Row]:
    """Every id that came in: of accounts, aliases, accepted orders and ledger entries; of guest
    orders with an e-mail the guest identity, as which they came."""
    seen = set(identities.customers) | set(identities.aliases) | set(identities.aliases.values())
    seen |= {entry["customer_id"] for entry in ledger}
    found = {
        identifier: Resolved(
            identifier, identities.resolve(identifier), rule=identities.rule_of(identifier)
        )
        for identifier in seen
    }
    order_counts: dict[str, int] = {}
    for order in orders:
        resolved = identities.of_order(order)
        if resolved.source_id is not None:
            found[resolved.source_id] = resolved
            order_counts[resolved.source_id] = order_counts.get(resolved.source_id, 0) + 1
    return [
        {
            "source_customer_id": source_id,
            "customer_id": resolved.customer_id,
            "rule": resolved.rule,
            "orders": order_counts.get(source_id, 0),
        }
        for source_id, resolved in found.items()
    ]
