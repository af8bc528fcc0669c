"""``customers import``: counts at the end, a reason for each refused line, in the operator's language."""

from pathlib import Path

import pytest

from models.escalations.queries import EscalationQueries
from models.rules.errors import NotSaved
from models.store.database import Store
from tests.bot.commands.conftest import Terminal

TENANT = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"
LIST = f"Microsoft ID,公司名称,主域名,关系,标签\r\n{TENANT},上海蓝天科技有限公司,lantian.cn,Cloud Reseller,VIP\r\n"


def test_an_import_counts_and_can_be_repeated(terminal: Terminal, store: Store, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(LIST.encode("gb18030"))

    first = terminal.type("customers", "import", "list.csv")
    again = terminal.type("customers", "import", "list.csv")

    assert (first.code, again.code) == (0, 0)
    assert "list.csv (GB18030): name ← 公司名称, tenant ID ← Microsoft ID" in first.out
    assert "Columns not used: 标签" in first.out
    assert first.out.endswith("1 added, 0 changed, 0 unchanged, 0 refused.\n")
    assert again.out.endswith("0 added, 0 changed, 1 unchanged, 0 refused.\n")
    assert [customer.domain for customer in EscalationQueries(store).customers("蓝天")] == ["lantian.cn"]


def test_a_check_says_how_a_file_is_understood_and_saves_nothing(
    terminal: Terminal, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("客户,联系人,电话,传真,协议\nContoso,Li,1,2,OSPA\nB,,,,?\n", encoding="utf-8")

    said = terminal.type("customers", "import", "list.csv", "--check")

    assert said.code == 1
    assert "name ← 客户, agreement ← 协议, contact ← 联系人, contact's phone ← 电话" in said.out
    assert "Columns not used: 传真" in said.out
    assert "Line 3: “?” is no agreement" in said.out
    assert said.out.endswith("Only checked, nothing saved: 1 lines can be taken, 1 are refused.\n")
    assert EscalationQueries(store).customers("") == []


def test_refused_lines_are_told_and_stop_no_other(terminal: Terminal, store: Store, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST + "10042,Contoso,,,\n\n,,only.cn,,\n,Fabrikam,,,\n", encoding="utf-8-sig")

    said = terminal.type("customers", "import", "list.csv")

    assert said.code == 1
    assert "Line 3: “10042” is not a tenant ID" in said.out
    assert "Line 5: has no customer name" in said.out
    assert said.out.endswith("2 added, 0 changed, 0 unchanged, 2 refused.\n")


def test_all_faults_of_a_line_are_told_at_once_and_of_many_lines_the_first(terminal: Terminal, tmp_path: Path) -> None:
    faults = "".join(f"{number},Contoso{number},?,maybe\n" for number in range(60))
    (tmp_path / "list.csv").write_text(f"Microsoft ID,Customer,Agreement,DAP\n{faults}", encoding="utf-8")

    said = terminal.type("customers", "import", "list.csv")

    assert "Line 2: “0” is not a tenant ID" in said.out
    assert "; “?” is no agreement: OSPA" in said.out
    assert "; delegated privileges: “maybe” is neither yes nor no\n" in said.out
    assert "Line 51:" in said.out
    assert "Line 52:" not in said.out
    assert "10 more lines are refused.\n" in said.out
    assert said.out.endswith("0 added, 0 changed, 0 unchanged, 60 refused.\n")


def test_a_chinese_operator_reads_chinese(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST + "10042,Contoso,,,\n", encoding="utf-8")

    said = terminal.type("customers", "import", "list.csv", language="zh_CN.UTF-8")

    assert "第 3 行：“10042”不是租户 ID" in said.out
    assert "新增 1，更改 0，未变 0，拒绝 1。" in said.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04...", "workbook"),
        (b"", "no customers"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "UTF-8"),
        (b"Subscription ID,Quantity\n1,2\n", "Company name"),
        (None, "no such file"),
    ],
)
def test_what_is_no_customer_list_is_refused_as_a_whole(
    terminal: Terminal, store: Store, tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "list.csv").write_bytes(content)

    said = terminal.type("customers", "import", "list.csv")

    assert (said.code, said.out) == (2, "")
    assert "list.csv" in said.err
    assert says in said.err
    assert EscalationQueries(store).customers("") == []


def test_a_folder_is_no_file(terminal: Terminal) -> None:
    assert terminal.type("customers", "import", ".").code == 2


def test_a_database_that_cannot_write_is_told_and_nothing_is_kept(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    terminal.type("db", "upgrade")

    def full(*_: object) -> None:
        raise NotSaved

    monkeypatch.setattr("models.customers.customer_rows.write", full)
    said = terminal.type("customers", "import", "list.csv")

    assert said.code == 2
    assert "nothing was changed" in said.err


def test_a_file_that_is_not_there_is_told_in_the_operators_language(terminal: Terminal) -> None:
    said = terminal.type("customers", "import", "nosuch.csv", language="zh_CN.UTF-8")

    assert (said.code, said.out, said.err) == (2, "", "无法读取 nosuch.csv：没有这个文件或文件夹\n")
