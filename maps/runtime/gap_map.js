// The gap map: unpack, draw, and answer what the reader does.
"use strict";

{
  const { element } = lifecircle;

  /** An object that knows only what is put into it: a service may be called "constructor". */
  const bare = (entries) => Object.assign(Object.create(null), Object.fromEntries(entries));

  const readFacilities = (pack) => {
    const { facilities } = pack.head, service = pack.integers(facilities.service), of = bare([]);
    service.forEach((index, i) => (of[facilities.services[index]] ??= []).push(i));
    return { ...facilities, service, of, ...pack.points(facilities.points) };
  };

  const readGaps = (pack) => bare(Object.entries(pack.head.gaps).map(([goal, gaps]) => [
    goal, {
      ...gaps, shapes: pack.shapes(gaps.shapes), spots: pack.points(gaps.spots),
      routes: gaps.routes && { of: gaps.routes.of, shapes: pack.shapes(gaps.routes.shapes) },
    },
  ]));

  const readStreetNames = (pack) => {
    const { streetNames } = pack.head;
    if (!streetNames.names.length) return { names: [], x: [], y: [] };
    return {
      names: streetNames.names, ranks: pack.integers(streetNames.ranks), angles: pack.integers(streetNames.angles),
      lengths: pack.integers(streetNames.lengths), ...pack.points(streetNames.points),
    };
  };

  const mapValues = (object, change) => bare(Object.entries(object).map(([k, v]) => [k, change(v)]));

  const readSums = (pack, { section, scale }) => ({ values: pack.integers(section), scale });

  /** Where cells are drawn coarser than the units: what people are counted from. */
  const readTallies = (pack) => {
    const { cells } = pack.head;
    if (!cells.tallies) return {};
    const { integers } = pack;
    const read = ({ status, minutes, need, zones, people, near: { people: served, ...near } }) => ({
      ...mapValues({ status, minutes, need }, integers), zoneOf: mapValues(zones, integers), ...readSums(pack, people),
      near: { ...mapValues(near, integers), ...readSums(pack, served) },
    });
    return { tallies: mapValues(cells.tallies, read), zonePeople: mapValues(cells.zonePeople, (sums) => readSums(pack, sums)) };
  };

  const readData = (pack) => {
    const { head } = pack, { cells } = head, [west, , east] = head.bounds;
    const serviceTitles = bare(Object.entries(head.serviceTitles));
    return {
      head,
      extent: Math.max(east - west, 0.01) / 360,
      cells: new lifecircle.Cells({
        count: cells.count, footprint: cells.footprint, ...pack.points(cells.centres),
        outlines: cells.outlines && pack.shapes(cells.outlines),
      }),
      people: mapValues(cells.people, ({ section, scale }) => ({ values: pack.integers(section), scale })),
      zoneOf: mapValues(cells.zones, pack.integers),
      goals: mapValues(cells.goals, (columns) => mapValues(columns, pack.integers)),
      ...readTallies(pack),
      levels: head.levels.map((level) => ({ ...level, shapes: pack.shapes(level.outlines), ...pack.points(level.labels) })),
      facilities: readFacilities(pack),
      gaps: readGaps(pack),
      streets: head.streets.count
        ? { shapes: pack.shapes(head.streets.shapes), ranks: pack.integers(head.streets.ranks) } : null,
      streetNames: readStreetNames(pack),
      land: lifecircle.readLand(pack),
      rings: mapValues(head.rings, ({ of, shapes }) => ({ of, shapes: pack.shapes(shapes) })),
      before: head.before && { ...head.before, goals: mapValues(head.before.goals, (columns) => mapValues(columns, pack.integers)) },
      serviceTitle: (service, language) => (serviceTitles[service] ? serviceTitles[service][language] : service),
    };
  };

  class GapMap {
    constructor(map, data) {
      Object.assign(this, { map, data, chosen: null, popup: null });
      this.texts = new lifecircle.Texts(data.head.text, data.head.language);
      this.state = {
        goal: data.head.goals[0].id, view: "gap", unit: "cells", minutes: null, swipe: null,
        switches: { land: true, streets: true, borders: true, facilities: true, bubbles: true },
      };
      this.change = this.change.bind(this);
      lifecircle.showLegend(this, this.goal); // its width decides how much of the map is free
      this.addLayers();
      this.addControls();
      this.wire();
      this.show();
    }

    /** The goal shown, at the limit the reader has set. */
    get goal() {
      const { goal, minutes } = this.state, key = `${goal} ${minutes}`;
      if (!this.judged || this.judged.key !== key) {
        const plan = this.data.head.goals.find(({ id }) => id === goal);
        this.judged = { key, goal: lifecircle.atLimit(this.data, plan, minutes) };
      }
      return this.judged.goal;
    }

    /** How far what is fitted stays from the edges: beside the legend where there is room. */
    padding(edge, top = edge) {
      const wide = this.map.getSize().x > 760, legend = document.getElementById("legend").offsetWidth + 24;
      return { paddingTopLeft: [wide ? 52 : edge, top], paddingBottomRight: [wide ? legend : edge, edge] };
    }

    fitStudy() {
      this.map.fitBounds(this.bounds, { ...this.padding(16), animate: false });
    }

    addLayers() {
      this.fitStudy();
      this.canvas = new lifecircle.CanvasLayer([
        { name: "land", paint: (context, frame) => this.paintLand(context, frame) },
        { name: "paper", like: "cells" },
        { name: "streets", paint: (context, frame) => this.paintStreets(context, frame) },
        // Multiplied, so that streets stay legible inside the darkest gap.
        { name: "cells", paint: (context, frame) => this.paintCells(context, frame), blend: "multiply", opacity: 0.94 },
        { name: "marks", paint: (context, frame) => lifecircle.paintMarks(context, frame, this) },
      ]).addTo(this.map);
    }

    paintLand(context, frame) {
      if (this.state.switches.land) lifecircle.paintAreas(context, frame, this.data.land);
    }

    paintStreets(context, frame) {
      if (this.state.switches.land) lifecircle.paintLines(context, frame, this.data.land);
      if (this.data.streets && this.state.switches.streets) lifecircle.paintStreets(context, frame, this.data.streets);
    }

    paintCells(context, frame) {
      const { data, state, goal, texts } = this;
      if (state.unit === "cells") {
        const colours = lifecircle.views[state.view].entries(data, goal, texts).map(({ colour }) => colour);
        const paint = () => data.cells.paint(context, frame, lifecircle.classesOf(data, state.view, goal), colours);
        if (state.swipe === null) paint();
        else this.paintSwiped(context, frame, paint);
        return;
      }
      const { shapes, ...level } = data.levels.find(({ id }) => id === state.unit);
      const chosen = Array.from({ length: shapes.count }, (_, i) => i).filter((i) => shapes.inView(i, frame));
      const colours = lifecircle.shares.entries(data, goal, texts).map(({ colour }) => colour);
      lifecircle.fillShapes(context, chosen, lifecircle.shares.classes(data, level, goal), colours,
        (i) => shapes.trace(context, frame, i));
    }

    /** The gaps of the state before on the left of the bar, what `paint` paints on its right. */
    paintSwiped(context, frame, paint) {
      const { data, goal, texts, map } = this;
      const left = map.getPixelBounds().min.x - frame.x + this.state.swipe * map.getSize().x;
      const within = (x, width, draw) => {
        context.save();
        context.beginPath();
        context.rect(x, 0, width, frame.height);
        context.clip();
        draw();
        context.restore();
      };
      const colours = lifecircle.gapEntries(data, goal, texts).map(({ colour }) => colour);
      within(0, left, () => data.cells.paint(context, frame, lifecircle.classesBefore(data, goal), colours));
      within(left, frame.width - left, paint);
    }

    addControls() {
      const north = L.control({ position: "topright" });
      north.onAdd = () => element("div", { id: "north", role: "img" }, element("b"), element("i"));
      this.zoom = L.control.zoom({ position: "topleft" });
      this.swipe = new lifecircle.Swipe(this.map, (swipe) => this.change({ swipe }));
      this.attribution = L.control.attribution({ position: "bottomright", prefix: false });
      const [first] = this.data.head.sources; // the others stand at the foot; Leaflet reads markup, so a name becomes text first
      if (first) this.attribution.addAttribution(element("span", {}, first).innerHTML);
      [this.zoom, north, L.control.scale({ imperial: false }), this.attribution].forEach((it) => it.addTo(this.map));
    }

    wire() {
      this.map.on("click", ({ latlng }) => this.explain(latlng));
      this.map.getContainer().addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target === this.map.getContainer()) this.explain(this.map.getCenter());
      });
      document.addEventListener("keydown", ({ key }) => {
        if (key === "Escape" && this.popup) this.map.closePopup(this.popup); // wherever the reader is, also in the list of gaps
      });
      document.getElementById("language").addEventListener("click", () => {
        this.texts.language = this.texts.language === "zh" ? "en" : "zh";
        this.show();
      });
      document.getElementById("print").addEventListener("click", () => window.print());
      lifecircle.wireSearch(this);
      lifecircle.wireDownloads(this);
      this.wirePrint();
    }

    get bounds() {
      const [west, south, east, north] = this.data.head.bounds;
      return L.latLngBounds([south, west], [north, east]);
    }

    /** The sheet of paper is not the window: fit what was in view into it, and back again afterwards. */
    wirePrint() {
      let before = null;
      const resize = (printing) => {
        document.body.classList.toggle("printing", printing);
        this.canvas.printing = printing;
        this.map.invalidateSize({ animate: false });
      };
      window.addEventListener("beforeprint", () => {
        before = [this.map.getCenter(), this.map.getZoom()];
        const bounds = this.map.getBounds();
        resize(true);
        if (bounds.contains(this.bounds)) this.fitStudy();
        else this.map.fitBounds(bounds, { animate: false });
      });
      window.addEventListener("afterprint", () => {
        resize(false);
        this.map.setView(...before, { animate: false });
      });
    }

    change(part) {
      Object.assign(this.state, part);
      if (part.goal) this.state.minutes = null; // every goal begins at its own limit
      if (part.goal || part.view || part.unit) this.choose(null);
      if (part.swipe !== undefined && Object.keys(part).length === 1) {
        this.placeSwipe();
        this.canvas.redraw("cells");
      } else this.show(...(part.switches ? [] : ["cells", "marks"])); // streets stay as they are
    }

    placeSwipe() {
      const { before } = this.data.head, { swipe, unit } = this.state;
      this.swipe.show(unit === "cells" ? swipe : null, this.texts.say("swipe"), before ? before.name : "", this.data.head.study);
    }

    /** Bring everything up to date and draw the named sheets anew, or all of them. */
    show(...sheets) {
      lifecircle.showPanel(this, this.goal);
      this.placeSwipe();
      lifecircle.showLegend(this, this.goal);
      lifecircle.showSearch(this);
      this.showControls();
      if (this.popup && this.popup.isOpen()) this.popup.setContent(this.sheet());
      this.announce();
      this.canvas.redraw(...sheets);
    }

    /** Keep the open sheet as text for those who listen instead of looking. */
    announce() {
      const open = this.popup && this.popup.isOpen();
      document.getElementById("chosen").textContent = open ? this.popup.getElement().innerText : "";
    }

    showControls() {
      const { texts } = this, container = this.map.getContainer();
      container.querySelector("#north b").textContent = "N";
      container.querySelector("#north").setAttribute("aria-label", texts.say("north"));
      for (const [selector, key] of [[".leaflet-control-zoom-in", "zoom_in"], [".leaflet-control-zoom-out", "zoom_out"]]) {
        container.querySelector(selector).setAttribute("aria-label", texts.say(key));
        container.querySelector(selector).title = texts.say(key);
      }
      const close = container.querySelector(".leaflet-popup-close-button");
      if (close) close.setAttribute("aria-label", texts.say("close"));
      container.setAttribute("role", "application");
      container.setAttribute("aria-label", texts.say("title", { study: this.data.head.study }));
    }

    /** Outline something and open its sheet; `sheet` is called again when the language changes. */
    choose(trace, latlng, sheet, { pan = true } = {}) {
      this.chosen = trace;
      this.sheet = sheet;
      if (this.popup) this.map.closePopup(this.popup);
      if (!sheet) return;
      this.map.getContainer().classList.add("explaining");
      const size = this.map.getSize();
      this.popup = L.popup({
        autoPan: pan, autoPanPadding: [24, 24], minWidth: 200, maxWidth: Math.min(320, size.x - 60), maxHeight: 0.62 * size.y,
      }).setLatLng(latlng).setContent(sheet());
      this.popup.on("remove", () => {
        if (this.chosen === trace) this.chosen = null;
        this.map.getContainer().classList.remove("explaining");
        this.announce();
        this.canvas.redraw("marks");
      });
      this.popup.openOn(this.map);
      this.announce();
      this.showControls();
      this.canvas.redraw("marks");
    }

    explain(latlng) {
      const { data, goal, state } = this;
      const x = lifecircle.worldX(latlng.lng), y = lifecircle.worldY(latlng.lat);
      const scale = 256 * 2 ** this.map.getZoom();
      const facility = state.switches.facilities ? lifecircle.facilityAt(data, goal, x, y, scale) : -1;
      if (facility >= 0) this.chooseFacility(facility);
      else if (state.unit === "cells") this.chooseCell(data.cells.at(x, y, scale), latlng);
      else this.chooseZoneAt(x, y, latlng);
    }

    chooseCell(cell, latlng) {
      const trace = cell < 0 ? null : { outline: (context, frame) => this.data.cells.trace(context, frame, cell) };
      this.choose(trace, latlng, cell < 0 ? null : () => lifecircle.cellSheet(this, this.goal, cell));
      this.canvas.redraw("marks");
    }

    chooseZoneAt(x, y, latlng) {
      const level = this.data.levels.find(({ id }) => id === this.state.unit);
      for (let i = 0; i < level.shapes.count; i += 1) {
        if (level.shapes.contains(i, x, y)) this.chooseZone(level, i, latlng);
      }
    }

    chooseZone(level, zone, latlng) {
      this.choose({ outline: (context, frame) => level.shapes.trace(context, frame, zone) }, latlng,
        () => lifecircle.zoneSheet(this, this.goal, level, zone));
    }

    chooseFacility(facility) {
      const { x, y } = this.data.facilities, ring = lifecircle.ringOf(this, facility);
      const top = ring ? ring.shapes.boxes[ring.at * 4 + 1] : y[facility]; // the sheet stands above the ring
      this.choose(lifecircle.catchment(this, facility, ring), this.latlng(x[facility], top),
        () => lifecircle.facilitySheet(this, facility));
    }

    latlng(x, y) {
      return [lifecircle.latitude(y), lifecircle.longitude(x)];
    }

    /** Show shape i of every [shapes, i] together, with the sheet above so that it hides none of them. */
    flyTo(chosen, trace, sheet) {
      const boxes = chosen.map(([shapes, i]) => shapes.boxes.subarray(i * 4, i * 4 + 4));
      const [west, north] = [0, 1].map((at) => Math.min(...boxes.map((box) => box[at])));
      const [east, south] = [2, 3].map((at) => Math.max(...boxes.map((box) => box[at])));
      this.choose(trace, this.latlng((west + east) / 2, north), sheet, { pan: false });
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map.flyToBounds([this.latlng(west, north), this.latlng(east, south)],
        { ...this.padding(32, this.popup.getElement().offsetHeight + 32), maxZoom: 15, duration: 0.8, animate: !still });
    }

    flyToGap(i) {
      if (this.state.unit !== "cells") this.change({ unit: "cells" });
      const { shapes, routes } = this.data.gaps[this.goal.id], route = routes ? routes.of[i] : -1;
      this.flyTo([[shapes, i], ...(route < 0 ? [] : [[routes.shapes, route]])], {
        outline: (context, frame) => shapes.trace(context, frame, i),
        route: route < 0 ? null : (context, frame) => routes.shapes.trace(context, frame, route),
      }, () => lifecircle.gapSheet(this, this.goal, i));
    }

    flyToZone(level, i) {
      this.flyTo([[level.shapes, i]], { outline: (context, frame) => level.shapes.trace(context, frame, i) },
        () => lifecircle.zoneSheet(this, this.goal, level, i));
    }

    flyToFacility(i) {
      const { facilities, head } = this.data, service = facilities.services[facilities.service[i]];
      const goal = head.goals.find((one) => one.services.includes(service));
      if (goal && !this.goal.services.includes(service)) this.change({ goal: goal.id });
      this.map.setView(this.latlng(facilities.x[i], facilities.y[i]), Math.max(this.map.getZoom(), 15), { animate: false });
      this.chooseFacility(i);
    }

    flyToPoint(x, y) {
      this.map.setView(this.latlng(x, y), Math.max(this.map.getZoom(), 16), { animate: false });
    }
  }

  /** Unpack the payload and start; `lifecircle.app` is the running map, for scripts and checks. */
  lifecircle.start = async (map, payload) => {
    document.getElementById("panel").after(map.getContainer()); // the order of the keyboard is the order of reading
    const [pack] = await Promise.all([lifecircle.unpack(payload), lifecircle.loadFont()]);
    lifecircle.app = new GapMap(map, readData(pack));
    document.body.classList.add("ready");
  };
}
