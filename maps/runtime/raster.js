// Raster: many cells of a lattice in degrees, painted as one picture of coloured pixels instead of shape by shape.
"use strict";

{
  const LARGEST = 16e6; // pixels; a few cells far apart are painted one by one
  const LONGEST = 32767; // pixels along an edge; of a longer canvas browsers draw nothing, and do not say so
  const BAND = 24; // rows drawn as one: their latitudes are even, on the map they nearly are

  const pixel = (colour) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
  };

  lifecircle.Raster = class {
    /** Return the raster of cells that lie on a lattice, or null where they do not fit one. */
    static of({ count, footprint, x, y }) {
      if (footprint.kind !== "rectangle" || !count) return null;
      const { width, height } = footprint;
      let west = Infinity, east = -Infinity, north = -Infinity, south = Infinity;
      const latitudes = new Float64Array(count);
      for (let i = 0; i < count; i += 1) {
        latitudes[i] = lifecircle.latitude(y[i]);
        west = Math.min(west, x[i]);
        east = Math.max(east, x[i]);
        north = Math.max(north, latitudes[i]);
        south = Math.min(south, latitudes[i]);
      }
      const columns = Math.round(((east - west) * 360) / width) + 1, rows = Math.round((north - south) / height) + 1;
      if (columns * rows > LARGEST || Math.max(columns, rows) > LONGEST) return null;
      const at = new Int32Array(count);
      for (let i = 0; i < count; i += 1) {
        at[i] = Math.round((north - latitudes[i]) / height) * columns + Math.round(((x[i] - west) * 360) / width);
      }
      return new lifecircle.Raster({ at, columns, rows, height, west: west - width / 720, span: (columns * width) / 360, top: north + height / 2 });
    }

    constructor(parts) {
      Object.assign(this, parts);
      this.canvas = document.createElement("canvas");
      Object.assign(this.canvas, { width: this.columns, height: this.rows });
      this.edges = [];
      for (let row = 0; row < this.rows + BAND; row += BAND) {
        this.edges.push(lifecircle.worldY(this.top - Math.min(row, this.rows) * this.height));
      }
    }

    /** Colour the pixels, unless they are so already. */
    colour(classes, colours) {
      const key = colours.join();
      if (this.classes === classes && this.key === key) return;
      Object.assign(this, { classes, key });
      const context = this.canvas.getContext("2d", { willReadFrequently: true });
      const image = context.createImageData(this.columns, this.rows), pixels = new Uint32Array(image.data.buffer);
      const table = Uint32Array.from(colours, pixel);
      for (let i = 0; i < this.at.length; i += 1) pixels[this.at[i]] = table[classes[i]];
      context.putImageData(image, 0, 0);
    }

    paint(context, frame, classes, colours) {
      this.colour(classes, colours);
      context.imageSmoothingEnabled = false;
      const left = Math.round(this.west * frame.scale - frame.x), right = Math.round((this.west + this.span) * frame.scale - frame.x);
      for (let band = 0; band * BAND < this.rows; band += 1) {
        const first = band * BAND, count = Math.min(BAND, this.rows - first);
        const top = Math.round(this.edges[band] * frame.scale - frame.y), bottom = Math.round(this.edges[band + 1] * frame.scale - frame.y);
        if (bottom < 0 || top > frame.height) continue;
        context.drawImage(this.canvas, 0, first, this.columns, count, left, top, right - left, Math.max(bottom - top, 1));
      }
    }
  };
}
