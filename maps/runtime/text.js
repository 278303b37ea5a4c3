// Words and numbers in the reader's language, and elements that hold text, never markup.
"use strict";

{
  const LOCALES = { zh: "zh-CN", en: "en-GB" };

  lifecircle.Texts = class {
    constructor(texts, language) {
      this.texts = texts;
      this.language = language;
    }

    /** Return the text under a dotted key; a key that is no text (a level the catalogue does not know) stays itself. */
    find(key, fallback) {
      const found = key.split(".").reduce((part, name) => (part ? part[name] : undefined), this.texts[this.language]);
      return found === undefined ? fallback : found;
    }

    say(key, values = {}) {
      return this.find(key, key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
    }

    /** Return the text for a name that comes from the data, or the name itself where no text knows it. */
    named(group, name) {
      const known = this.find(group, {});
      return Object.prototype.hasOwnProperty.call(known, name) ? known[name] : name;
    }

    people(value) {
      return new Intl.NumberFormat(LOCALES[this.language], { maximumFractionDigits: 0 }).format(value);
    }

    /** Show minutes rounded up to tenths, the way the cells are, so that 10.02 never reads as 10. */
    minutes(value) {
      if (value === null) return this.say("unknown");
      let tenths = Math.ceil(value * 10);
      if ((tenths - 1) / 10 >= value) tenths -= 1;
      return this.say("minutes", { minutes: tenths / 10 });
    }

    /** Say a share as `maps/percent.py` does: one decimal, or as many as it takes not to look like the other side of the target. */
    percent(share, target = null) {
      if (share === null) return this.say("unknown");
      for (let digits = 1; digits < 8; digits += 1) {
        const shown = (share * 100).toFixed(digits);
        if (target === null || share >= target === Number(shown) >= target * 100 - 1e-9) return `${shown}%`;
      }
      return `${(share * 100).toFixed(8)}%`;
    }

    /** Say a target, or a break between classes, with the decimals that it has. */
    shortPercent(share) {
      return `${Number((share * 100).toFixed(8))}%`;
    }
  };

  /** Round parts to whole numbers that add up to the rounded total: the largest remainders are rounded up. */
  lifecircle.roundedParts = (parts, total) => {
    const whole = parts.map(Math.floor), wanted = Math.floor(total + 0.5);
    let left = wanted - whole.reduce((sum, part) => sum + part, 0);
    const order = parts.map((part, i) => i).filter((i) => parts[i] > 0)
      .sort((a, b) => parts[b] - whole[b] - (parts[a] - whole[a]) || a - b);
    // Sums of thousandths may miss the total by more than there are parts.
    for (let at = 0; left > 0 && order.length; at = (at + 1) % order.length, left -= 1) whole[order[at]] += 1;
    for (let i = whole.indexOf(Math.max(...whole)); left < 0; left += 1) whole[i] -= 1;
    return whole;
  };

  const whole = (value) => Math.floor(value + 0.5);

  lifecircle.uncovered = (row) => row.beyond + row.cut_off + row.unconnected;

  /** Round the people of a scorecard row to whole ones that add up, as `maps/figures.py` does. */
  lifecircle.shownPeople = (row) => {
    const people = whole(row.people), missing = lifecircle.uncovered(row);
    const rest = people - whole(row.covered);
    const excluded = whole(row.excluded) ? Math.max(0, rest - whole(missing)) : 0;
    const uncovered = missing === 0 ? 0 : rest - excluded, counted = people - excluded;
    const parts = lifecircle.roundedParts([row.beyond, row.cut_off, row.unconnected], uncovered);
    const [beyond, cutOff, unconnected] = parts;
    return { people, covered: counted - uncovered, beyond, cut_off: cutOff, unconnected, excluded, counted, uncovered };
  };

  /** Put new children into a node; whoever was reached by keyboard stays there. */
  lifecircle.refill = (node, ...children) => {
    const stops = () => [...node.querySelectorAll("button, input")], at = stops().indexOf(document.activeElement);
    node.replaceChildren(...children);
    if (at >= 0 && stops()[at]) stops()[at].focus();
  };

  /** Make an element; strings become text nodes, so nothing from the data is ever read as markup. */
  lifecircle.element = (tag, properties = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "style") Object.assign(made.style, value);
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
}
