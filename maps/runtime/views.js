// Views: which class each cell is in, and what the classes are called. A further view is one more entry here.
"use strict";

{
  const COVERED = 0, BEYOND = 1, FIRST_STATUS_CLASS = 6;

  /** Class of every cell from its status; `timed` judges those that have a time. */
  const classify = (data, goal, timed) => {
    const { status, minutes } = data.goals[goal.id];
    const classes = new Uint8Array(status.length);
    for (let i = 0; i < status.length; i += 1) {
      classes[i] = status[i] <= BEYOND ? timed(status[i], minutes[i]) : FIRST_STATUS_CLASS + status[i] - 2;
    }
    return classes;
  };

  const countBelow = (breaks, value) => breaks.filter((limit) => value > limit).length;

  const statusEntries = (data, texts) => data.head.statuses.slice(2).map((status) => ({
    label: texts.say(`shared.status.${status}`), colour: data.head.colours.status[status],
  }));

  const labels = (texts, breaks, [first, between, last]) => [
    ...(first ? [texts.say(first, { to: breaks[0] })] : []),
    ...breaks.slice(1).map((to, i) => texts.say(between, { from: breaks[i], to })),
    texts.say(last, { from: breaks[breaks.length - 1] }),
  ];

  lifecircle.views = {
    gap: {
      title: (goal, texts) => texts.say("legend_gap", { minutes: goal.minutes }),
      groups: [[COVERED, [0]], [BEYOND, [1, 2, 3, 4, 5]]],
      classes: (data, goal) => {
        const limit = Math.round(goal.minutes * 10);
        const breaks = goal.gapBreaks.map((value) => value * 10);
        return classify(data, goal, (status, tenths) => (status === COVERED ? 0 : 1 + countBelow(breaks, tenths - limit)));
      },
      entries: (data, goal, texts) => [
        texts.say("within", { minutes: goal.minutes }),
        ...labels(texts, [0, ...goal.gapBreaks], [null, "over", "over_last"]),
      ].map((label, i) => ({ label, colour: data.head.colours.gap[i] })).concat(statusEntries(data, texts)),
    },
    time: {
      title: (goal, texts) => texts.say("legend_time", { mode: texts.say(`shared.modes.${goal.mode}`) }),
      groups: [[[COVERED, BEYOND], [0, 1, 2, 3, 4, 5]]],
      classes: (data, goal) => {
        const breaks = goal.timeBreaks.map((value) => value * 10);
        return classify(data, goal, (status, tenths) => countBelow(breaks, tenths));
      },
      entries: (data, goal, texts) => labels(texts, goal.timeBreaks, ["time_first", "time_between", "time_last"])
        .map((label, i) => ({ label, colour: data.head.colours.time[i] })).concat(statusEntries(data, texts)),
    },
  };

  /** The share covered per zone, for the levels; class 5 is a zone nobody of the goal lives in. */
  lifecircle.shares = {
    title: (goal, texts, level) => texts.say("legend_share", {
      level: texts.named("levels", level.id), minutes: goal.minutes,
    }),
    classes: (level, goal) => Uint8Array.from(level.figures[goal.id], (row) => {
      if (!row || row.share === null) return 5;
      return goal.shareBreaks.filter((limit) => row.share >= limit).length;
    }),
    entries: (data, goal, texts) => {
      const shown = goal.shareBreaks.map((value) => texts.plainPercent(value));
      return labels(texts, shown, ["share_first", "share_between", "share_last"])
        .map((label, i) => ({ label, colour: data.head.colours.share[i] }))
        .concat({ label: texts.say("no_share"), colour: data.head.colours.status.excluded });
    },
  };

  const cached = new Map();

  /** Return the classes of a view of a goal, worked out once. */
  lifecircle.classesOf = (data, view, goal) => {
    const key = `${view} ${goal.id}`;
    if (!cached.has(key)) cached.set(key, lifecircle.views[view].classes(data, goal));
    return cached.get(key);
  };

  /** Round people per class so that classes add up to their statuses and statuses to everybody, as on the scorecard. */
  lifecircle.roundedClasses = (data, view, goal, sums) => {
    const row = lifecircle.shownPeople(goal.figures), shown = [...sums];
    const statuses = data.head.statuses.map((status) => row[status.replace("-", "_")]);
    for (const [of, classes] of lifecircle.views[view].groups) {
      const total = [of].flat().reduce((sum, status) => sum + statuses[status], 0);
      const parts = lifecircle.roundedParts(classes.map((i) => sums[i]), total);
      classes.forEach((i, at) => {
        shown[i] = parts[at];
      });
    }
    statuses.slice(2).forEach((people, i) => {
      shown[FIRST_STATUS_CLASS + i] = people;
    });
    return shown;
  };

  /** Sum people per class. */
  lifecircle.peoplePerClass = (data, view, goal, count) => {
    const { values, scale } = data.people[goal.people];
    const classes = lifecircle.classesOf(data, view, goal), sums = new Array(count).fill(0);
    for (let i = 0; i < classes.length; i += 1) sums[classes[i]] += values[i];
    return sums.map((sum) => sum / scale);
  };
}
