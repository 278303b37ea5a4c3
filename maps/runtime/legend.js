// The legend: every class with its people; the classes add up to everybody.
"use strict";

{
  const { element } = lifecircle;

  const swatch = (colour) => element("i", { class: "swatch", style: { background: colour } });

  const row = (texts, { label, colour }, people) => element("tr", {},
    element("td", {}, swatch(colour)), element("th", { scope: "row" }, label),
    element("td", { class: "number", "data-people": people }, texts.people(people)));

  /** Whether numbers on a colour must be light to be read. */
  const isDark = (colour) => [1, 3, 5].reduce((sum, at, i) => sum + parseInt(colour.slice(at, at + 2), 16) * [0.3, 0.59, 0.11][i], 0) < 130;

  /** Need by access: most people on top, latest on the right, people in the squares. */
  const matrix = ({ data, texts }, goal, entries, people) => {
    const { rows, columns } = lifecircle.needHeads(goal, texts);
    const square = (i) => element("td", {
      class: "number", "data-people": people[i],
      style: { background: entries[i].colour, color: isDark(entries[i].colour) ? "#fff" : "#22262e" },
    }, texts.people(people[i]));
    const line = ([name, bounds], need) => element("tr", {}, element("th", { scope: "row" }, name, element("small", {}, bounds)),
      ...columns.map((_, access) => square(need * columns.length + access)));
    return element("table", { class: "matrix" },
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }), ...columns.map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...rows.map(line).reverse()));
  };

  const cellRows = ({ data, texts, state }, goal) => {
    const entries = lifecircle.views[state.view].entries(data, goal, texts);
    const sums = lifecircle.peoplePerClass(data, state.view, goal, entries.length);
    const used = new Set(lifecircle.classesOf(data, state.view, goal));
    return { entries, used, people: lifecircle.roundedClasses(data, state.view, goal, sums) };
  };

  /** Everybody in each zone of a level, after those outside all of them. */
  lifecircle.zonePeople = (data, level) => {
    if (data.zonePeople) return Array.from(data.zonePeople[level.id].values, (people) => people / data.zonePeople[level.id].scale);
    const { values, scale } = data.people.people, sums = new Array(level.zones.length + 1).fill(0);
    data.zoneOf[level.id].forEach((zone, i) => {
      sums[zone + 1] += values[i] / scale;
    });
    return sums;
  };

  /** What the cells are, where they are coarser than the units. */
  const coarseNote = ({ data: { head: { cells } }, texts }) => (cells.tallies ? element("p", { class: "note", id: "coarse" },
    texts.say(cells.along === null ? "coarse_note_metres" : "coarse_note", {
      units: texts.people(cells.units), along: cells.along, metres: texts.people(Number(cells.metres.toPrecision(2))),
    })) : null);

  /** People per class of their zone's share; whoever lives in no zone gets a line of their own. */
  const zoneRows = ({ data, texts, state }, goal) => {
    const level = data.levels.find(({ id }) => id === state.unit);
    const entries = lifecircle.shares.entries(data, goal, texts), classes = lifecircle.shares.classes(data, level, goal);
    const sums = new Array(entries.length + 1).fill(0);
    lifecircle.zonePeople(data, level).forEach((people, i) => {
      sums[i === 0 ? entries.length : classes[i - 1]] += people;
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
      lifecircle.showsBubbles(state, goal) ? element("span", {}, element("i", { class: "ring" }), texts.say("bubble_key")) : null);
  };

  lifecircle.showLegend = (app, goal) => {
    const { texts, state, data } = app, cells = state.unit === "cells";
    const level = data.levels.find(({ id }) => id === state.unit);
    const title = cells ? lifecircle.views[state.view].title(goal, texts, data) : lifecircle.shares.title(goal, texts, level);
    const { entries, used, people } = cells ? cellRows(app, goal) : zoneRows(app, goal);
    // The first five or six classes are the scale; a status that is nowhere on the map would only be noise.
    const scale = cells ? data.head.colours[state.view].length : data.head.colours.share.length;
    const crossed = cells && state.view === "need", listed = (i) => (i < scale ? !crossed : used.has(i) || people[i] > 0);
    const shown = entries.map((entry, i) => (listed(i) ? row(texts, entry, people[i]) : null));
    const total = element("tr", { class: "total" }, element("td"), element("th", { scope: "row" }, texts.say("total")),
      element("td", { class: "number", "data-total": goal.figures.people }, texts.people(goal.figures.people)));
    document.getElementById("legend").replaceChildren(element("h2", { id: "legend-title" }, title),
      ...(crossed ? [matrix(app, goal, entries, people)] : []),
      element("table", { class: "list" }, element("tbody", {}, ...shown.filter(Boolean), total)),
      element("p", { class: "note" }, texts.say(crossed ? "people_squares" : "people_column")),
      ...[cells && coarseNote(app)].filter(Boolean), keys(app, goal));
  };
}
