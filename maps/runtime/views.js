// Views: which class each cell is in, and what the classes are called. A further view is one more entry here.
"use strict";

{
  const COVERED = 0, BEYOND = 1, CUT_OFF = 2, UNCONNECTED = 3;
  const NEED_LEVELS = 3, FAR = 2; // times the limit
  const LITTLE = 50, SAME = 1; // tenths of a minute: a change up to the first is little, below the second is none
  const FASTER_MUCH = 0, FASTER = 1, UNCHANGED = 2, SLOWER = 3, SLOWER_MUCH = 4, REACHED = 5, LOST = 6;

  /** How many classes a view's scale has; the statuses that have no time follow it. */
  const scaleSize = (data, view) => data.head.colours[view].length;

  /** Class of every cell: `timed(i)` where there is a time, else the cell's status. */
  const classify = (data, view, { status }, timed) => {
    const first = scaleSize(data, view), classes = new Uint8Array(status.length);
    for (let i = 0; i < status.length; i += 1) {
      classes[i] = status[i] <= BEYOND ? timed(i) : first + status[i] - CUT_OFF;
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

  const scaled = (data, view, names) => names.map((label, i) => ({ label, colour: data.head.colours[view][i] }));

  const gapEntries = (data, goal, texts) => scaled(data, "gap", [
    texts.say("within", { minutes: goal.minutes }),
    ...labels(texts, [0, ...goal.gapBreaks], [null, "over", "over_last"]),
  ]).concat(statusEntries(data, texts));

  const gapClasses = (data, goal, cells) => {
    const limit = Math.round(goal.minutes * 10), breaks = goal.gapBreaks.map((value) => value * 10);
    return classify(data, "gap", cells, (i) => (
      lifecircle.isWithin(goal, cells, i) ? 0 : 1 + countBelow(breaks, cells.minutes[i] - limit)));
  };

  const needClasses = (data, goal, cells) => {
    const { values, scale } = data.people[goal.people], breaks = goal.needBreaks.map((people) => people * scale);
    const far = Math.round(goal.minutes * 10 * FAR);
    return classify(data, "need", cells, (i) => {
      const need = cells.need ? cells.need[i] : values[i] <= breaks[0] ? 0 : values[i] <= breaks[1] ? 1 : 2;
      const access = lifecircle.isWithin(goal, cells, i) ? 0 : cells.minutes[i] <= far ? 1 : 2;
      return need * NEED_LEVELS + access;
    });
  };

  const changeClass = (before, now) => {
    if (before < 0) return REACHED;
    const change = now - before;
    if (Math.abs(change) < SAME) return UNCHANGED;
    if (change < 0) return change < -LITTLE ? FASTER_MUCH : FASTER;
    return change > LITTLE ? SLOWER_MUCH : SLOWER;
  };

  const changeClasses = (data, goal, cells) => {
    const before = data.before.goals[goal.id];
    const classes = classify(data, "change", cells, (i) => changeClass(before.minutes[i], cells.minutes[i]));
    for (let i = 0; i < classes.length; i += 1) {
      const reachable = cells.status[i] === CUT_OFF || cells.status[i] === UNCONNECTED;
      if (reachable && before.minutes[i] >= 0) classes[i] = LOST;
    }
    return classes;
  };

  /** What the rows (people per unit) and columns (minutes) of need by access are called. */
  lifecircle.needHeads = (goal, texts) => {
    const [low, high] = goal.needBreaks.map((people) => texts.people(people));
    return {
      rows: [["few", "need_up_to"], ["some", "need_between"], ["many", "need_over"]]
        .map(([need, bounds]) => [texts.say(`need.${need}`), texts.say(bounds, { low, high })]),
      columns: [texts.say("time_first", { to: goal.minutes }),
        texts.say("time_between", { from: goal.minutes, to: goal.minutes * FAR }),
        texts.say("time_last", { from: goal.minutes * FAR })],
    };
  };

  const needLabels = (goal, texts) => ["few", "some", "many"].flatMap((need) => ["within", "near", "far"].map((access) => (
    texts.say(`need_${access}`, { need: texts.say(`need.${need}`), minutes: goal.minutes, twice: goal.minutes * FAR }))));

  /** A view's `groups` are statuses and the classes their people are in: classes must add up to them. */
  lifecircle.views = {
    gap: {
      title: (goal, texts) => texts.say("legend_gap", { minutes: goal.minutes }),
      groups: () => [[[COVERED], [0]], [[BEYOND], [1, 2, 3, 4, 5]]],
      classes: gapClasses,
      entries: gapEntries,
    },
    time: {
      title: (goal, texts) => texts.say("legend_time", { mode: texts.say(`shared.modes.${goal.mode}`) }),
      groups: () => [[[COVERED, BEYOND], [0, 1, 2, 3, 4, 5]]],
      classes: (data, goal, cells) => {
        const breaks = goal.timeBreaks.map((value) => value * 10);
        return classify(data, "time", cells, (i) => countBelow(breaks, cells.minutes[i]));
      },
      entries: (data, goal, texts) => scaled(data, "time",
        labels(texts, goal.timeBreaks, ["time_first", "time_between", "time_last"])).concat(statusEntries(data, texts)),
    },
    need: {
      title: (goal, texts) => texts.say("legend_need"),
      groups: () => [[[COVERED], [0, 3, 6]], [[BEYOND], [1, 2, 4, 5, 7, 8]]],
      classes: needClasses,
      entries: (data, goal, texts) => scaled(data, "need", needLabels(goal, texts)).concat(statusEntries(data, texts)),
    },
    change: {
      title: (goal, texts, data) => texts.say("legend_change", { before: data.before.name }),
      groups: (data) => {
        const first = scaleSize(data, "change");
        return [[[COVERED, BEYOND], [0, 1, 2, 3, 4, 5]], [[CUT_OFF, UNCONNECTED], [LOST, first, first + 1]]];
      },
      classes: changeClasses,
      entries: (data, goal, texts) => scaled(data, "change", ["faster_much", "faster", "same", "slower", "slower_much", "reached", "lost"]
        .map((name) => texts.say(`change.${name}`, { minutes: LITTLE / 10 }))).concat(statusEntries(data, texts)),
    },
  };

  /** The views a run can show: change needs something to compare with. */
  lifecircle.viewsOf = (data) => Object.keys(lifecircle.views).filter((view) => view !== "change" || data.before);

  /** The share covered per zone, for the levels; class 5 is a zone nobody of the goal lives in. */
  lifecircle.shares = {
    title: (goal, texts, level) => texts.say("legend_share", {
      level: texts.named("levels", level.id), minutes: goal.minutes,
    }),
    classes: (data, level, goal) => Uint8Array.from(lifecircle.zoneFigures(data, level, goal), (row) => {
      if (!row || row.share === null) return 5;
      return goal.shareBreaks.filter((limit) => row.share >= limit).length;
    }),
    entries: (data, goal, texts) => {
      const shown = goal.shareBreaks.map((value) => texts.shortPercent(value));
      return scaled(data, "share", labels(texts, shown, ["share_first", "share_between", "share_last"]))
        .concat({ label: texts.say("no_share"), colour: data.head.colours.status.excluded });
    },
  };

  const cached = new Map();

  const kept = (key, make) => {
    if (!cached.has(key)) {
      if (cached.size > 24) cached.delete(cached.keys().next().value);
      cached.set(key, make());
    }
    return cached.get(key);
  };

  /** Return the classes of a view of a goal at its limit, worked out once; the last few limits are kept. */
  lifecircle.classesOf = (data, view, goal) => {
    return kept(`${view} ${goal.id} ${goal.minutes}`, () => lifecircle.views[view].classes(data, goal, data.goals[goal.id]));
  };

  /** The classes of what people are counted from. */
  const countedClasses = (data, view, goal) => (data.tallies
    ? kept(`tally ${view} ${goal.id} ${goal.minutes}`, () => lifecircle.views[view].classes(data, goal, data.tallies[goal.id]))
    : lifecircle.classesOf(data, view, goal));

  /** The gap classes of the state the run is compared with. */
  lifecircle.classesBefore = (data, goal) => gapClasses(data, goal, data.before.goals[goal.id]);
  lifecircle.gapEntries = gapEntries;

  /** Round people per class so that classes add up to their statuses and statuses to everybody, as on the scorecard. */
  lifecircle.roundedClasses = (data, view, goal, sums) => {
    const row = lifecircle.shownPeople(goal.figures), first = scaleSize(data, view);
    const statuses = data.head.statuses.map((status) => row[status.replace("-", "_")]);
    const shown = sums.map((sum, i) => (i < first ? 0 : statuses[i - first + CUT_OFF]));
    for (const [of, classes] of lifecircle.views[view].groups(data)) {
      const total = of.reduce((sum, status) => sum + statuses[status], 0);
      const parts = lifecircle.roundedParts(classes.map((i) => sums[i]), total);
      classes.forEach((i, at) => {
        shown[i] = parts[at];
      });
    }
    return shown;
  };

  /** Sum people per class. */
  lifecircle.peoplePerClass = (data, view, goal, count) => {
    const { values, scale } = lifecircle.counted(data, goal);
    const classes = countedClasses(data, view, goal), sums = new Array(count).fill(0);
    for (let i = 0; i < classes.length; i += 1) sums[classes[i]] += values[i];
    return sums.map((sum) => sum / scale);
  };
}
