"""Files as Partner Center, Excel and people make them are understood; what can't be taken is told by line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.customers.csv_columns import CsvSheet, CustomerDraft, read_sheet
from models.rules.customers.customer import NAME_LIMIT
from models.rules.customers.record_fields import Contact
from models.rules.errors import Refused
from models.rules.escalations.request import LINE_LIMIT

TENANT = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"
DOMAIN = "contoso.partner.onmschina.cn"
CONTOSO = CustomerDraft("Contoso", DOMAIN, TENANT, "Cloud Reseller")


def drafts(content: str) -> list[CustomerDraft]:
    sheet = read_sheet(content.encode())
    assert not sheet.refused, sheet.refused
    return [line.customer for line in sheet.lines]


def reasons(content: str) -> list[tuple[int, str]]:
    refused = read_sheet(content.encode()).refused
    return [(number, refusal.reason) for number, refusals in refused for refusal in refusals]


@pytest.mark.parametrize(
    "content",
    [
        f"Microsoft ID,Company name,Primary domain name,Relationship\n{TENANT},Contoso,{DOMAIN},Cloud Reseller\n",
        f"Microsoft ID,公司名称,主域名,关系,标签\r\n{TENANT},Contoso,{DOMAIN},Cloud Reseller,VIP\r\n",
        f"关系;主域名;客户名称;租户 ID\nCloud Reseller;{DOMAIN.upper()};Contoso;{TENANT.upper()}\n",
        f"Tenant ID\tCustomer name\tDomain\tRelationship\n{{{TENANT}}}\t Contoso \t{DOMAIN}.\tCloud Reseller\n",
        f'sep=;\n"TENANT_ID";"CustomerName";"domain";"relationship"\n"{TENANT}";"Contoso";{DOMAIN};Cloud Reseller',
        f"CustomerId,CompanyName,Domain,RelationshipToPartner\n{TENANT},Contoso,{DOMAIN},Cloud Reseller\n",
        f"Id,CompanyProfile.TenantId,CompanyProfile.CompanyName,CompanyProfile.Domain,Relationship to partner\n"
        f"7,{TENANT},Contoso,{DOMAIN},Cloud Reseller\n",
        f"id,displayName,defaultDomain,关系\n{TENANT.upper()},Contoso,{DOMAIN},Cloud Reseller\n",
        f"\n\n域名,关系,租户ID,公司\n\n{DOMAIN},Cloud Reseller,{TENANT},Contoso\n",
    ],
)
def test_headings_of_either_language_in_any_order_are_understood(content: str) -> None:
    assert drafts(content) == [CONTOSO]


@pytest.mark.parametrize(
    "content",
    [
        "Contoso, Ltd.\n上海蓝天科技有限公司\n",
        "公司名称\nContoso, Ltd.\n上海蓝天科技有限公司\n",
        'Customer\n"Contoso, Ltd."\n上海蓝天科技有限公司',
    ],
)
def test_a_list_of_names_needs_no_heading_and_no_quotes(content: str) -> None:
    assert [draft.name for draft in drafts(content)] == ["Contoso, Ltd.", "上海蓝天科技有限公司"]


def test_the_sheet_says_what_was_understood_and_what_was_ignored() -> None:
    sheet = read_sheet("Company name,Tags,传真\nContoso,VIP,+86\n".encode("gb18030"))

    assert (sheet.encoding, sheet.columns, sheet.ignored) == ("GB18030", {"name": "Company name"}, ["Tags", "传真"])
    assert sheet.is_headed
    assert not read_sheet(b"Contoso\n").is_headed


@pytest.mark.parametrize("heading", ["CustomerId", "Customer ID", "客户ID", "ID"])
def test_a_number_of_somebodys_own_is_no_tenant_id(heading: str) -> None:
    sheet = read_sheet(f"{heading},Company name\nC-0007,Contoso\nC-0008,Fabrikam\n".encode())

    assert [line.customer for line in sheet.lines] == [CustomerDraft("Contoso"), CustomerDraft("Fabrikam")]
    assert (sheet.refused, sheet.ignored) == ([], [heading])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("客户名称,服务,协议,委派的管理权限,语言\nContoso,Azure、Azure；Power BI,21VCA-E,是,中文\n",
         {"services": ("Azure", "Power BI"), "agreement": "21vca", "delegated": "yes", "language": "zh"}),
        ("客户名称,协议,紧急程度 A,语言\nContoso,在线服务高级协议 (OSPA),否,en-GB\n",
         {"agreement": "ospa", "entitled_to_a": "no", "language": "en"}),
        ("Customer,Language,Agreement\nContoso,Japanese,不详\n", {"language": "Japanese", "agreement": "unknown"}),
        ("Customer,Contact,Phone,E-mail,WeCom,Hours\nContoso,Li Lei,-,li@contoso.cn,lilei,9:00–18:00\n",
         {"contacts": (Contact("Li Lei", "", "li@contoso.cn", "lilei", "9:00–18:00"),)}),
    ],
)  # fmt: skip
def test_what_a_list_says_beside_who_a_customer_is_is_understood(content: str, expected: dict[str, Any]) -> None:
    [draft] = drafts(content)

    assert draft == CustomerDraft("Contoso")._replace(**expected)


def test_an_agreement_or_answer_that_is_not_understood_is_told_by_line() -> None:
    content = f"Customer,Agreement,DAP,Phone\nA,signed,,\nB,,perhaps,\nC,OSPA,yes,{'1' * (NAME_LIMIT + 1)}\n"

    assert reasons(content) == [(2, "line_agreement"), (3, "line_answer"), (4, "line_too_long")]


def test_every_fault_of_a_line_is_told_at_once() -> None:
    headings = "Customer,Tenant ID,Domain,Agreement,DAP,Severity A,Statement sent,Statement channel,Contact"
    line = f"A,10042,nowhere,signed,perhaps,often,2027-13-01,pigeon,{'x' * (NAME_LIMIT + 1)}"

    [refused] = read_sheet(f"{headings}\n{line}\n".encode()).refused

    assert [(refusal.reason, refusal.field) for refusal in refused.refusals] == [
        ("line_tenant_id", None), ("line_domain", None), ("line_agreement", None), ("line_answer", "delegated"),
        ("line_answer", "entitled_to_a"), ("line_informed_on", None), ("line_channel", None),
        ("line_too_long", "contact_name"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("E-mail", "zhoumin@", "line_email"),
        ("E-mail", "qian(at)x.com", "line_email"),
        ("E-mail", "不是邮箱", "line_email"),
        ("Phone", "电话没有", "line_phone"),
        ("Tenant ID", "不是GUID", "line_tenant_id"),
        ("Domain", "NoWhere", "line_domain"),
        ("DAP", "Perhaps", "line_answer"),
    ],
)
def test_what_is_wrong_is_quoted_as_it_was_typed(field: str, typed: str, reason: str) -> None:
    [refused] = read_sheet(f"Customer,{field}\nA,{typed}\n".encode()).refused

    assert [(refusal.reason, refusal.values["found"]) for refusal in refused.refusals] == [(reason, typed)]


@pytest.mark.parametrize(
    ("phone", "email"), [("+86 10 1234 ext. 5", "li.lei+csp@mail.contoso.cn"), ("１２３", "李@例子.中国")]
)
def test_a_contact_that_can_be_reached_is_taken(phone: str, email: str) -> None:
    [draft] = drafts(f"Customer,Phone,E-mail\nA,{phone},{email}\n")

    assert (draft.contacts[0].phone, draft.contacts[0].email) == (phone, email)


def test_a_day_that_is_still_to_come_is_told_with_the_other_faults() -> None:
    sheet = read_sheet(b"Customer,Statement sent,DAP\nA,2026-11-29,maybe\nB,2026-11-28,no\n", today="2026-11-28")

    assert [refusal.reason for refusal in sheet.refused[0].refusals] == ["line_answer", "line_informed_later"]
    assert [line.customer.name for line in sheet.lines] == ["B"]


def test_partner_centers_own_heading_wins_over_a_vaguer_one() -> None:
    assert drafts("Name,Company name\nSmith,Contoso\n") == [CustomerDraft("Contoso")]


def test_each_refused_line_has_its_number_and_a_reason() -> None:
    content = (
        "Company name,Microsoft ID,Domain\n"
        f",{TENANT},contoso.cn\n"
        "Contoso,10042,\n"
        "Fabrikam,00000000-0000-0000-0000-000000000000,\n"
        f"{'长' * (NAME_LIMIT + 1)},,\n"
        '"Two\nlines",,\n'
        "Bell\x07,,\n"
        "Nul\x00,,\n"
        "Wing,tip,Toys,wingtip.cn\n"
        '"Open,,\n'
        "Litware,,not a domain\n"
        "\u200b\u202e,,\n"
        "Northwind,-,n/a\n"
    )

    assert reasons(content) == [
        (2, "line_no_name"), (3, "line_tenant_id"), (4, "line_tenant_id"), (5, "line_too_long"), (8, "line_control"),
        (9, "line_control"), (10, "line_columns"), (11, "line_quotes"), (12, "line_domain"), (13, "line_no_name"),
    ]  # fmt: skip
    sheet = read_sheet(content.encode())
    assert [(line.number, line.customer) for line in sheet.lines] == [
        (6, CustomerDraft("Two lines")),
        (14, CustomerDraft("Northwind")),
    ]


def test_a_damaged_character_costs_its_line_only() -> None:
    data = "公司名称\n北京公司\n上海公司\n广州公司\n深圳公司\n".encode().replace("海".encode(), b"\xe6")

    sheet = read_sheet(data)

    assert [(line.number, [refusal.reason for refusal in line.refusals]) for line in sheet.refused] == [
        (3, ["line_unreadable"])
    ]
    assert len(sheet.lines) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Subscription ID,Subscription,Quantity,Status,Reseller\n1,Microsoft 365,5,Active,Us\n", "file_no_name_column"),
        (f"Microsoft ID,Primary domain name\n{TENANT},contoso.cn\n", "file_no_name_column"),
        ("Tenant ID\n" + TENANT, "file_no_name_column"),
        ('{"customers": [{"name": "Contoso"}]}', "file_no_name_column"),
        ("<html><body>Sign in</body></html>", "file_no_name_column"),
        ("1;2\n3;4\n", "file_no_name_column"),
        ("sep=;\na;b\n", "file_no_name_column"),
        ("---\n===\n***\nname\n", "file_no_name_column"),
        ("#!/bin/sh\nset -e\nx=1\necho done\n", "file_no_name_column"),
        (f"{TENANT},Contoso\nFabrikam\n", "file_no_name_column"),
        ("Company name,Tags\n\n,\n", "file_empty"),
        ('""', "file_empty"),
    ],
)
def test_what_is_no_list_of_customers_is_refused_as_a_whole(content: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(content.encode())

    assert refused.value.refusals[0].reason == reason


def test_progress_ends_at_the_last_line() -> None:
    told: list[tuple[int, int]] = []

    read_sheet(b"Company name\n" + b"Contoso\n" * 2500, lambda done, lines: told.append((done, lines)))

    assert told[-1] == (2501, 2501)
    assert len(told) > 2


def test_a_name_fits_where_a_form_takes_it() -> None:
    assert NAME_LIMIT == LINE_LIMIT


@given(st.binary(max_size=400))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    try:
        sheet = read_sheet(data)
    except Refused:
        return
    assert isinstance(sheet, CsvSheet)
    assert all(line.customer.name for line in sheet.lines)


@given(st.text(st.sampled_from('AaBbCcDdEe1234567中国北京,,;""\t\n\r\n\r\0 -'), max_size=200))
def test_any_text_below_a_heading_is_read_or_refused_line_by_line(content: str) -> None:
    others = "Fabrikam\n" * 600  # so much text that a few control characters don't make it a binary file
    sheet = read_sheet(f"Company name,Domain\nContoso,contoso.cn\n{others}{content}\n".encode())

    numbers = [*(line.number for line in sheet.lines), *(line.number for line in sheet.refused)]
    assert len(numbers) == len(set(numbers))
    assert sheet.lines[0].customer == CustomerDraft("Contoso", "contoso.cn")
