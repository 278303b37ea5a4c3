// The threshold: the same times judged by another limit. Who is within it is counted anew, here as in Python.
"use strict";

{
  const COVERED = 0, BEYOND = 1;

  /** Whether a cell with a time is within the goal's limit; at the plan's own limit its status says so. */
  lifecircle.isWithin = (goal, { status, minutes }, i) => (
    goal.moved ? minutes[i] <= Math.round(goal.minutes * 10) : status[i] === COVERED);

  const withCounts = (row, covered, beyond) => {
    const counted = row.people - row.excluded;
    const share = counted > 0 ? covered / counted : null;
    const met = row.target === null || share === null ? null : share >= row.target;
    return { ...row, covered, beyond, share, met };
  };

  /** What people are counted from: the cells themselves, or where these are drawn coarser the tally of all units. */
  lifecircle.counted = (data, goal) => (data.tallies ? data.tallies[goal.id]
    : { ...data.goals[goal.id], ...data.people[goal.people], zoneOf: data.zoneOf });

  /** People within and beyond a limit in every zone of a level (-1: outside), or in all cells where there is no level. */
  const count = (data, goal, level, places) => {
    const cells = lifecircle.counted(data, goal), { values, scale } = cells, zones = level && cells.zoneOf[level];
    const covered = new Float64Array(places), beyond = new Float64Array(places);
    for (let i = 0; i < values.length; i += 1) {
      const place = zones ? zones[i] : 0;
      if (cells.status[i] > BEYOND || place < 0) continue;
      if (lifecircle.isWithin(goal, cells, i)) covered[place] += values[i];
      else beyond[place] += values[i];
    }
    return [covered.map((sum) => sum / scale), beyond.map((sum) => sum / scale)];
  };

  /** The goal as it would be with another limit; the plan's own limit gives the goal itself. */
  lifecircle.atLimit = (data, goal, minutes) => {
    if (minutes === null || minutes === goal.minutes) return goal;
    const moved = { ...goal, minutes, planMinutes: goal.minutes, moved: true };
    const [[covered], [beyond]] = count(data, moved, null, 1);
    return { ...moved, figures: withCounts(goal.figures, covered, beyond) };
  };

  const cached = new Map();

  /** The scorecard rows of a level at the goal's limit. */
  lifecircle.zoneFigures = (data, level, goal) => {
    if (!goal.moved) return level.figures[goal.id];
    const key = `${level.id} ${goal.id}`, kept = cached.get(key);
    if (kept && kept.minutes === goal.minutes) return kept.rows;
    const [covered, beyond] = count(data, goal, level.id, level.zones.length);
    const rows = level.figures[goal.id].map((row, i) => row && withCounts(row, covered[i], beyond[i]));
    cached.set(key, { minutes: goal.minutes, rows });
    return rows;
  };

  const step = (minutes) => (minutes <= 30 ? 1 : 5);

  /** The slider: from one step to three times the plan's limit; a mark stands at the plan's limit and its half and double. */
  lifecircle.showThreshold = ({ texts, data, state, change }, goal) => {
    const plan = data.head.goals.find(({ id }) => id === state.goal).minutes, by = step(plan);
    const slider = document.getElementById("limit"), marks = document.getElementById("limit-marks");
    const whole = data.tallies || Number.isInteger(plan / by); // tallies know whole steps only
    Object.assign(slider, { min: by, max: Math.ceil((3 * plan) / by) * by, step: whole ? by : "any" });
    slider.value = goal.minutes;
    const said = texts.say("minutes", { minutes: goal.minutes });
    slider.setAttribute("aria-valuetext", said);
    document.getElementById("limit-value").textContent = said;
    marks.replaceChildren(...[plan / 2, plan, plan * 2].map((value) => lifecircle.element("option", { value })));
    const back = document.getElementById("limit-back");
    back.hidden = !goal.moved;
    back.textContent = texts.say("limit_back", { minutes: plan });
    back.onclick = () => change({ minutes: null });
    slider.oninput = () => change({ minutes: Number(slider.value) === plan ? null : Number(slider.value) });
  };
}
