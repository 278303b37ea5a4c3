// Popups: what is the case here, in a table and one sentence.
"use strict";

{
  const { element } = lifecircle;
  const CELLS_PER_PATH = 1000;

  const table = (rows) => element("dl", {}, ...rows.filter(([, value]) => value !== null)
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));

  const sheet = (title, rows, ...sentences) => element("div", { class: "sheet" }, element("h3", {}, title), table(rows),
    ...sentences.filter(Boolean).map((sentence) => element("p", { class: "sentence" }, sentence)));

  const sentenceValues = (app, goal) => ({
    minutes: goal.minutes, service: goal.serviceInSentence[app.texts.language], mode: app.texts.say(`shared.modes.${goal.mode}`),
  });

  const timeText = ({ texts }, goal, status, tenths) => {
    if (tenths < 0) return texts.say("unknown");
    if (status !== "beyond") return texts.say("minutes", { minutes: tenths / 10 });
    const over = (tenths - Math.round(goal.minutes * 10)) / 10;
    return texts.say("over_by", { minutes: tenths / 10, over });
  };

  /** The facility's name, or that it has none. */
  lifecircle.facilityName = ({ texts, data }, i) => {
    const service = data.serviceTitle(data.facilities.services[data.facilities.service[i]], texts.language);
    return data.facilities.names[i] === null ? texts.say("unnamed", { service }) : String(data.facilities.names[i]);
  };

  const zoneRows = ({ texts, data }, cell) => data.levels.map((level) => {
    const zone = data.zoneOf[level.id][cell];
    return [texts.named("levels", level.id), zone < 0 ? null : level.names[zone] ?? level.zones[zone]];
  });

  lifecircle.cellSheet = (app, goal, cell) => {
    const { texts, data } = app, cells = data.goals[goal.id], { status, minutes, facility } = cells;
    const timed = status[cell] <= 1, at = timed ? Number(!lifecircle.isWithin(goal, cells, cell)) : status[cell];
    const name = data.head.statuses[at], { values, scale } = data.people[goal.people];
    return sheet(texts.say(`sheet_title.${name}`), [
      [goal.group === null ? texts.say("people") : texts.named("shared.groups", goal.group),
        texts.people(values[cell] / scale)],
      [texts.say("time", { mode: texts.say(`shared.modes.${goal.mode}`) }), timeText(app, goal, name, minutes[cell])],
      [texts.say("nearest"), facility[cell] < 0 ? texts.say("unknown") : lifecircle.facilityName(app, facility[cell])],
      ...zoneRows(app, cell),
    ], texts.say(`status_sentence.${name}`, sentenceValues(app, goal)), data.tallies && texts.say("coarse_cell"));
  };

  /** The cells whose nearest facility this is. */
  const served = ({ data, goal }, facility) => among(data.goals[goal.id].facility, facility);

  const among = (nearest, facility) => {
    const found = [];
    for (let i = 0; i < nearest.length; i += 1) if (nearest[i] === facility) found.push(i);
    return found;
  };

  const servedRows = (app, facility) => {
    const { texts, data, goal } = app, cells = data.tallies ? data.tallies[goal.id].near : lifecircle.counted(data, goal);
    const { values, scale } = cells;
    if (!goal.services.includes(data.facilities.services[data.facilities.service[facility]])) return [];
    const sum = (chosen) => chosen.reduce((total, i) => total + values[i], 0) / scale;
    const all = among(cells.facility, facility).filter((i) => cells.status[i] <= 1);
    return [
      [texts.say("nearest_to"), texts.people(sum(all))],
      [texts.say("within", { minutes: goal.minutes }), texts.people(sum(all.filter((i) => lifecircle.isWithin(goal, cells, i))))],
    ];
  };

  /** One path for many cells, so that no seam shows where they meet. */
  const paintGround = (context, chosen, trace) => {
    for (let from = 0; from < chosen.length; from += CELLS_PER_PATH) {
      context.beginPath();
      chosen.slice(from, from + CELLS_PER_PATH).forEach(trace);
      context.fill();
    }
  };

  /** The isochrone of a facility at the plan's limit, where the run drew one. */
  lifecircle.ringOf = ({ data, goal }, facility) => {
    const rings = data.rings[goal.id], at = rings && !goal.moved ? rings.of.indexOf(facility) : -1;
    return at < 0 ? null : { shapes: rings.shapes, at };
  };

  /** The ground of a facility: whom it serves within the limit, and its ring. */
  lifecircle.catchment = (app, facility, ring) => {
    const { data, goal } = app, cells = data.goals[goal.id];
    const inside = served(app, facility).filter((i) => cells.status[i] <= 1 && lifecircle.isWithin(goal, cells, i));
    return {
      ground: (context, frame) => paintGround(context, inside, (i) => data.cells.trace(context, frame, i)),
      outline: ring && ((context, frame) => ring.shapes.trace(context, frame, ring.at)),
    };
  };

  lifecircle.facilitySheet = (app, facility) => {
    const { texts, data } = app, capacity = data.facilities.capacities[facility];
    const service = data.facilities.services[data.facilities.service[facility]];
    return sheet(lifecircle.facilityName(app, facility), [
      [texts.say("service"), data.serviceTitle(service, texts.language)],
      [texts.say("capacity"), capacity === null ? texts.say("unknown") : texts.people(capacity)],
      ...servedRows(app, facility),
    ], lifecircle.ringOf(app, facility) && texts.say("ring_key", {
      minutes: app.goal.minutes, mode: texts.say(`shared.modes.${app.goal.mode}`),
    }));
  };

  lifecircle.zoneSheet = (app, goal, level, zone) => {
    const { texts } = app, row = lifecircle.zoneFigures(app.data, level, goal)[zone], shown = row && lifecircle.shownPeople(row);
    const rows = row ? [
      [texts.say("share"), texts.percent(row.share, row.target)],
      [texts.say("people"), texts.people(shown.people)],
      [texts.say("people_covered"), texts.people(shown.covered)],
      [texts.say("not_covered"), texts.people(shown.uncovered)],
      [texts.say("median"), texts.minutes(row.median_minutes)],
      [texts.say("p90"), texts.minutes(row.p90_minutes)],
      [texts.say("facilities"), row.facilities === null ? null : texts.people(row.facilities)],
    ] : [];
    return sheet(level.names[zone] ?? level.zones[zone], rows, row ? null : texts.say("no_share"));
  };

  /** What a gap is called: by its settlement or nearest street, else by its zone, else by where it lies. */
  lifecircle.gapName = ({ texts, data }, goal, i) => {
    const { names, zones, places } = data.gaps[goal.id];
    return names[i] === null ? String(zones[i] ?? places[i]) : texts.say("gap_area", { place: names[i] });
  };

  lifecircle.gapSheet = (app, goal, i) => {
    const { texts, data } = app, row = data.gaps[goal.id].rows[i];
    const over = row.minutes_over === null || row.minutes === null ? null : Math.ceil(row.minutes_over * 10) / 10;
    const minutes = row.minutes === null ? null : Math.ceil(row.minutes * 10) / 10;
    const nameless = row.minutes === null ? null : texts.say("unnamed", { service: goal.serviceTitle[texts.language] });
    return sheet(lifecircle.gapName(app, goal, i), [
      [texts.say("not_covered"), texts.people(row.people)],
      [texts.say("zone"), data.gaps[goal.id].zones[i]],
      [texts.say("time", { mode: texts.say(`shared.modes.${goal.mode}`) }),
        over === null ? texts.minutes(row.minutes) : texts.say("over_by", { minutes, over })],
      [texts.say("nearest"), row.facility_name ?? nameless],
      [texts.say("units_count"), texts.people(row.units)],
      [texts.say("reason"), row.reason === null ? null : texts.named("shared.reason", row.reason)],
    ], ...data.gaps[goal.id].why[i][texts.language]);
  };
}
