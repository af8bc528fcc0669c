"""What is known of a customer is answered privately, in the reader's language, and to nobody else."""

from handlers import ids
from models.customers.importer import import_customers
from models.customers.informing import SentStatement, record_sent
from models.rules.customers.csv_columns import read_sheet
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member

CUSTOMERS = """Company name,Domain,Services,Agreement,DAP,Severity A,Language,Contact,Phone,WeCom
云杉精密制造,yunshan.cn,Azure; Power BI,21VCA,yes,no,zh,<!channel> 赵敏,0512 5550,zhaomin
云杉物流,wuliu.cn,,,,,,,,
"""
KNOWN = ("yunshan.cn", "Azure, Power BI", "21VCA", "<!channel> 赵敏 · 0512 5550 · WeCom: zhaomin")


def prepare(stage: Stage, emma: Member) -> None:
    import_customers(stage.store, read_sheet(CUSTOMERS.encode()).lines, NOW)
    emma.raise_one(customer_name=("云杉精密制造", "C1-1"))


def test_a_customer_is_found_by_name_or_domain_and_everything_known_is_told_privately(
    stage: Stage, emma: Member
) -> None:
    prepare(stage, emma)
    for typed in (
        "customer 云杉精密",
        "customer yunshan.cn",
        "客户云杉精密",
        "客户 YUNSHAN.CN",
        "customer ysjm",
        "客户 yunshanjingmi",
    ):
        heard = emma.command(typed)

        assert heard.told[0]["response_type"] == "ephemeral"
        assert [fact for fact in KNOWN if fact not in heard.words] == []
        assert "1 in all, 1 open" in heard.words
        assert "CSP-1 · Mail is down" in heard.words


def test_clocks_kept_and_missed_are_counted(stage: Stage, emma: Member) -> None:
    prepare(stage, emma)
    emma.press("acknowledge")

    words = emma.command("customer yunshan.cn").words.replace(": \n", ": ")

    assert "Our acknowledgement: kept 1, missed 0" in words
    assert "21Vianet's first response: kept 0, missed 0" in words


def test_whether_a_customer_was_informed_of_our_support_is_told(stage: Stage, emma: Member) -> None:
    prepare(stage, emma)
    before = emma.command("customer yunshan.cn").words
    record_sent(stage.store, [SentStatement("C1-1", 0, NOW, "wecom", "Emma", "")])

    after = emma.command("customer yunshan.cn").words

    assert "⚠️ never informed" in before
    assert "by WeCom" in after
    assert "never informed" not in after


def test_a_chinese_reader_reads_chinese(stage: Stage, emma: Member, wang: Member) -> None:
    prepare(stage, emma)

    words = wang.command("客户 云杉精密").words.replace("：\n", "：")

    assert "委派的管理权限：是" in words
    assert "企业微信：zhaomin" in words
    assert "共 1 件，未关闭 1 件" in words


def test_of_several_customers_one_is_chosen_by_a_button(stage: Stage, emma: Member) -> None:
    prepare(stage, emma)

    heard = emma.command("customer 云杉")
    shown = emma.button(ids.CUSTOMER_SHOW, "C1-2")

    assert "Which customer?" in heard.words
    assert "0512 5550" not in heard.words
    assert "wuliu.cn" in shown.words
    assert shown.told[0]["response_type"] == "ephemeral"


def test_a_guest_is_told_nothing_of_a_customer(stage: Stage, emma: Member) -> None:
    prepare(stage, emma)
    tom = Member(stage, "U0TOM")

    for heard in (tom.command("customer yunshan.cn"), tom.button(ids.CUSTOMER_SHOW, "C1-1")):
        assert "0512" not in str(heard.told)


def test_an_unknown_customer_and_none_are_answered_with_help(stage: Stage, emma: Member) -> None:
    prepare(stage, emma)

    assert "No customer matches “nobody”" in emma.command("customer nobody").words
    assert "For example `/csp-escalate customer Contoso`" in emma.command("customer").words
    assert emma.button(ids.CUSTOMER_SHOW, "C9-9").text
