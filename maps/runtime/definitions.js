// Definitions: what other ways of reading the same goal would give, beside the one judged here.
"use strict";

{
  const { element } = lifecircle;

  const row = (texts, name, share, target, taken) => element("tr", taken ? { class: "taken" } : {},
    element("th", { scope: "row" }, name),
    element("td", {}, element("i", { class: "bar", style: { width: `${100 * (share ?? 0)}%` } })),
    element("td", { class: "number", "data-share": share ?? "" }, texts.percent(share, target)));

  /** The plan's own limit is shown, whatever the slider says: definitions differ in more than the limit. */
  lifecircle.showDefinitions = ({ texts, data, state }) => {
    const goal = data.head.goals.find(({ id }) => id === state.goal), section = document.getElementById("definitions");
    section.hidden = !goal.definitions.length;
    const { target } = goal.figures;
    const shares = [goal.figures.share, ...goal.definitions.map(({ share }) => share)].filter((share) => share !== null);
    if (section.hidden || !shares.length) return;
    document.getElementById("definitions-range").textContent = texts.say("definitions_range", {
      low: texts.percent(Math.min(...shares), target), high: texts.percent(Math.max(...shares), target),
    });
    document.getElementById("definitions-table").replaceChildren(element("tbody", {},
      row(texts, texts.say("definition_taken"), goal.figures.share, target, true),
      ...goal.definitions.map(({ title, share }) => row(texts, title[texts.language], share, target, false))));
  };
}
