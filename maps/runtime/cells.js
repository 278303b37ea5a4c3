// Cells: the demand units, drawn class by class in short paths, and found again under a click.
"use strict";

{
  // A canvas path is filled in time that grows with the square of its shapes, so paths are kept short.
  const SHAPES_PER_PATH = 64;
  const CHUNK = 64;
  const RASTER_FROM = 20_000; // cells in view; fewer are as quickly painted with sharp edges
  const EARTH_METRES = 40075016.686;
  const SMALLEST_RADIUS = 2.5;
  const OVERLAP = 0.08; // pixels; an edge between two cells that both round away would leave a bright line

  /** Fill shapes class by class; `trace(i)` adds shape i to the current path. */
  lifecircle.fillShapes = (context, chosen, classes, colours, trace) => {
    const flush = () => {
      context.fill();
      context.stroke(); // closes the hairline that smoothing leaves between neighbours
      context.beginPath();
    };
    context.lineWidth = 0.7;
    context.beginPath();
    colours.forEach((colour, of) => {
      context.fillStyle = colour;
      context.strokeStyle = colour;
      let count = 0;
      for (const i of chosen) {
        if (classes[i] !== of) continue;
        trace(i);
        count += 1;
        if (count % SHAPES_PER_PATH === 0) flush();
      }
      flush();
    });
  };

  lifecircle.Cells = class {
    constructor({ count, footprint, x, y, outlines }) {
      Object.assign(this, { count, footprint, x, y, outlines });
      this.halfX = new Float64Array(outlines ? 0 : count);
      this.halfY = new Float64Array(outlines ? 0 : count);
      for (let i = 0; i < this.halfX.length; i += 1) this.size(i);
      this.chunk();
    }

    size(i) {
      const { kind, width, height } = this.footprint, cosine = lifecircle.cosine(this.y[i]);
      this.halfX[i] = kind === "rectangle" ? width / 720 : width / 2 / EARTH_METRES / cosine;
      this.halfY[i] = kind === "rectangle" ? height / 720 / cosine : this.halfX[i];
    }

    box(i) {
      if (this.outlines) return this.outlines.boxes.subarray(i * 4, i * 4 + 4);
      const { x, y, halfX, halfY } = this;
      return [x[i] - halfX[i], y[i] - halfY[i], x[i] + halfX[i], y[i] + halfY[i]];
    }

    /** Cells come along a space-filling curve: a run of them is a compact patch, skipped as one when out of view. */
    chunk() {
      this.chunks = [];
      for (let first = 0; first < this.count; first += CHUNK) {
        const end = Math.min(first + CHUNK, this.count);
        const patch = { first, end, west: 2, north: 2, east: -1, south: -1 };
        for (let i = first; i < end; i += 1) {
          const [west, north, east, south] = this.box(i);
          patch.west = Math.min(patch.west, west);
          patch.north = Math.min(patch.north, north);
          patch.east = Math.max(patch.east, east);
          patch.south = Math.max(patch.south, south);
        }
        this.chunks.push(patch);
      }
    }

    visible(view) {
      const margin = (SMALLEST_RADIUS + 1) / view.scale, found = [];
      for (const patch of this.chunks) {
        if (patch.west > view.east + margin || patch.east < view.west - margin) continue;
        if (patch.north > view.south + margin || patch.south < view.north - margin) continue;
        for (let i = patch.first; i < patch.end; i += 1) found.push(i);
      }
      return found;
    }

    paint(context, frame, classes, colours) {
      const chosen = this.visible(frame);
      this.raster ??= lifecircle.Raster.of(this) ?? false;
      if (this.raster && chosen.length > RASTER_FROM) this.raster.paint(context, frame, classes, colours);
      else if (this.outlines) {
        lifecircle.fillShapes(context, chosen, classes, colours, (i) => this.outlines.trace(context, frame, i));
      } else if (this.footprint.kind === "circle") {
        lifecircle.fillShapes(context, chosen, classes, colours, (i) => this.traceCircle(context, frame, i));
      } else this.paintSquares(context, frame, chosen, classes, colours);
    }

    traceCircle(context, frame, i) {
      const x = this.x[i] * frame.scale - frame.x, y = this.y[i] * frame.scale - frame.y;
      const radius = Math.max(this.halfX[i] * frame.scale, SMALLEST_RADIUS);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }

    /** Whole pixels from edge to edge: neighbours share the edge, and no seam shows between them. */
    paintSquares(context, frame, chosen, classes, colours) {
      const { x, y, halfX, halfY } = this, { scale } = frame;
      colours.forEach((colour, of) => {
        context.fillStyle = colour;
        for (const i of chosen) {
          if (classes[i] !== of) continue;
          const left = Math.round((x[i] - halfX[i]) * scale - frame.x - OVERLAP);
          const top = Math.round((y[i] - halfY[i]) * scale - frame.y - OVERLAP);
          const right = Math.round((x[i] + halfX[i]) * scale - frame.x + OVERLAP);
          const bottom = Math.round((y[i] + halfY[i]) * scale - frame.y + OVERLAP);
          context.fillRect(left, top, Math.max(right - left, 1), Math.max(bottom - top, 1));
        }
      });
    }

    /** Outline one cell, for the one that was clicked. */
    trace(context, frame, i) {
      if (this.outlines) this.outlines.trace(context, frame, i);
      else if (this.footprint.kind === "circle") this.traceCircle(context, frame, i);
      else {
        const [west, north, east, south] = this.box(i);
        context.rect(west * frame.scale - frame.x, north * frame.scale - frame.y,
          (east - west) * frame.scale, (south - north) * frame.scale);
      }
    }

    /** Return the cell at a place, or -1. `scale` is pixels per unit square. */
    at(wx, wy, scale) {
      const margin = this.footprint.kind === "circle" ? SMALLEST_RADIUS / scale : 0;
      let best = -1, nearest = Infinity;
      for (const patch of this.chunks) {
        if (wx < patch.west - margin || wx > patch.east + margin) continue;
        if (wy < patch.north - margin || wy > patch.south + margin) continue;
        for (let i = patch.first; i < patch.end; i += 1) {
          const distance = (this.x[i] - wx) ** 2 + (this.y[i] - wy) ** 2;
          if (distance < nearest && this.holds(i, wx, wy, margin)) [best, nearest] = [i, distance];
        }
      }
      return best;
    }

    holds(i, wx, wy, margin) {
      if (this.outlines) return this.outlines.contains(i, wx, wy);
      const { x, y, halfX, halfY, footprint } = this;
      if (footprint.kind === "circle") return Math.hypot(x[i] - wx, y[i] - wy) <= Math.max(halfX[i], margin);
      return Math.abs(x[i] - wx) <= halfX[i] && Math.abs(y[i] - wy) <= halfY[i];
    }
  };
}
