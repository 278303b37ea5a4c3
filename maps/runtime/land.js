// Land under the cells: green, water, railways; and the names of places.
"use strict";

{
  const FILLS = { green: "#d9e7cf", water: "#bcd9ea" };
  const STROKES = { water: { colour: "#9fc6de", width: 1.3 }, railway: { colour: "#8d8d92", width: 1.1, dash: [6, 3] } };
  const PLACES_FROM = [0, 8, 10, 12, 14];
  const SHAPES_PER_PATH = 64;

  const inChunks = (context, frame, shapes, finish) => {
    let count = 0;
    context.beginPath();
    for (let i = 0; i < shapes.count; i += 1) {
      if (!shapes.inView(i, frame)) continue;
      shapes.trace(context, frame, i);
      count += 1;
      if (count % SHAPES_PER_PATH === 0) {
        finish();
        context.beginPath();
      }
    }
    finish();
  };

  lifecircle.readLand = (pack) => {
    const { areas, lines, places } = pack.head.land;
    const read = (part) => ({ kind: part.kind, shapes: pack.shapes(part.shapes) });
    return {
      areas: areas.map(read),
      lines: lines.map(read),
      places: places && { names: places.names, ranks: pack.integers(places.ranks), ...pack.points(places.points) },
    };
  };

  lifecircle.paintAreas = (context, frame, { areas }) => {
    for (const { kind, shapes } of areas) {
      context.fillStyle = FILLS[kind];
      inChunks(context, frame, shapes, () => context.fill());
    }
  };

  lifecircle.paintLines = (context, frame, { lines }) => {
    for (const { kind, shapes } of lines) {
      const { colour, width, dash = [] } = STROKES[kind];
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      inChunks(context, frame, shapes, () => context.stroke());
    }
    context.setLineDash([]);
  };

  /** The places whose names belong on the map at this zoom, most important first. */
  lifecircle.placesInView = ({ places }, frame) => (places ? places.names.map((name, i) => i) : []).filter((i) => (
    frame.zoom >= PLACES_FROM[Math.min(places.ranks[i], PLACES_FROM.length - 1)]
    && places.x[i] > frame.west && places.x[i] < frame.east && places.y[i] > frame.north && places.y[i] < frame.south));
}
