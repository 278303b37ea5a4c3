// The cumulative curve: what share of the goal's people is reached within how many minutes.
"use strict";

{
  const WIDTH = 290, HEIGHT = 116, LEFT = 30, BOTTOM = 18, TOP = 6, RIGHT = 6;
  const FARTHEST = 3; // times the plan's limit, as far as the slider goes

  const svg = (tag, properties = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /** Share of the goal's people within each tenth of a minute, up to `last` tenths. */
  const shares = ({ data }, goal, last) => {
    const { values, scale, status, minutes } = lifecircle.counted(data, goal);
    const counted = goal.figures.people - goal.figures.excluded, people = new Float64Array(last + 1);
    for (let i = 0; i < values.length; i += 1) {
      if (status[i] <= 1 && minutes[i] <= last) people[minutes[i]] += values[i];
    }
    let sum = 0;
    return people.map((value) => (sum += value) / scale / Math.max(counted, 1e-9));
  };

  const cached = new Map();

  const sharesOf = (app, goal, last) => {
    if (!cached.has(goal.id)) cached.set(goal.id, shares(app, goal, last));
    return cached.get(goal.id);
  };

  const text = (x, y, anchor, content) => svg("text", { x, y, "text-anchor": anchor }, content);

  lifecircle.showCurve = (app, goal) => {
    const { texts } = app, plan = goal.planMinutes ?? goal.minutes, last = Math.round(plan * FARTHEST * 10);
    const share = sharesOf(app, goal, last);
    const x = (tenths) => LEFT + ((WIDTH - LEFT - RIGHT) * tenths) / last, y = (part) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * part;
    let path = `M${x(0)} ${y(share[0])}`;
    for (let i = 1; i <= last; i += 1) if (share[i] !== share[i - 1]) path += `H${x(i).toFixed(1)}V${y(share[i]).toFixed(1)}`;
    const limit = Math.round(goal.minutes * 10), at = Math.min(limit, last);
    const { target } = goal.figures;
    const says = texts.say("curve_says", { share: texts.percent(goal.figures.share, target), minutes: goal.minutes });
    const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": says },
      svg("title", {}, says),
      ...[0, 0.5, 1].map((part) => svg("path", { class: "grid", d: `M${LEFT} ${y(part)}H${WIDTH - RIGHT}` })),
      ...[0, 0.5, 1].map((part) => text(LEFT - 4, y(part) + 3.5, "end", `${part * 100}%`)),
      ...[0, 1, 2, 3].map((times) => text(Math.min(x(times * plan * 10), WIDTH - RIGHT - 6), HEIGHT - 5, "middle", String(times * plan))),
      ...(target === null ? [] : [svg("path", { class: "target", d: `M${LEFT} ${y(target)}H${WIDTH - RIGHT}` })]),
      svg("path", { class: "reach", d: `${path}H${x(last)}` }),
      svg("path", { class: "limit", d: `M${x(at)} ${TOP}V${HEIGHT - BOTTOM}` }),
      svg("circle", { class: "point", cx: x(at), cy: y(share[at]), r: 3.5 }));
    document.getElementById("curve").replaceChildren(
      lifecircle.element("p", { class: "note" }, texts.say("curve_axes")), drawing);
  };
}
