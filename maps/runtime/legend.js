// The legend: every class with its people; the classes add up to everybody.
"use strict";

{
  const { element } = lifecircle;

  const swatch = (colour) => element("i", { class: "swatch", style: { background: colour } });

  const row = (texts, { label, colour }, people) => element("tr", {},
    element("td", {}, swatch(colour)), element("th", { scope: "row" }, label),
    element("td", { class: "number", "data-people": people }, texts.people(people)));

  const cellRows = ({ data, texts, state }, goal) => {
    const entries = lifecircle.views[state.view].entries(data, goal, texts);
    const sums = lifecircle.peoplePerClass(data, state.view, goal, entries.length);
    const used = new Set(lifecircle.classesOf(data, state.view, goal));
    return { entries, used, people: lifecircle.roundedClasses(data, state.view, goal, sums) };
  };

  /** People per class of their zone's share; whoever lives in no zone gets a line of their own. */
  const zoneRows = ({ data, texts, state }, goal) => {
    const level = data.levels.find(({ id }) => id === state.unit);
    const entries = lifecircle.shares.entries(data, goal, texts), classes = lifecircle.shares.classes(data, level, goal);
    const { values, scale } = data.people.people, sums = new Array(entries.length + 1).fill(0);
    data.zoneOf[level.id].forEach((zone, i) => {
      sums[zone < 0 ? entries.length : classes[zone]] += values[i] / scale;
    });
    const outside = { label: texts.say("shared.outside_zones"), colour: "transparent" };
    return { entries: [...entries, outside], used: new Set(classes), people: lifecircle.roundedParts(sums, goal.figures.people) };
  };

  const keys = ({ texts, state, data }, goal) => {
    const service = goal.serviceTitle[texts.language];
    return element("p", { class: "keys" },
      element("span", {}, element("i", { class: "dot" }), texts.say("facility_key", { service })),
      data.facilities.ranks.some((rank) => rank > 0)
        ? element("span", {}, element("i", { class: "dot proposed" }, "1"), texts.say("new_site_key")) : null,
      state.unit === "cells" ? element("span", {}, element("i", { class: "ring" }), texts.say("bubble_key")) : null);
  };

  lifecircle.showLegend = (app, goal) => {
    const { texts, state, data } = app, cells = state.unit === "cells";
    const level = data.levels.find(({ id }) => id === state.unit);
    const title = cells ? lifecircle.views[state.view].title(goal, texts, data) : lifecircle.shares.title(goal, texts, level);
    const { entries, used, people } = cells ? cellRows(app, goal) : zoneRows(app, goal);
    // The first five or six classes are the scale; a status that is nowhere on the map would only be noise.
    const scale = cells ? data.head.colours[state.view].length : data.head.colours.share.length;
    const shown = entries.map((entry, i) => (i < scale || used.has(i) || people[i] > 0 ? row(texts, entry, people[i]) : null));
    const total = element("tr", { class: "total" }, element("td"), element("th", { scope: "row" }, texts.say("total")),
      element("td", { class: "number", "data-total": goal.figures.people }, texts.people(goal.figures.people)));
    document.getElementById("legend").replaceChildren(element("h2", { id: "legend-title" }, title),
      element("table", {}, element("tbody", {}, ...shown.filter(Boolean), total)),
      element("p", { class: "note" }, texts.say("people_column")), keys(app, goal));
  };
}
