"""What is written beside the code is true of it: settings, decisions, changes, and what a stranger needs to begin."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house import source

DECISIONS = sorted((source.ROOT / "ops" / "decisions").glob("*.md"))
SETTING = re.compile(r"IMPROVEMENT_[A-Z_]+")


def test_every_setting_is_in_the_readme_and_the_readme_invents_none() -> None:
    read = set(SETTING.findall((source.PACKAGE / "settings.py").read_text()))
    told = set(SETTING.findall((source.ROOT / "README.md").read_text()))
    assert read
    assert told == read


def test_settings_are_read_in_one_place() -> None:
    elsewhere = [
        f"{name}:{line}"
        for name, tree in source.modules().items()
        if name != "settings.py"
        for line, called in source.calls(tree)
        if re.search(r"\b(os\.)?(getenv|environ\.get)$", called)
    ]
    assert elsewhere == []


def test_there_are_decisions_and_they_are_numbered() -> None:
    assert [file.name[:5] for file in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]
    assert len(DECISIONS) >= 5


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.stem)
def test_a_decision_gives_its_context_what_was_decided_and_what_follows(file: Path) -> None:
    headings = [line.lstrip("# ").strip().lower() for line in file.read_text().splitlines() if line.startswith("#")]
    assert [wanted for wanted in ("context", "decision", "consequences") if wanted not in headings] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "requirements.lock", "requirements-dev.lock"])
def test_what_a_stranger_looks_for_is_there(name: str) -> None:
    assert (source.ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("name", ["ops/bench", "ops/check", "ops/lock", "ops/run", "ops/setup", "ops/test", ".ci/run"])
def test_every_script_can_be_run_and_is_sound(name: str) -> None:
    script = source.ROOT / name
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_locks_hold_names_versions_and_hashes_only() -> None:
    allowed = re.compile(r"[a-z0-9._-]+==[^ ]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    for name in ("requirements.lock", "requirements-dev.lock"):
        odd = [line for line in (source.ROOT / name).read_text().splitlines() if not allowed.fullmatch(line)]
        assert odd == [], name
    assert '"resolved"' not in (source.ROOT / "tests" / "journeys" / "package-lock.json").read_text()


def test_what_swallows_a_failed_commit_is_not_installed() -> None:
    assert "advanced-alchemy" not in (source.ROOT / "requirements-dev.lock").read_text()
