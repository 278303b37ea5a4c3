// Search over zones, facilities and streets by part of the name.
"use strict";

{
  const { element } = lifecircle;
  const MOST = 12;

  const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  const listEverything = ({ data }) => {
    const zones = data.levels.flatMap((level) => level.names.map((name, i) => ({
      kind: "zone", name, go: (app) => app.flyToZone(level, i),
    })));
    const facilities = data.facilities.names.map((name, i) => ({
      kind: "facility", name, go: (app) => app.flyToFacility(i),
    }));
    const streets = data.streetNames.names.map((name, i) => ({
      kind: "street", name, go: (app) => app.flyToPoint(data.streetNames.x[i], data.streetNames.y[i]),
    }));
    return [...zones, ...facilities, ...streets].filter(({ name }) => name !== null)
      .map((entry) => ({ ...entry, name: String(entry.name), folded: fold(String(entry.name)) }));
  };

  const find = (entries, query) => {
    const wanted = fold(query.trim());
    if (!wanted) return [];
    const starts = entries.filter(({ folded }) => folded.startsWith(wanted));
    const holds = entries.filter(({ folded }) => folded.includes(wanted) && !folded.startsWith(wanted));
    return [...starts, ...holds].slice(0, MOST);
  };

  /** Wire the search field: typing lists names, arrows and Enter choose, Escape leaves. */
  lifecircle.wireSearch = (app) => {
    const query = document.getElementById("query"), list = document.getElementById("found");
    let entries = null;
    const close = () => {
      list.hidden = true;
      query.setAttribute("aria-expanded", "false");
    };
    const choose = (entry) => {
      query.value = entry.name;
      close();
      entry.go(app);
    };
    const option = (entry) => element("li", {
      role: "option", tabindex: -1, onclick: () => choose(entry),
      onkeydown: ({ key }) => (key === "Enter" ? choose(entry) : null),
    }, element("span", {}, entry.name), element("small", {}, app.texts.say(entry.kind)));
    const show = () => {
      entries = entries || listEverything(app);
      const found = find(entries, query.value), nothing = element("li", { class: "none" }, app.texts.say("nothing_found"));
      list.replaceChildren(...(found.length ? found.map(option) : [nothing]));
      list.hidden = query.value.trim() === "";
      query.setAttribute("aria-expanded", String(!list.hidden));
    };
    const step = (event) => {
      const stops = [query, ...list.querySelectorAll("[role=option]")], at = stops.indexOf(document.activeElement);
      const to = at + (event.key === "ArrowDown" ? 1 : -1);
      if (stops[to]) stops[to].focus();
      event.preventDefault();
    };
    query.addEventListener("input", show);
    document.getElementById("search").addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        query.focus();
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
      else if (event.key === "Enter" && event.target === query && list.querySelector("[role=option]")) {
        list.querySelector("[role=option]").click();
      }
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#search")) close();
    });
  };

  lifecircle.showSearch = ({ texts }) => {
    const query = document.getElementById("query");
    query.placeholder = texts.say("search");
    for (const node of [query, document.getElementById("found")]) node.setAttribute("aria-label", texts.say("search"));
  };
}
