"""What 21Vianet's pages say, where it helps: first response in the form, portal and hotline in the confirmation."""

from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import card, raise_form, vendor_text
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import RequestKind
from models.rules.policy import reader
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW, life
from tests.handlers.hostile_texts import TEXTS

POLICY = reader.load_packaged()
ZONE = ZoneInfo("Asia/Shanghai")


def raised(kind: RequestKind) -> Escalation:
    """A request as it was raised."""
    return next(life(kind, TEXTS["plain"]))[0]


def expected(words: Words, **answers: str) -> str:
    """What the form for a customer says of first response."""
    shown = raise_form.view(raise_form.FormValues({"kind": RequestKind.CUSTOMER, **answers}), words, POLICY)
    block_limits.view(shown)
    return block_limits.read(shown["blocks"])


def test_the_form_says_by_when_21vianet_can_be_expected_to_answer() -> None:
    english, chinese = Words.of("en"), Words.of("zh_CN")

    assert "Expected first response" not in expected(english)
    whole = expected(english, service="azure")
    assert "A: 2 hours, around the clock" in whole
    assert "C: 8 hours" in whole
    only = expected(english, service="azure", severity="B")
    cited = raise_form.view(raise_form.FormValues({"kind": RequestKind.CUSTOMER, "service": "azure"}), english, POLICY)
    assert "B: 4 hours, desk daily 09:00-24:00" in only
    assert "A: 2 hours" not in only
    assert "its page, read on 2026-11-22" in str(cited)
    assert "https://support.azure.cn/en-us/support/plans/response/v1-1" in str(cited)
    assert "世纪互联的预计首次响应：" in expected(chinese, service="m365", severity="A")
    assert "A：1 小时，全天候" in expected(chinese, service="m365", severity="A")
    for service, severity in (("d365", "C"), ("power", "A"), ("other", "B")):
        assert "Expected first response" not in expected(english, service=service, severity=severity)


def test_the_form_says_when_billing_is_looked_at() -> None:
    shown = raise_form.view(
        raise_form.FormValues({"kind": RequestKind.PARTNER_CENTER, "category": "billing"}), Words.of("zh_CN"), POLICY
    )

    assert "世纪互联的计费请求：工作日 09:00-18:00 受理" in block_limits.read(shown["blocks"])


@pytest.mark.parametrize("kind", RequestKind)
def test_the_confirmation_leads_to_the_portal_and_names_the_hotline(kind: RequestKind) -> None:
    escalation = raised(kind)
    azure = escalation.model_copy(update={"service": "azure"})
    english, chinese = Words.of("en"), Words.of("zh_CN")

    for one, numbers in ((escalation.model_copy(update={"service": ""}), "400-089-0365"), (azure, "010-8456-3652")):
        text = vendor_text.text(one, POLICY, ZONE)
        shown = raise_form.created_view(one.name, text, vendor_text.find_filing_path(one, english, POLICY), english)
        block_limits.view(shown)
        assert POLICY.paths[one.kind].portal in str(shown)
        assert numbers in block_limits.read(shown["blocks"])
        assert "门户无法使用？请致电世纪互联：400-089-0365" in block_limits.read(
            vendor_text.paste(text, vendor_text.find_filing_path(one, chinese, POLICY), chinese)
        )


def test_the_confirmation_leads_to_the_portal_of_the_service_where_there_is_one() -> None:
    words, escalation = Words.of("en"), raised(RequestKind.CUSTOMER)
    azure, other = (
        raise_form.created_view("CSP-7", "text", vendor_text.find_filing_path(one, words, POLICY), words)
        for one in (escalation.model_copy(update={"service": key}) for key in ("azure", "other"))
    )

    block_limits.view(azure)
    assert "https://portal.azure.cn" in str(azure)
    assert "Portal of Azure" in str(azure)
    assert "Portal of" not in str(other)


def test_an_old_case_with_a_retired_workload_still_shows_it() -> None:
    lived = raised(RequestKind.CUSTOMER)
    old = lived.model_copy(update={"answers": {**lived.answers, "workload": "Skype for Business"}})
    words = Words.of("en")

    assert "Skype for Business" in vendor_text.text(old, POLICY, ZONE)
    assert "Skype for Business" in block_limits.read(card.blocks(old, words, POLICY, "王伟", NOW))
