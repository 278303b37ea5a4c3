"""What those who carry on rely on: tasks, hooks and workflow run the same checks, and tests lie where their code lies."""

import importlib.machinery
import importlib.util
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ROOMS = ("geo", "layers", "analyses", "maps", "studies")


@pytest.fixture(scope="module")
def run():
    """The script `run`, as a module."""
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_script", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))


def test_the_workflow_runs_tasks_that_exist(run, workflow):
    steps = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert sorted(steps) == ["python run docs", "python run test", "python run test-slow"]
    assert {step.removeprefix("python run ") for step in steps} <= run.TASKS.keys()


def test_the_workflow_covers_three_systems_and_every_python_from_the_oldest_on(workflow):
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert matrix == {"os": ["ubuntu", "windows", "macos"], "python": ["3.11", "3.12", "3.13"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={matrix['python'][0]}"


def test_hooks_need_no_network_and_are_the_checks_of_lint(run):
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    assert [hook["entry"] for hook in hooks] == [f"./run lint {name}" for name in run.CHECKS]
    assert {hook["language"] for hook in hooks} == {"system"}


def test_the_locks_of_a_task_are_the_first_of_all(run):
    """An environment with more of them serves a task with fewer: nothing is installed again on the way from docs to demo."""
    assert all(locks == run.LOCKS[: len(locks)] for _, locks in run.TASKS.values())


def test_every_folder_of_tests_mirrors_one_of_the_code():
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    assert {Path(room) for room in ROOMS} <= folders
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
