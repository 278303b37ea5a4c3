// Marks above the cells: borders, gap bubbles, facilities, names, and what was clicked.
"use strict";

{
  const INK = "#16324f", GAP = "#7a1f10", PROPOSED = "#0b7a4b";
  const STREET_NAMES_FROM = [12, 13, 14, 15, 16, 17];
  const LABEL_LIMIT = 160;
  const LONGEST_NAME = 32; // letters
  const ABOVE = 12; // pixels between a settlement and its name, where its facilities are

  const toPixel = (frame, x, y) => [x * frame.scale - frame.x, y * frame.scale - frame.y];

  const inView = (frame, x, y) => x > frame.west && x < frame.east && y > frame.north && y < frame.south;

  const paintBorders = (context, frame, levels, shown) => {
    levels.forEach((level, depth) => {
      const coarse = levels.length - 1 - depth;
      context.lineWidth = level.id === shown ? 1.6 : 0.7 + 0.8 * coarse;
      context.strokeStyle = level.id === shown ? "rgba(40,45,60,.9)" : "rgba(70,74,92,.65)";
      context.setLineDash(coarse || level.id === shown ? [] : [5, 3]);
      context.beginPath();
      for (let i = 0; i < level.shapes.count; i += 1) {
        if (level.shapes.inView(i, frame)) level.shapes.trace(context, frame, i);
      }
      context.stroke();
    });
    context.setLineDash([]);
  };

  /** The radius of a gap's bubble: its area grows with the people, so the eye adds them up rightly. */
  const bubbleRadius = (frame, people, most) => {
    const room = Math.min(Math.max(frame.width / 1000, 0.5), 1); // on a phone they would hide the map
    return room * Math.max(22 * Math.sqrt(people / Math.max(most, 1)), 4);
  };

  const paintBubbles = (context, frame, gaps) => {
    const most = gaps.rows.length ? gaps.rows[0].people : 0;
    gaps.rows.slice(0, lifecircle.LISTED_GAPS).forEach((row, i) => {
      const [x, y] = toPixel(frame, gaps.spots.x[i], gaps.spots.y[i]);
      context.beginPath();
      context.arc(x, y, bubbleRadius(frame, row.people, most), 0, 2 * Math.PI);
      context.fillStyle = "rgba(217,95,14,.16)";
      context.fill();
      context.lineWidth = 1.6;
      context.strokeStyle = GAP;
      context.stroke();
    });
  };

  /** A proposed site: larger than what stands today, and numbered in the order of building. */
  const paintProposed = (context, x, y, rank) => {
    context.beginPath();
    context.arc(x, y, 8.5, 0, 2 * Math.PI);
    context.fillStyle = PROPOSED;
    context.fill();
    context.stroke();
    context.font = lifecircle.font(700, rank > 99 ? 7.5 : 9.5);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = "#ffffff";
    context.fillText(String(rank), x, y + 0.5);
  };

  const paintFacilities = (context, frame, facilities, services) => {
    const radius = frame.zoom < 10 ? 2.6 : frame.zoom < 13 ? 3.6 : 4.6;
    context.fillStyle = INK;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    const proposed = [];
    for (const i of services.flatMap((service) => facilities.of[service] || [])) {
      if (!inView(frame, facilities.x[i], facilities.y[i])) continue;
      const [x, y] = toPixel(frame, facilities.x[i], facilities.y[i]);
      if (facilities.ranks[i] > 0) {
        proposed.push([x, y, facilities.ranks[i]]);
        continue;
      }
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
    proposed.reverse().forEach((site) => paintProposed(context, ...site)); // the first to build lies on top
  };

  const ROUTE = "#0b5fa5";

  /** What was clicked: its ground lightly filled, its outline, and the way from it. */
  const paintChosen = (context, frame, { ground, outline, route }) => {
    if (ground) {
      context.fillStyle = "rgba(11,95,165,.30)";
      ground(context, frame);
    }
    if (route) paintLine(context, frame, route, ROUTE, 4);
    if (outline) paintOutline(context, frame, outline);
  };

  const paintLine = (context, frame, trace, colour, width) => {
    for (const [style, extra] of [["rgba(255,255,255,.95)", 3], [colour, 0]]) {
      context.beginPath();
      trace(context, frame);
      context.lineWidth = width + extra;
      context.strokeStyle = style;
      context.stroke();
    }
  };

  const paintOutline = (context, frame, trace) => {
    context.beginPath();
    trace(context, frame);
    context.lineWidth = 4.5;
    context.strokeStyle = "rgba(255,255,255,.95)";
    context.stroke();
    context.lineWidth = 2.2;
    context.strokeStyle = "#000000";
    context.stroke();
  };

  /** Remembers which boxes are taken, so that names never lie on each other. */
  class Room {
    constructor() {
      this.taken = [];
    }

    take(x, y, halfWidth, halfHeight) {
      const box = [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
      const free = this.taken.every((b) => box[0] > b[2] || box[2] < b[0] || box[1] > b[3] || box[3] < b[1]);
      if (free) this.taken.push(box);
      return free;
    }
  }

  /** A name as it is written on the map: a sentence would cover it. */
  const short = (name) => {
    const letters = [...name];
    return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : name;
  };

  const write = (context, text, { x, y, angle = 0, size, colour, weight = 400 }) => {
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.font = lifecircle.font(weight, size);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = "rgba(255,255,255,.9)";
    context.strokeText(text, 0, 0);
    context.fillStyle = colour;
    context.fillText(text, 0, 0);
    context.restore();
  };

  const nameZones = (context, frame, level, room) => {
    for (let i = 0; i < level.names.length; i += 1) {
      if (level.names[i] === null || !inView(frame, level.x[i], level.y[i])) continue;
      const box = level.shapes.boxes.subarray(i * 4, i * 4 + 4), name = short(level.names[i]);
      context.font = lifecircle.font(600, 12.5);
      const width = context.measureText(name).width;
      if ((box[2] - box[0]) * frame.scale < width * 0.8) continue;
      const [x, y] = toPixel(frame, level.x[i], level.y[i]);
      if (room.take(x, y, width / 2 + 3, 9)) write(context, name, { x, y, size: 12.5, colour: "#2b2f3a", weight: 600 });
    }
  };

  /** Settlements; one that is called like a zone named already would only repeat it. */
  const namePlaces = (context, frame, land, room, named) => {
    for (const i of lifecircle.placesInView(land, frame)) {
      if (named.has(land.places.names[i])) continue;
      const name = short(land.places.names[i]), size = land.places.ranks[i] < 2 ? 13 : 12;
      context.font = lifecircle.font(500, size);
      const [x, at] = toPixel(frame, land.places.x[i], land.places.y[i]);
      const width = context.measureText(name).width, y = at - ABOVE;
      if (room.take(x, y, width / 2 + 4, 9)) write(context, name, { x, y, size, colour: "#3d4350", weight: 500 });
    }
  };

  const nameStreets = (context, frame, names, room) => {
    let written = 0;
    for (let i = 0; i < names.names.length && written < LABEL_LIMIT; i += 1) {
      if (frame.zoom < STREET_NAMES_FROM[names.ranks[i]] || !inView(frame, names.x[i], names.y[i])) continue;
      context.font = lifecircle.font(400, 11);
      const name = short(names.names[i]), { width } = context.measureText(name);
      if (((names.lengths[i] * 1e-5) / 360) * frame.scale < width * 0.9) continue;
      const turn = (-names.angles[i] * Math.PI) / 180;
      const angle = Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn;
      const [x, y] = toPixel(frame, names.x[i], names.y[i]);
      const wide = (Math.abs(Math.cos(angle)) * width) / 2 + 5, tall = (Math.abs(Math.sin(angle)) * width) / 2 + 7;
      if (!room.take(x, y, wide, tall)) continue;
      write(context, name, { x, y, angle, size: 11, colour: "#5a5f6b" });
      written += 1;
    }
  };

  lifecircle.LISTED_GAPS = 20;

  /** Bubbles stand for the gaps of the plan's limit; over a change of time they would hide what changed. */
  lifecircle.showsBubbles = ({ switches, unit, view }, goal) => switches.bubbles && unit === "cells" && view !== "change" && !goal.moved;

  lifecircle.paintMarks = (context, frame, { data, state, goal, chosen }) => {
    const shown = state.switches;
    if (shown.borders) paintBorders(context, frame, data.levels, state.unit);
    if (chosen) paintChosen(context, frame, chosen);
    if (lifecircle.showsBubbles(state, goal)) paintBubbles(context, frame, data.gaps[goal.id]);
    if (shown.facilities) paintFacilities(context, frame, data.facilities, goal.services);
    const room = new Room(), level = lifecircle.labelledLevel(data, state, frame);
    const naming = level && (shown.borders || state.unit !== "cells");
    if (naming) nameZones(context, frame, level, room);
    if (shown.land) namePlaces(context, frame, data.land, room, new Set(naming ? level.names : []));
    if (shown.streets) nameStreets(context, frame, data.streetNames, room);
  };

  /** The level whose names fit: the shown one, else the finest whose zones are wide enough on the screen. */
  lifecircle.labelledLevel = (data, state, frame) => {
    if (state.unit !== "cells") return data.levels.find((level) => level.id === state.unit);
    const wide = (level) => Math.sqrt(1 / Math.max(level.names.length, 1)) * data.extent * frame.scale > 90;
    return [...data.levels].reverse().find(wide) || data.levels[0];
  };

  /** Return the facility of the goal's service within reach of a click, or -1. */
  lifecircle.facilityAt = (data, goal, wx, wy, scale) => {
    let best = -1, nearest = (10 / scale) ** 2;
    for (const i of goal.services.flatMap((service) => data.facilities.of[service] || [])) {
      const distance = (data.facilities.x[i] - wx) ** 2 + (data.facilities.y[i] - wy) ** 2;
      if (distance < nearest) [best, nearest] = [i, distance];
    }
    return best;
  };
}
