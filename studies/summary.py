"""The answer in a few sentences, printed when a run ends."""

from __future__ import annotations

from collections.abc import Iterator

from .messages import Say, texts
from .run import Run


def summary_lines(run: Run, say: Say) -> Iterator[str]:
    """Yield the headline and mass balance of every goal, then where to look."""
    language = "zh" if say("result.met") == texts("zh")["result.met"] else "en"
    everyone = run.results.scorecard.query("level == 'all'").set_index("goal")
    for goal in run.results.goals:
        row = everyone.loc[goal.id]
        name = goal.name(language)
        if row["share"] is None or row["share"] != row["share"]:
            yield say("result.none", goal=name)
        else:
            verdict = say("result.met" if row["met"] else "result.missed")
            target = say("result.target", target=goal.target, verdict=verdict) if goal.target else ""
            yield say("result.share", goal=name, share=row["share"]) + target
        counts = {key: row[key] for key in ("covered", "beyond", "cut_off", "unconnected", "excluded", "people")}
        yield "  " + say("result.people", minutes=goal.minutes, **counts)
    yield say("result.where", map=run.out / "map.html", out=run.out)
