"""What a stranger installs: locks that agree with pyproject.toml, a wheel with every file of the program."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.smoke_story import COMMAND, InstalledProgram, ask_for_help, raise_case

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PACKAGES = ("bot", "handlers", "models")
SOMEONES_MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users)/\w")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    assert "--index" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_requirement_by_version_and_hash(lock: str) -> None:
    text = (ROOT / lock).read_text()

    unhashed = [line for line in text.splitlines() if "==" in line and not line.endswith("\\")]

    assert unhashed == []
    assert text.count("--hash=sha256:") >= text.count("==")


def test_the_runtime_lock_is_part_of_the_dev_lock() -> None:
    dev = _pins("requirements-dev.txt")

    assert _pins("requirements.txt").items() <= dev.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str) -> None:
    pins = _pins(lock)

    unmet = [str(asked) for asked in _asked(lock) if not asked.specifier.contains(pins.get(_key(asked), "0"))]

    assert unmet == [], "run: make lock"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the committed files that the image is built from, and from nothing else."""
    copy = tmp_path_factory.mktemp("project")
    for name in _tracked(*_copied_into_the_image()):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name, follow_symlinks=False)
    build = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    _run(*build, "-w", str(copy / "dist"), str(copy))
    (built,) = (copy / "dist").glob("*.whl")
    return built


def test_a_wheel_holds_every_file_of_the_program(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert set(_tracked(*PACKAGES)) <= names
    assert {"bot/manifest.yml", "bot/sandbox/page/index.html", "handlers/i18n/zh_CN.po"} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_from_the_wheel_alone_the_sandbox_runs_in_any_folder_with_a_command_of_its_own(
    wheel: Path, tmp_path: Path
) -> None:
    site, folder = tmp_path / "site", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(site)
    folder.mkdir()
    program = InstalledProgram((sys.executable, "-P", "-m", "bot"), folder, {"PYTHONPATH": str(site)})

    with program.sandbox() as slack:
        card = raise_case(slack)
        answer = ask_for_help(slack)

    assert "Mail is down" in str(card["blocks"])
    assert f"{COMMAND} help" in answer
    assert not re.search(r"/csp-escalate(?!-b)", answer)


def test_no_file_names_a_place_on_someones_machine() -> None:
    found = [
        f"{name}: {line.strip()}"
        for name in _tracked()
        for line in (ROOT / name).read_text(encoding="utf-8", errors="ignore").splitlines()
        if SOMEONES_MACHINE.search(line)
    ]

    assert found == []


def _tracked(*folders: str) -> list[str]:
    """The committed files (in these folders) that are still there."""
    return [name for name in _run("git", "ls-files", "-z", *folders).split("\0") if name and (ROOT / name).is_file()]


def _copied_into_the_image() -> list[str]:
    """The files and folders that the Containerfile copies before it builds the program."""
    lines = (ROOT / "Containerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return [name for names in copied for name in names if name != "requirements.txt"]


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _pins(lock: str) -> dict[str, str]:
    """Name to exact version."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def _asked(lock: str) -> Iterator[Requirement]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = settings["dependency-groups"]
    extra = settings["project"]["optional-dependencies"]["fonts"]
    yield from map(Requirement, settings["project"]["dependencies"] + extra + groups["install"])
    if lock == "requirements-dev.txt":
        yield from map(Requirement, groups["dev"])


def _key(requirement: Requirement) -> str:
    return requirement.name.lower().replace("_", "-")
