// The basemap: streets by class, quiet enough to lie under the cells.
"use strict";

{
  // From which zoom a rank is drawn, its width in pixels there and at zoom 16, its colour and that of its casing.
  const STYLES = [
    { from: 0, thin: 1.6, wide: 7, colour: "#f2cf8e", casing: "#d2a95c" },
    { from: 6, thin: 1.3, wide: 6, colour: "#f6dfab", casing: "#d6bd85" },
    { from: 8, thin: 1.1, wide: 5, colour: "#f8ead0", casing: "#d3c6a8" },
    { from: 10, thin: 0.9, wide: 4, colour: "#ffffff", casing: "#c9c6be" },
    { from: 12, thin: 0.7, wide: 3, colour: "#ffffff", casing: "#cfccc4" },
    { from: 14, thin: 0.6, wide: 1.2, colour: "#ffffff", casing: "#d9d6cf" },
  ];
  const CASED_FROM = 11;
  const WIDE_AT = 16;
  const LINES_PER_PATH = 256;

  const widthAt = (style, zoom) => {
    const along = Math.min(Math.max((zoom - style.from) / Math.max(WIDE_AT - style.from, 1), 0), 1.4);
    return style.thin + (style.wide - style.thin) * along ** 1.6;
  };

  const stroke = (context, frame, shapes, chosen) => {
    chosen.forEach((i, count) => {
      if (count % LINES_PER_PATH === 0) context.beginPath();
      shapes.trace(context, frame, i);
      if (count % LINES_PER_PATH === LINES_PER_PATH - 1 || count === chosen.length - 1) context.stroke();
    });
  };

  lifecircle.paintStreets = (context, frame, { shapes, ranks }) => {
    const chosen = STYLES.map(() => []);
    for (let i = 0; i < shapes.count; i += 1) {
      if (frame.zoom >= STYLES[ranks[i]].from && shapes.inView(i, frame)) chosen[ranks[i]].push(i);
    }
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const cased of [true, false]) {
      if (cased && frame.zoom < CASED_FROM) continue;
      for (let rank = STYLES.length - 1; rank >= 0; rank -= 1) {
        context.strokeStyle = cased || (frame.zoom < CASED_FROM && rank > 2) ? STYLES[rank].casing : STYLES[rank].colour;
        context.lineWidth = widthAt(STYLES[rank], frame.zoom) + (cased ? 1.4 : 0);
        stroke(context, frame, shapes, chosen[rank]);
      }
    }
  };
}
