"""The documents against the code: what they name exists, and what exists is named."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import typer
import yaml
from sqlmodel import SQLModel
from typer.core import TyperCommand, TyperGroup, TyperOption

from bot.cli.command_line import app
from handlers.blocks.command_answers import ESCALATING, ON_DUTY
from handlers.i18n.words import COMMAND
from models.rules.customers.csv_columns import HEADINGS, normalize_heading
from models.rules.escalations.escalation import Move, Status
from models.rules.escalations.request import ANSWERS, CHOICES, SHARED_ANSWERS, Severity
from models.rules.escalations.transitions import NEXT
from models.rules.policy import reminders
from models.store import (  # noqa: F401  # fills the metadata with its tables
    article_tables,
    customer_tables,
    reach_tables,
    remediation_tables,
)
from models.store.oncall_tables import APPEND_ONLY
from tests import layers_table
from tests.conftest import SLOWEST

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bot/**/*.md")})
SETTING = re.compile(r"(?:SLACK|DATABASE|CSP)_[A-Z_]+")
GONE = {"CSP_POLICY_FILE", "CSP_NAGGING_FILE"}  # named only to say what replaces it
FORGOTTEN = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"} | GONE  # removed from the environment, never read
ALWAYS = {
    Move.NOTE,
    Move.TURN,
    Move.CONTACT,
    Move.TELL_DETAILS,
    Move.DUPLICATE,
    Move.PARENT,
    Move.RETURNED,
    Move.ASK_LEAD,
    Move.APPROVE,
    Move.SEND_BACK,
    Move.RELEASE,
    Move.DISCARD,
    Move.RETRY,
    Move.CORRECT,
    Move.TELL,
    Move.SNOOZE,
    Move.WAKE,
    Move.TAKE_OVER,
}  # told in the sentence below the table of moves
NAMED_FILE = re.compile(r"(?<![\w./<>-])[\w/-]+/[\w-]+\.(?:py|po|md|toml)\b")
OF_OPERATORS = {"/etc/csp-escalate/reach.toml", "config/reach.toml"}
"""Files that operators write on their machines."""
MOST_BYTES = 150_000
ITALIC = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?!\*)")

document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


# Settings, commands, words -------------------------------------------------------------------------------------


def test_the_page_on_customer_files_has_the_headings_that_are_accepted() -> None:
    page = (ROOT / "docs" / "customers.md").read_text(encoding="utf-8")
    rows = page.partition("<!-- columns -->")[2].partition("<!-- /columns -->")[0].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    written = {
        field: [normalize_heading(heading) for heading in (*english.split(","), *chinese.split("、"))]
        for field, _, english, chinese in cells
    }

    assert {field: sorted(names) for field, names in written.items()} == {
        field: sorted(names) for field, names in HEADINGS.items()
    }


def test_the_page_on_personal_data_names_every_table() -> None:
    written = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")

    assert [name for name in SQLModel.metadata.tables if f"`{name}`" not in written] == []


def test_the_page_of_settings_lists_every_setting_that_is_read_and_no_other() -> None:
    read = set(_texts(ROOT / "bot" / "environment.py", SETTING)) - FORGOTTEN

    listed = [row[0].strip("`") for row in _rows("docs/commands.md", "settings")]

    assert sorted(listed) == sorted(read)


def test_a_default_in_the_page_of_settings_is_the_one_in_the_code() -> None:
    code = (ROOT / "bot" / "environment.py").read_text()
    defaults = {row[0].strip("`"): row[1] for row in _rows("docs/commands.md", "settings")}

    invented = {name: told for name, told in defaults.items() if told[0] == "`" and f'"{told[1:-1]}"' not in code}

    assert invented == {}


def test_the_page_of_commands_tells_every_command_with_all_its_options() -> None:
    told = {_command_of(row[0]): " ".join(row) for row in _rows("docs/commands.md", "commands")}

    assert sorted(told) == sorted(COMMANDS)
    for name, row in told.items():
        options = _options(COMMANDS[name])
        assert [option.opts for option in options if not any(spelled in row for spelled in _spelled(option))] == [], (
            name
        )
        assert set(re.findall(r"--[a-z-]+", row)) <= {spelled for option in options for spelled in _spelled(option)}, (
            name
        )


@document
def test_every_command_line_in_a_document_can_be_typed(path: Path) -> None:
    wrong = [line for line in _command_lines(path) if not _can_be_typed(line)]

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [("README.md", "## Your first escalation", "## In Slack"), ("README.zh-CN.md", "## 五分钟", "## 在 Slack 中")],
)
def test_the_first_steps_name_what_the_page_of_the_sandbox_says(name: str, begins: str, ends: str) -> None:
    page = (ROOT / "bot" / "sandbox" / "page" / "words.js").read_text()
    steps = (ROOT / name).read_text().partition(begins)[2].partition(ends)[0]
    quoted = {label for marked in ITALIC.findall(steps) for label in marked.split(" › ")}

    assert {"csp-oncall", "csp-escalations"} < quoted
    assert {label for label in quoted if f'"{label}"' not in page} - {"csp-oncall", "csp-escalations", "seat"} == set()


def test_every_answer_that_the_terminal_takes_is_named_with_its_choices() -> None:
    rows = [
        (set(re.findall(r"`(\w+)`", row[0])), set(re.findall(r"`(\w+)`", row[2])))
        for row in _rows("docs/reach.md", "answers")
    ]
    told = {name: choices for names, choices in rows for name in names}

    assert set(told) == {*SHARED_ANSWERS, *(name for names in ANSWERS.values() for name in names)}
    assert {name: told[name] for name in CHOICES} == {name: {*map(str, choices)} for name, choices in CHOICES.items()}


def test_the_page_on_slack_tells_every_subcommand() -> None:
    page = (ROOT / "docs" / "slack.md").read_text()

    untold = [usage for usage, _ in (*ESCALATING, *ON_DUTY) if f"`{COMMAND} {usage}`" not in page]
    unknown = set(re.findall(rf"^\| `{COMMAND} ([\w-]+)", page, re.MULTILINE)) - {
        usage.split()[0] for usage, _ in (*ESCALATING, *ON_DUTY)
    }

    assert (untold, unknown) == ([], set())


def test_the_readme_says_what_is_stored_of_people_who_never_used_the_bot() -> None:
    readme = (ROOT / "README.md").read_text()
    stored = readme[readme.index("## What is stored") : readme.index("Never: passwords")]

    for what in ("rota", "names", "e-mail addresses", "absences", "confirmations", "never used the bot", "ledger"):
        assert what in stored


def test_the_test_files_that_start_first_exist() -> None:
    assert [name for name in SLOWEST if not (ROOT / "tests" / name).is_file()] == []


@document
def test_every_make_target_in_a_document_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    named = {name for code in _code(path) for name in re.findall(r"\bmake ([a-z]+)", code)}

    assert named <= targets


# The project ---------------------------------------------------------------------------------------------------


def test_the_table_of_moves_is_the_state_machine() -> None:
    head, *rows = _table("ARCHITECTURE.md", "states")
    moves = [Move(name.replace(" ", "_")) for name in head[1:]]

    drawn = {
        (Status(row[0]), move): Status(cell)
        for row in rows
        for move, cell in zip(moves, row[1:], strict=True)
        if cell != "–"
    }

    assert [Status(row[0]) for row in rows] == list(Status)
    assert drawn == {key: after for key, after in NEXT.items() if key[1] not in ALWAYS}


def test_the_table_of_deadlines_says_what_is_packaged() -> None:
    values = reminders.load_packaged()
    tell, close = (dict.fromkeys(Severity, one) for one in (values.tell, values.close))
    wanted = (
        values.acknowledge, values.number, values.ours, values.customer, values.submitted, tell, close, values.snooze,
    )  # fmt: skip

    told = [row[1:4] for row in _rows("docs/domain.md", "reminders")]

    assert [[_minutes(cell) for cell in row] for row in told] == [
        [one[severity] / timedelta(minutes=1) for severity in Severity] for one in wanted
    ]


def _minutes(cell: str) -> int:
    """What “4 h” says."""
    n, unit = cell.split()
    return int(n) * {"min": 1, "h": 60, "d": 24 * 60}[unit]


def test_the_architecture_names_every_table_and_what_is_never_changed() -> None:
    section = _section("ARCHITECTURE.md", "Tables")
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    fixed = {name for line in rows if "never" in line for name in re.findall(r"`(\w+)`", line.split("|")[1])}

    named = {name for line in rows for name in re.findall(r"`(\w+)`", line.split("|")[1])}

    assert named == set(SQLModel.metadata.tables)
    assert fixed >= {"history", *(table.name for table in APPEND_ONLY)}


def test_the_architecture_can_be_read_in_ten_minutes() -> None:
    text = re.sub(r"```.*?```", "", (ROOT / "ARCHITECTURE.md").read_text(), flags=re.DOTALL)

    assert len(" ".join(line for line in text.splitlines() if not line.startswith("|")).split()) <= 1200


def test_the_tables_of_layers_are_the_import_contracts() -> None:
    """Run ``python -m tests.layers_table`` to write them again."""
    assert layers_table.DOCUMENT.read_text() == layers_table.written()


@document
def test_every_file_a_document_names_exists(path: Path) -> None:
    folders = (ROOT / name for name in ("bot", "handlers", "models", "tests", "docs"))
    known = [f"/{one.relative_to(ROOT)}" for folder in folders for one in folder.rglob("*.*")]

    named = {name for code in _code(path) for name in NAMED_FILE.findall(code)} - OF_OPERATORS

    assert [name for name in named if not any(one.endswith(f"/{name}") for one in known)] == []


def test_every_test_a_document_names_exists() -> None:
    written = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    named = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", written)))

    assert len(named) > 20
    assert [one for one in named if f"\ndef {one[1]}(" not in (ROOT / one[0]).read_text("utf-8")] == []


@document
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text()
    links = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]

    assert [link for link in links if "://" not in link and not _leads_somewhere(path, link)] == []


def test_every_scope_of_the_manifest_is_explained() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())

    rows = [line for line in _section("docs/operations.md", "Scopes").splitlines() if line.startswith("| `")]
    explained = {scope for row in rows for scope in re.findall(r"`([a-z:.]+)`", row.split("|")[1])}

    assert set(manifest["oauth_config"]["scopes"]["bot"]) == explained


def test_the_changelog_tells_what_this_version_brings() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    released = (ROOT / "CHANGELOG.md").read_text().partition(f"## {version} – ")[2].partition("\n## ")[0]

    assert "\n- " in released


def test_every_picture_is_shown_and_small() -> None:
    shown = "".join(path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())

    assert pictures
    assert [picture.name for picture in pictures if f"pictures/{picture.name}" not in shown] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > MOST_BYTES] == []


# Reading documents ---------------------------------------------------------------------------------------------


def _between(name: str, mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", (ROOT / name).read_text(), re.DOTALL)
    assert found, f"{name} has no <!-- {mark} -->"
    return found[1]


def _table(name: str, mark: str) -> list[list[str]]:
    """The cells of a marked table, heading first, without the line below the heading."""
    lines = [line for line in _between(name, mark).splitlines() if line.startswith("|")]
    head, _, *rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines)
    return [head, *rows]


def _rows(name: str, mark: str) -> list[list[str]]:
    return _table(name, mark)[1:]


def _section(name: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return (ROOT / name).read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _code(path: Path) -> Iterator[str]:
    """Every fenced block and every code span."""
    text = path.read_text()
    yield from re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def _leads_somewhere(path: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(path: Path) -> set[str]:
    """The names GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


# Reading code --------------------------------------------------------------------------------------------------


def _texts(path: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    """Every string of a source file that is wholly of this kind."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.fullmatch(node.value):
            yield node.value


def _walk(command: object, path: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, by what is typed to reach it."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _walk(inner, f"{path} {name}".strip())
    elif isinstance(command, TyperCommand):
        yield path, command


PROGRAM_NAME = "csp-escalate"
STARTS = {(0, PROGRAM_NAME), (0, "…")}
COMMANDS = dict(_walk(typer.main.get_command(app)))


def _command_of(cell: str) -> str:
    """The command that a cell such as ``db backup FILE`` is about."""
    words = cell.strip("`").split()
    return " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]


def _options(command: TyperCommand) -> list[TyperOption]:
    return [param for param in command.params if isinstance(param, TyperOption)]


def _spelled(option: TyperOption) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def _command_lines(path: Path) -> Iterator[list[str]]:
    """The words after ``csp-escalate``, or ``…`` which stands for it, wherever a document shows a command line."""
    for code in _code(path):
        for line in code.splitlines():
            words = line.partition(" # ")[0].split()
            at = [i for i, word in enumerate(words) if "bin/csp-escalate" in word or (i, word) in STARTS]
            typed = words[at[0] + 1 :] if at else []
            typed = typed[2:] if typed[:1] == ["--env-file"] else typed
            if typed:
                yield typed


def _can_be_typed(words: list[str]) -> bool:
    command = COMMANDS.get(" ".join(words[:2])) or COMMANDS.get(words[0])
    if command is None:
        return words in (["--help"], ["--version"])
    known = {"--help", *(spelled for option in _options(command) for spelled in _spelled(option))}
    return all(word in known for word in words if word.startswith("--"))
