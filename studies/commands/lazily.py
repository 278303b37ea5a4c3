"""The commands by name: each one's module is loaded when it is called, not to list it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand

from .errors import Commands

# In the order of --help; what is said of a command here is the first line of what it says of itself.
COMMANDS: Final = {
    "demo": "Try lifecircle on a real city centre and a generated Zhejiang-like county · 试用示例",
    "new": "Write a commented study file to fill in · 新建研究文件",
    "check": "Look at a study's data before running it: what is missing, shifted or does not fit · 检查研究数据",
    "run": "Answer every goal of a study: map, report, scorecard and GIS files · 运行一项研究",
    "isochrones": "Draw what lies within travel times of facilities · 等时圈",
    "matrix": "Write minutes, street metres and connector metres between two sets of places · 出行时间矩阵",
    "access": "Measure access: nearest, cumulative, gravity, floating catchments, RAAM, allocation · 可达性指标",
    "site": "Find where the next facilities help most · 设施选址",
    "compare": "Compare two runs: who gains, who loses, and why · 比较两次运行",
    "replay": "Run again from recorded inputs and report any difference; exit code 1 if there is one · 重现一次运行",
    "fetch": "Download streets, ferries, facilities and the boundary of a place · 下载一个地方的 OSM 数据",
    "goals": "Goals that come with lifecircle · 目标目录",
}


class LazyCommands(Commands):
    """The group of all commands, none of them loaded."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; while all are listed only what is said of it."""
        if cmd_name not in COMMANDS:
            return None
        if self._listing:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name])
        module = import_module(f".{cmd_name}", __package__)
        if hasattr(module, "app"):
            return typer.main.get_command(module.app)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(module.command)
        return typer.main.get_command(alone)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False
