"""21Vianet's rules in memory: the newest version counts, and an escalation is judged by its own."""

from datetime import timedelta
from itertools import pairwise

from models.escalations import policy_versions
from models.escalations.commands import EscalationCommands
from models.escalations.vendor_policies import VendorPolicies
from models.rules.policy.reader import load_packaged, packaged_text
from models.store.database import Store
from tests.models.samples import CHANNEL, NOW, WANG, customer_request

OWN = packaged_text().replace("400-089-0365", "400-000-0001")
HOUR = timedelta(hours=1)


def numbers(policies: VendorPolicies, *versions: int) -> list[str]:
    """The first hotline of some versions."""
    return [policies.of_version(version).hotlines[0].number for version in versions]


def test_the_packaged_rules_count_when_none_were_imported(store: Store) -> None:
    assert VendorPolicies(store, load_packaged()).newest == load_packaged()


def test_an_imported_version_counts_without_a_restart(store: Store) -> None:
    policies = VendorPolicies(store, load_packaged())
    policy_versions.import_policy(store, OWN, "cli", NOW)

    policies.refresh()

    assert policies.newest.hotlines[0].number == "400-000-0001"
    assert policies.newest.reminder_times == load_packaged().reminder_times
    assert policies.newest is policies.newest  # parsed once


def test_an_escalation_keeps_the_version_under_which_it_was_raised(store: Store) -> None:
    policies, commands = VendorPolicies(store, load_packaged()), EscalationCommands(store)
    before = commands.raise_escalation(customer_request(), CHANNEL, WANG, NOW, "k1")
    policy_versions.import_policy(store, OWN, "cli", NOW)
    after = commands.raise_escalation(customer_request(), CHANNEL, WANG, NOW, "k2")

    assert (before.policy_version, after.policy_version) == (0, 1)
    assert numbers(policies, 0, 1) == ["400-089-0365", "400-000-0001"]  # read when it is asked for, too


def test_versions_follow_each_other_though_a_clock_was_set_back(store: Store) -> None:
    for n, at in enumerate((NOW, NOW - HOUR, NOW + HOUR)):
        policy_versions.import_policy(store, f"{OWN}# {n}\n", "cli", at)

    saved = policy_versions.versions(store)

    assert [version.number for version in saved] == [3, 2, 1]
    assert all(later.at >= earlier.at for later, earlier in pairwise(saved))
