"""Who is who: the same file twice changes nothing, and a customer known by name only is recognised later."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rules.customers.csv_columns import CsvLine, CustomerDraft
from models.rules.customers.customer import NAME_LIMIT
from models.rules.customers.matching import ImportPlan, KnownCustomer, match
from models.rules.customers.record_fields import Contact

T1 = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"
T2 = "1c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d22"


def import_drafts(customers: list[KnownCustomer], *drafts: CustomerDraft) -> tuple[list[KnownCustomer], ImportPlan]:
    """The customers after an import of these lines, and what it did."""
    plan = match(customers, [CsvLine(number, draft) for number, draft in enumerate(drafts, 2)], f"C{len(customers)}-")
    after = {customer.id: customer for customer in (*customers, *plan.changed, *plan.new)}
    return list(after.values()), plan


def customers_after(*drafts: CustomerDraft) -> list[KnownCustomer]:
    return import_drafts([], *drafts)[0]


def test_services_and_contacts_of_several_lines_are_all_kept() -> None:
    li, han = Contact("Li Lei"), Contact("Han Mei")
    customers = customers_after(
        CustomerDraft("Contoso", "", T1, services=("Azure",), contacts=(li,)),
        CustomerDraft("Contoso", "", T1, services=("Power BI", "Azure"), contacts=(han, li)),
    )

    assert [(customer.draft.services, customer.draft.contacts) for customer in customers] == [
        (("Azure", "Power BI"), (li, han))
    ]


def test_a_list_by_name_only_changes_what_is_known_of_a_customer_and_not_who_it_is() -> None:
    before = CustomerDraft("Contoso", "contoso.cn", T1, services=("Azure",), language="zh")

    customers, _ = import_drafts(customers_after(before), CustomerDraft("CONTOSO", services=("Power BI",)))

    assert [customer.draft for customer in customers] == [before._replace(services=("Power BI",))]


def test_two_agreements_of_one_customer_in_a_file_contradict_each_other() -> None:
    _, plan = import_drafts([], CustomerDraft("A", agreement="ospa"), CustomerDraft("A", agreement="21vca"))

    assert [line.refusals[0].reason for line in plan.refused] == ["line_contradicts"]


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (
            CustomerDraft("Contoso"),
            CustomerDraft("Contoso", "contoso.cn", T1),
            CustomerDraft("Contoso", "contoso.cn", T1),
        ),
        (
            CustomerDraft("Contoso"),
            CustomerDraft("ＣＯＮＴＯＳＯ", "contoso.cn"),
            CustomerDraft("ＣＯＮＴＯＳＯ", "contoso.cn"),
        ),
        (
            CustomerDraft("Contoso", "contoso.cn"),
            CustomerDraft("C China", "contoso.cn", T1),
            CustomerDraft("C China", "contoso.cn", T1),
        ),
        (
            CustomerDraft("Contoso", "contoso.cn", T1),
            CustomerDraft("C China", "contoso.com", T1),
            CustomerDraft("C China", "contoso.com", T1),
        ),
        (
            CustomerDraft("Contoso", "contoso.cn", T1),
            CustomerDraft("Contoso", "", T1, "CSP"),
            CustomerDraft("Contoso", "contoso.cn", T1, "CSP"),
        ),
        (
            CustomerDraft("Contoso", "", T1),
            CustomerDraft("CONTOSO", "contoso.cn"),
            CustomerDraft("Contoso", "contoso.cn", T1),
        ),
    ],
)
def test_a_customer_is_recognised_and_better_known(
    before: CustomerDraft, line: CustomerDraft, after: CustomerDraft
) -> None:
    customers, plan = import_drafts(customers_after(before), line)

    assert [customer.draft for customer in customers] == [after]
    assert plan.lines == {"added": 0, "changed": 1, "unchanged": 0}


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (CustomerDraft("Contoso", "contoso.cn", T1), CustomerDraft("contoso")),
        (CustomerDraft("Contoso", "contoso.cn", T1), CustomerDraft("Someone", "contoso.cn")),
        (CustomerDraft("Contoso", "contoso.cn", T1), CustomerDraft("Contoso", "", T1)),
    ],
)
def test_a_line_that_knows_less_changes_nothing(before: CustomerDraft, line: CustomerDraft) -> None:
    customers, plan = import_drafts(customers_after(before), line)

    assert [customer.draft for customer in customers] == [before]
    assert plan.lines["unchanged"] == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CustomerDraft("Contoso", "contoso.cn", T1), CustomerDraft("Contoso", "contoso.com", T2)),
        (CustomerDraft("Contoso", "", T1), CustomerDraft("Contoso", "", T2)),
        (CustomerDraft("Contoso", "contoso.cn"), CustomerDraft("Contoso", "contoso.com")),
    ],
)
def test_namesakes_stay_two(first: CustomerDraft, second: CustomerDraft) -> None:
    assert [customer.draft for customer in customers_after(first, second)] == [first, second]


def test_lines_that_contradict_each_other_are_refused_with_the_other_line() -> None:
    _, plan = import_drafts(
        [], CustomerDraft("Contoso", "", T1), CustomerDraft("Fabrikam", "", T1), CustomerDraft("contoso", "", T1)
    )

    assert [(line.number, line.refusals[0].reason, line.refusals[0].values) for line in plan.refused] == [
        (3, "line_contradicts", {"line": 2})
    ]
    assert plan.lines == {"added": 1, "changed": 0, "unchanged": 1}


def test_a_customer_with_several_relationships_is_listed_once_with_all_of_them() -> None:
    twice = [
        CustomerDraft("Contoso", "a.cn", T1, "Cloud Reseller"),
        CustomerDraft("Contoso", "a.cn", T1, "Indirect Reseller"),
    ]
    without_id = [draft._replace(tenant_id="") for draft in twice]

    for lines in (twice, without_id, [*twice, twice[0]]):
        customers, plan = import_drafts([], *lines)
        again, later = import_drafts(customers, *lines)
        assert [customer.draft.relationship for customer in customers] == ["Cloud Reseller, Indirect Reseller"]
        assert (plan.refused, plan.lines["added"]) == ([], 1)
        assert (again, later.refused, later.lines["changed"]) == (customers, [], 0)


def test_more_relationships_than_fit_are_cut_at_a_whole_one() -> None:
    many = [CustomerDraft("Contoso", "", T1, f"{number:03} {'x' * 90}") for number in range(20)]

    relationship = import_drafts([], *many)[0][0].draft.relationship

    assert len(relationship) <= NAME_LIMIT
    assert set(relationship.split(", ")) < {draft.relationship for draft in many}


def test_a_bare_name_of_several_customers_is_refused() -> None:
    _, plan = import_drafts(
        [], CustomerDraft("Contoso"), CustomerDraft("Contoso", "", T1), CustomerDraft("Contoso", "", T2)
    )

    assert [(line.number, line.refusals[0].reason) for line in plan.refused] == [(2, "line_ambiguous")]


def test_customers_that_a_file_does_not_name_stay() -> None:
    customers, plan = import_drafts(
        customers_after(CustomerDraft("Contoso", "", T1)), CustomerDraft("Fabrikam", "", T2)
    )

    assert [customer.draft.name for customer in customers] == ["Contoso", "Fabrikam"]
    assert not plan.changed


DRAFTS = st.builds(
    CustomerDraft,
    name=st.sampled_from(["Contoso", "CONTOSO", "Fabrikam", "蓝天"]),
    domain=st.sampled_from(["", "", "a.cn", "b.cn"]),
    tenant_id=st.sampled_from(["", "", T1, T2]),
    relationship=st.sampled_from(["", "Cloud Reseller", "Direct"]),
)


@example(
    [],
    [
        CustomerDraft("Fabrikam", "a.cn", "", "CSP"),
        CustomerDraft("Contoso", "a.cn"),
        CustomerDraft("Fabrikam", "", T1, "Direct"),
    ],
)
@example(
    [],
    [
        CustomerDraft("Contoso", "", T1, "CSP"),
        CustomerDraft("Contoso", "b.cn", "", "Direct"),
        CustomerDraft("Contoso", "a.cn"),
    ],
)
@given(st.lists(DRAFTS, max_size=6), st.lists(DRAFTS, max_size=8))
def test_the_same_file_again_changes_nothing(earlier: list[CustomerDraft], file: list[CustomerDraft]) -> None:
    customers, _ = import_drafts(customers_after(*earlier), *file)

    again, plan = import_drafts(customers, *file)

    assert again == customers
    assert plan.lines["added"] == plan.lines["changed"] == 0


@given(st.lists(DRAFTS, max_size=10))
def test_no_tenant_is_ever_listed_twice_and_every_line_is_counted(file: list[CustomerDraft]) -> None:
    customers, plan = import_drafts([], *file)

    tenants = [customer.draft.tenant_id for customer in customers if customer.draft.tenant_id]
    assert len(tenants) == len(set(tenants))
    assert sum(plan.lines.values()) + len(plan.refused) == len(file)
    assert len({customer.id for customer in customers}) == len(customers)
