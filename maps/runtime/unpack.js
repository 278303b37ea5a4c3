// The payload: base64 of gzip of (length of head, head as JSON, sections). `maps/packing.py` is the other half.
"use strict";

const lifecircle = {};

{
  const decodeBase64 = (text) => {
    const binary = atob(text.trim());
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
    return bytes;
  };

  const gunzip = async (bytes) => {
    if (typeof DecompressionStream === "undefined") return lifecircle.inflate(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  // Arithmetic, not bit operations: people in thousandths can exceed 32 bits.
  const decodeDeltas = (bytes) => {
    const values = new Float64Array(bytes.length);
    let count = 0, sum = 0, part = 0, factor = 1;
    for (let i = 0; i < bytes.length; i += 1) {
      part += (bytes[i] & 127) * factor;
      factor *= 128;
      if (bytes[i] < 128) {
        sum += part % 2 ? -(part + 1) / 2 : part / 2;
        values[count] = sum;
        count += 1;
        part = 0;
        factor = 1;
      }
    }
    return values.subarray(0, count);
  };

  const starts = (lengths) => {
    const out = new Int32Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i += 1) out[i + 1] = out[i] + lengths[i];
    return out;
  };

  /** Web Mercator on the unit square, as Leaflet scales it: x to the east, y to the south. */
  lifecircle.worldX = (longitude) => (longitude + 180) / 360;
  lifecircle.worldY = (latitude) => {
    const sine = Math.sin((Math.min(Math.max(latitude, -85.05), 85.05) * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };
  lifecircle.longitude = (x) => x * 360 - 180;
  lifecircle.latitude = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
  lifecircle.cosine = (y) => 1 / Math.cosh(Math.PI * (1 - 2 * y));

  lifecircle.unpack = async (text) => {
    const bytes = await gunzip(decodeBase64(text));
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    const integers = (name) => {
      const [offset, size] = head.sections[name];
      return decodeDeltas(bytes.subarray(4 + length + offset, 4 + length + offset + size));
    };
    const points = (where) => ({
      x: integers(where.x).map((value) => lifecircle.worldX(value * where.step)),
      y: integers(where.y).map((value) => lifecircle.worldY(value * where.step)),
    });
    const shapes = (where) => new lifecircle.Shapes({
      parts: starts(integers(where.parts)), vertices: starts(integers(where.vertices)), ...points(where),
    });
    return { head, integers, points, shapes };
  };

  /** Lines or polygons on the unit square: shape i has parts[i] .. parts[i + 1], each with its run of vertices. */
  lifecircle.Shapes = class {
    constructor({ parts, vertices, x, y }) {
      Object.assign(this, { parts, vertices, x, y, count: parts.length - 1 });
      this.boxes = new Float64Array(this.count * 4);
      for (let i = 0; i < this.count; i += 1) this.measure(i);
    }

    measure(i) {
      let west = 2, north = 2, east = -1, south = -1;
      for (let v = this.vertices[this.parts[i]]; v < this.vertices[this.parts[i + 1]]; v += 1) {
        west = Math.min(west, this.x[v]);
        east = Math.max(east, this.x[v]);
        north = Math.min(north, this.y[v]);
        south = Math.max(south, this.y[v]);
      }
      this.boxes.set([west, north, east, south], i * 4);
    }

    inView(i, view) {
      const at = i * 4, box = this.boxes;
      return box[at] < view.east && box[at + 2] > view.west && box[at + 1] < view.south && box[at + 3] > view.north;
    }

    trace(context, frame, i) {
      const { x, y, vertices } = this;
      for (let part = this.parts[i]; part < this.parts[i + 1]; part += 1) {
        const end = vertices[part + 1];
        for (let v = vertices[part]; v < end; v += 1) {
          const px = x[v] * frame.scale - frame.x, py = y[v] * frame.scale - frame.y;
          if (v === vertices[part]) context.moveTo(px, py);
          else context.lineTo(px, py);
        }
      }
    }

    contains(i, wx, wy) {
      const at = i * 4, { x, y, vertices, boxes } = this;
      if (wx < boxes[at] || wy < boxes[at + 1] || wx > boxes[at + 2] || wy > boxes[at + 3]) return false;
      let inside = false;
      for (let part = this.parts[i]; part < this.parts[i + 1]; part += 1) {
        for (let v = vertices[part], last = vertices[part + 1] - 1; v < vertices[part + 1]; last = v, v += 1) {
          if ((y[v] > wy) !== (y[last] > wy) && wx < ((x[last] - x[v]) * (wy - y[v])) / (y[last] - y[v]) + x[v]) {
            inside = !inside;
          }
        }
      }
      return inside;
    }
  };
}
