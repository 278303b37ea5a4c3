// Gunzip for browsers without DecompressionStream (before Chrome 80, Firefox 113, Safari 16.4): RFC 1951 and 1952.
"use strict";

{
  const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
    195, 227, 258];
  const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577];
  const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const LONGEST = 15;

  const tree = (lengths) => {
    const counts = new Uint16Array(LONGEST + 1), offsets = new Uint16Array(LONGEST + 2);
    for (const length of lengths) counts[length] += 1;
    counts[0] = 0;
    for (let i = 1; i <= LONGEST; i += 1) offsets[i + 1] = offsets[i] + counts[i];
    const symbols = new Uint16Array(lengths.length);
    lengths.forEach((length, symbol) => {
      if (length) symbols[offsets[length]++] = symbol;
    });
    return { counts, symbols };
  };

  const fixed = () => {
    const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    return [tree(lengths), tree(new Array(30).fill(5))];
  };

  class Bits {
    constructor(bytes, at) {
      Object.assign(this, { bytes, at, held: 0, count: 0 });
    }

    take(count) {
      while (this.count < count) {
        this.held |= this.bytes[this.at++] << this.count;
        this.count += 8;
      }
      const value = this.held & ((1 << count) - 1);
      this.held >>>= count;
      this.count -= count;
      return value;
    }

    symbol({ counts, symbols }) {
      for (let length = 1, code = 0, first = 0, index = 0; length <= LONGEST; length += 1) {
        code |= this.take(1);
        if (code - counts[length] < first) return symbols[index + (code - first)];
        index += counts[length];
        first = (first + counts[length]) << 1;
        code <<= 1;
      }
      throw new Error("damaged payload");
    }
  }

  const dynamic = (bits) => {
    const literals = bits.take(5) + 257, distances = bits.take(5) + 1, codes = bits.take(4) + 4;
    const order = new Array(19).fill(0);
    for (let i = 0; i < codes; i += 1) order[CODE_ORDER[i]] = bits.take(3);
    const code = tree(order), lengths = [];
    while (lengths.length < literals + distances) {
      const symbol = bits.symbol(code);
      if (symbol < 16) lengths.push(symbol);
      else {
        const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
        const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
        for (let i = 0; i < times; i += 1) lengths.push(value);
      }
    }
    return [tree(lengths.slice(0, literals)), tree(lengths.slice(literals))];
  };

  const block = (bits, [literals, distances], out, start) => {
    let at = start;
    for (let symbol = bits.symbol(literals); symbol !== 256; symbol = bits.symbol(literals)) {
      if (symbol < 256) out[at++] = symbol;
      else {
        const length = LENGTHS[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
        const far = bits.symbol(distances);
        const back = DISTANCES[far] + bits.take(far < 4 ? 0 : (far >> 1) - 1);
        for (let i = 0; i < length; i += 1, at += 1) out[at] = out[at - back];
      }
    }
    return at;
  };

  const stored = (bits, out, at) => {
    bits.held = 0;
    bits.count = 0;
    const length = bits.bytes[bits.at] | (bits.bytes[bits.at + 1] << 8);
    out.set(bits.bytes.subarray(bits.at + 4, bits.at + 4 + length), at);
    bits.at += 4 + length;
    return at + length;
  };

  /** Return the content of a gzip without optional header fields, as Python writes it. */
  lifecircle.inflate = (bytes) => {
    const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
    const out = new Uint8Array(size), bits = new Bits(bytes, 10);
    for (let at = 0, last = 0; !last;) {
      last = bits.take(1);
      const kind = bits.take(2);
      if (kind === 0) at = stored(bits, out, at);
      else at = block(bits, kind === 1 ? fixed() : dynamic(bits), out, at);
    }
    return out;
  };
}
