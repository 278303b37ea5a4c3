// Downloads: the map as a picture, and what is on the panel as a table a spreadsheet opens.
"use strict";

{
  const HEAD = 64, SIDE = 300, LINE = 22, PAD = 14, FOOT_SIZE = 11.5, FOOT_LINE = 16;

  const save = (blob, name) => {
    const link = lifecircle.element("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  /** A spreadsheet must read text as text: what could be a formula gets an apostrophe. */
  const field = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const tableText = (rows) => `﻿${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;

  const zoneRows = (app, goal) => app.data.levels.flatMap((level) => lifecircle.zoneFigures(app.data, level, goal)
    .map((row, i) => row && [level.id, level.zones[i], level.names[i], row.people, row.covered, row.beyond, row.cut_off,
      row.unconnected, row.excluded, row.share, row.target]).filter(Boolean));

  lifecircle.tableRows = (app) => {
    const { goal, texts, data } = app, row = goal.figures;
    const head = ["level", "unit", "name", "people", "covered", "beyond", "cut-off", "unconnected", "excluded", "share", "target"];
    const all = ["all", "all", data.head.study, row.people, row.covered, row.beyond, row.cut_off, row.unconnected, row.excluded,
      row.share, row.target];
    const names = head.map((name) => texts.say(`table.${name}`));
    const notes = [goal.title[texts.language], texts.say("within", { minutes: goal.minutes }), ...data.head.sources];
    return [names, all, ...zoneRows(app, goal), notes];
  };

  const write = (context, text, x, y, { size = 14, weight = 400, colour = "#22262e" } = {}) => {
    context.font = lifecircle.font(weight, size);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };

  /** Break a text into lines between words. */
  const wrapped = (context, text, width, size = 10.5) => {
    context.font = lifecircle.font(400, size);
    return text.split(" ").reduce((lines, word) => {
      const longer = [...lines.slice(-1), word].join(" ");
      return lines.length && context.measureText(longer).width <= width ? [...lines.slice(0, -1), longer] : [...lines, word];
    }, []);
  };

  /** The squares of need by access; returns how tall they are. */
  const drawMatrix = (context, left, top) => {
    const rows = [...document.querySelectorAll("#legend .matrix tr")], width = (SIDE - PAD * 2) / 4;
    rows.forEach((row, i) => [...row.children].forEach((cell, j) => {
      const x = left + j * width, y = top + i * LINE * 1.4;
      if (cell.tagName === "TD") {
        context.fillStyle = cell.style.background;
        context.fillRect(x, y, width, LINE * 1.4);
      }
      const lines = wrapped(context, cell.firstChild ? cell.firstChild.textContent : "", width - 6);
      lines.forEach((text, line) => write(context, text, x + 3, y + 20 + (line - (lines.length - 1) / 2) * 12,
        { size: cell.tagName === "TD" ? 12 : 10.5, colour: cell.style.color || "#22262e" }));
    }));
    return rows.length * LINE * 1.4 + (rows.length ? 6 : 0);
  };

  const drawLegend = (context, left, head) => {
    write(context, document.getElementById("legend-title").textContent, left, head + 14, { weight: 600, size: 13 });
    const top = head + drawMatrix(context, left, head + 24);
    document.querySelectorAll("#legend .list tr").forEach((row, i) => {
      const y = top + 22 + i * LINE, swatch = row.querySelector(".swatch");
      if (swatch) {
        context.fillStyle = swatch.style.background;
        context.fillRect(left, y + 4, 20, 13);
        context.strokeStyle = "rgba(0,0,0,.3)";
        context.strokeRect(left, y + 4, 20, 13);
      }
      write(context, row.querySelector("th").textContent, left + 28, y + 15, { size: 12.5 });
      context.textAlign = "right";
      write(context, row.querySelector(".number").textContent, left + SIDE - PAD * 2, y + 15, { size: 12.5 });
      context.textAlign = "left";
    });
  };

  /** The scale bar and the north arrow of the screen, drawn on the picture. */
  const drawScale = (context, map, bottom) => {
    const line = map.getContainer().querySelector(".leaflet-control-scale-line"), width = line.offsetWidth;
    context.fillStyle = "rgba(255,255,255,.85)";
    context.fillRect(PAD - 4, bottom - 30, width + 8, 24);
    context.fillStyle = "#111";
    context.fillRect(PAD, bottom - 12, width, 3);
    write(context, line.textContent, PAD + 3, bottom - 16, { size: 11.5 });
  };

  const drawNorth = (context, x, y) => {
    context.fillStyle = "#111";
    context.beginPath();
    [[0, 0], [8, 24], [0, 18], [-8, 24]].forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
    context.fill();
    write(context, "N", x - 5, y + 40, { size: 13, weight: 600 });
  };

  /** The map as it is on the screen, with title, headline, legend, sources and date around it. */
  lifecircle.picture = (app) => {
    const { map, canvas } = app, size = map.getSize(), ratio = 2;
    const paper = document.createElement("canvas"), context = paper.getContext("2d");
    const notes = ["sources", "made", "review"].map((id) => document.getElementById(id).textContent).join("  ·  ");
    const foot = wrapped(context, notes, size.x + SIDE - PAD * 2, FOOT_SIZE);
    Object.assign(paper, { width: (size.x + SIDE) * ratio, height: (size.y + HEAD + PAD + foot.length * FOOT_LINE) * ratio });
    context.scale(ratio, ratio);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, paper.width, paper.height);
    const at = map.containerPointToLayerPoint([0, 0]).subtract(canvas._bounds.min), drawn = canvas._container;
    const scale = drawn.width / canvas._bounds.getSize().x;
    context.drawImage(drawn, at.x * scale, at.y * scale, size.x * scale, size.y * scale, 0, HEAD, size.x, size.y);
    write(context, document.getElementById("title").textContent, PAD, 26, { size: 18, weight: 600 });
    write(context, document.getElementById("sentence").textContent, PAD, 50, { size: 13 });
    drawLegend(context, size.x + PAD, HEAD);
    drawScale(context, map, HEAD + size.y);
    drawNorth(context, size.x + SIDE - PAD * 3, size.y + HEAD - 60);
    foot.forEach((line, i) => write(context, line, PAD, size.y + HEAD + 20 + i * FOOT_LINE, { size: FOOT_SIZE, colour: "#454c57" }));
    return paper;
  };

  lifecircle.wireDownloads = (app) => {
    const name = () => `${app.data.head.study}-${app.goal.id}`;
    document.getElementById("png").addEventListener("click", () => {
      lifecircle.picture(app).toBlob((blob) => save(blob, `${name()}.png`), "image/png");
    });
    document.getElementById("csv").addEventListener("click", () => {
      save(new Blob([tableText(lifecircle.tableRows(app))], { type: "text/csv;charset=utf-8" }), `${name()}.csv`);
    });
  };
}
