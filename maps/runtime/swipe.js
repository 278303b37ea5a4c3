// The swipe: the state before on the left of a bar, the run on its right.
"use strict";

{
  const KEY_STEP = 0.02;

  lifecircle.Swipe = class {
    /** `moved(part)` is called with the part of the map's width that shows the state before. */
    constructor(map, moved) {
      this.bar = lifecircle.element("div", { id: "swipe", role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "100" });
      this.map = map;
      this.moved = moved;
      map.getContainer().append(this.bar);
      L.DomEvent.disableClickPropagation(this.bar);
      this.bar.addEventListener("pointerdown", (event) => this.drag(event));
      this.bar.addEventListener("keydown", (event) => this.step(event));
    }

    drag(event) {
      event.preventDefault();
      this.bar.setPointerCapture(event.pointerId);
      const box = this.map.getContainer().getBoundingClientRect();
      this.bar.onpointermove = (at) => this.moved(Math.min(Math.max((at.clientX - box.left) / box.width, 0), 1));
      this.bar.onpointerup = () => {
        this.bar.onpointermove = null;
      };
    }

    step(event) {
      const by = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.moved(Math.min(Math.max(this.part + by, 0), 1));
    }

    show(part, label, before, now) {
      this.part = part;
      this.bar.hidden = part === null;
      this.bar.setAttribute("aria-label", label);
      if (part === null) return;
      this.bar.style.left = `${part * 100}%`;
      this.bar.dataset.before = before;
      this.bar.dataset.now = now;
      this.bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    }
  };
}
