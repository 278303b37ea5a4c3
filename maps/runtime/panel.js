// The panel: which goal, view and unit; the headline figures; the gaps in order.
"use strict";

{
  const { element } = lifecircle;

  /** A row of buttons of which one is pressed. */
  const choice = (id, options, chosen, pick) => {
    lifecircle.refill(document.getElementById(id), ...options.map(([key, label]) => element("button", {
      type: "button", "aria-pressed": String(key === chosen), "data-key": key, onclick: () => pick(key),
    }, label)));
  };

  const showChoices = ({ texts, data, state, change }) => {
    choice("goals", data.head.goals.map((goal) => [goal.id, goal.title[texts.language]]), state.goal,
      (goal) => change({ goal }));
    choice("views", lifecircle.viewsOf(data).map((view) => [view, texts.say(`views.${view}`)]),
      state.unit === "cells" ? state.view : null, (view) => change({ view, unit: "cells" }));
    const levels = data.levels.map(({ id }) => [id, texts.named("levels", id)]);
    choice("units", [["cells", texts.say("cells")], ...levels], state.unit, (unit) => change({ unit }));
    document.getElementById("units-section").hidden = levels.length === 0;
  };

  const tile = (key, label, value, shown, note) => element("div", { class: "tile" }, element("span", {}, label),
    element("strong", { "data-figure": key, "data-value": value ?? "" }, shown), element("small", {}, note));

  const headline = ({ texts }, goal) => {
    const row = goal.figures;
    if (row.share === null) return texts.say("no_share");
    return texts.say(`shared.sentence_${goal.direction}`, {
      share: texts.percent(row.share, row.target), minutes: goal.minutes, service: goal.serviceInSentence[texts.language],
      mode: texts.say(`shared.modes.${goal.mode}`),
      who: goal.group === null ? texts.say(`shared.who.${goal.population}`) : texts.named("shared.groups", goal.group),
    });
  };

  /** Who is covered now and was not, and the other way round; they differ in sum by what the headline gained. */
  const changeTiles = ({ data, texts }, goal) => {
    if (!data.before) return [];
    const { values, scale } = data.people[goal.people], now = data.goals[goal.id], before = data.before.goals[goal.id];
    let gained = 0, lost = 0;
    for (let i = 0; i < values.length; i += 1) {
      const [is, was] = [now, before].map((cells) => cells.status[i] <= 1 && lifecircle.isWithin(goal, cells, i));
      if (is && !was) gained += values[i];
      if (was && !is) lost += values[i];
    }
    const since = texts.say("since", { before: data.before.name });
    return [["gained", gained], ["lost", lost]].map(([key, sum]) => (
      tile(key, texts.say(key), sum / scale, texts.people(sum / scale), since)));
  };

  const showFigures = (app, goal) => {
    const { texts } = app, row = goal.figures, shown = lifecircle.shownPeople(row);
    const target = row.target === null ? texts.say("no_target")
      : `${texts.say("target", { target: texts.shortPercent(row.target) })} · ${texts.say(row.met ? "met" : "not_met")}`;
    document.getElementById("sentence").replaceChildren(headline(app, goal));
    document.getElementById("figures").replaceChildren(
      tile("share", texts.say("share"), row.share, texts.percent(row.share, row.target), target),
      tile("uncovered", texts.say("not_covered"), lifecircle.uncovered(row), texts.people(shown.uncovered),
        texts.say("of_people", { people: texts.people(shown.counted) })),
      ...changeTiles(app, goal),
      tile("median_minutes", texts.say("median"), row.median_minutes, texts.minutes(row.median_minutes),
        texts.say("among_reached")),
      tile("p90_minutes", texts.say("p90"), row.p90_minutes, texts.minutes(row.p90_minutes), texts.say("among_reached")),
    );
    const met = row.met === true ? "met" : row.met === false ? "missed" : "";
    document.getElementById("figures").firstChild.classList.add(...(met ? [met] : []));
    document.getElementById("print-figures").textContent = headline(app, goal);
  };

  const showGaps = (app, goal) => {
    const { texts, data } = app, { rows, zones, names } = data.gaps[goal.id];
    const most = rows.length ? rows[0].people : 1;
    const items = rows.slice(0, lifecircle.LISTED_GAPS).map((row, i) => {
      const bar = element("i", { class: "bar", style: { width: `${(100 * row.people) / most}%` } });
      const zone = names[i] !== null && zones[i] !== null && zones[i] !== names[i] ? element("small", {}, zones[i]) : null;
      return element("li", {}, element("button", { type: "button", "data-gap": row.gap, onclick: () => app.flyToGap(i) },
        element("span", { class: "rank" }, String(row.gap)),
        element("span", { class: "name" }, lifecircle.gapName(app, goal, i), zone, bar),
        element("span", { class: "number" }, texts.people(row.people))));
    });
    lifecircle.refill(document.getElementById("gaps"),
      ...(items.length ? items : [element("li", { class: "none" }, texts.say("no_gaps"))]));
    const note = document.getElementById("gaps-note");
    note.hidden = !goal.moved;
    note.textContent = texts.say("gaps_of_plan", { minutes: goal.planMinutes ?? goal.minutes });
  };

  const showSwitches = ({ texts, state, change }) => {
    lifecircle.refill(document.getElementById("switches"), ...Object.keys(state.switches).map((name) => {
      const box = element("input", {
        type: "checkbox", "data-switch": name,
        onchange: (event) => change({ switches: { ...state.switches, [name]: event.target.checked } }),
      });
      box.checked = state.switches[name];
      return element("label", {}, box, texts.say(`switches.${name}`));
    }));
  };

  const showFrame = ({ texts, data }, goal) => {
    const { head } = data;
    document.documentElement.lang = texts.language === "zh" ? "zh-CN" : "en";
    document.title = texts.say("title", { study: head.study });
    document.getElementById("title").textContent = texts.say("heading", {
      study: head.study, goal: goal.title[texts.language],
    });
    document.getElementById("language").textContent = texts.say("other_language");
    document.querySelectorAll("[data-text]").forEach((node) => {
      node.textContent = texts.say(node.dataset.text);
    });
    document.getElementById("sources").textContent = [...head.sources, texts.say("projection")].join(
      texts.say("shared.between"));
    document.getElementById("made").textContent = texts.say("made_on", { date: head.date });
    document.getElementById("review").textContent = head.reviewNumber
      ? texts.say("shared.review", { number: head.reviewNumber }) : texts.say("shared.review_blank");
  };

  const showSwipeSwitch = ({ texts, data, state, change }) => {
    const box = document.getElementById("swipe-switch"), input = box.querySelector("input");
    box.hidden = !data.before || state.unit !== "cells";
    box.querySelector("span").textContent = texts.say("swipe_switch", { before: data.before ? data.before.name : "" });
    input.checked = state.swipe !== null;
    input.onchange = () => change({ swipe: input.checked ? 0.5 : null, view: "gap" });
  };

  lifecircle.showPanel = (app, goal) => {
    showFrame(app, goal);
    showChoices(app);
    showSwipeSwitch(app);
    lifecircle.showThreshold(app, goal);
    showFigures(app, goal);
    lifecircle.showDefinitions(app);
    lifecircle.showCurve(app, goal);
    lifecircle.showScorecard(app, goal);
    showGaps(app, goal);
    showSwitches(app);
  };
}
