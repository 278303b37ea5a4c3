// The scorecard: every zone of a level, the lowest share first, linked to the map.
"use strict";

{
  const { element } = lifecircle;
  const LISTED = 200;

  /** The level shown: the one on the map, else the coarsest. */
  const levelOf = ({ data, state }) => data.levels.find(({ id }) => id === state.unit) ?? data.levels[0];

  lifecircle.rankedZones = (data, level, goal) => lifecircle.zoneFigures(data, level, goal)
    .map((row, zone) => ({ row, zone })).filter(({ row }) => row && row.share !== null)
    .sort((a, b) => a.row.share - b.row.share || b.row.people - a.row.people);

  lifecircle.showScorecard = (app, goal) => {
    const section = document.getElementById("scorecard"), level = levelOf(app);
    section.hidden = !level;
    if (!level) return;
    const { texts, data } = app;
    document.getElementById("scorecard-title").textContent = texts.say("scorecard", { level: texts.named("levels", level.id) });
    const rows = lifecircle.rankedZones(data, level, goal).slice(0, LISTED).map(({ row, zone }) => {
      const name = level.names[zone] ?? level.zones[zone], met = row.met === null ? "" : texts.say(row.met ? "met" : "not_met");
      const bar = element("i", { class: `bar ${row.met ? "good" : ""}`, style: { width: `${100 * row.share}%` } });
      return element("li", {}, element("button", {
        type: "button", "data-zone": level.zones[zone], "data-share": row.share, onclick: () => app.flyToZone(level, zone),
      }, element("span", { class: "name" }, name, element("small", {}, met), bar),
      element("span", { class: "number" }, texts.percent(row.share, row.target))));
    });
    lifecircle.refill(document.getElementById("zones"), ...rows);
  };
}
