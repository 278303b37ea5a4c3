// A Leaflet layer that is one canvas: Leaflet's own renderer moves and zooms it, we only draw. What is drawn comes as
// sheets laid on each other, so a mark can change without drawing a hundred thousand cells anew. It is one canvas, not
// one per sheet, because Chromium wipes out every canvas below when it prints the next.
"use strict";

{
  const SCREEN_RATIO = 2;
  const PAPER_RATIO = 3;
  const PAPER = "#ffffff";

  const makeContext = (canvas) => {
    // Drawing stays on the processor: office machines have no GPU worth the upload, and it is the faster way there.
    return canvas.getContext("2d", { willReadFrequently: true });
  };

  let family = "";

  /** The font of the page, as a canvas takes it. */
  lifecircle.font = (weight, pixels) => {
    family ||= getComputedStyle(document.documentElement).getPropertyValue("--font").trim();
    return `${weight} ${pixels}px ${family}`;
  };

  /** A canvas draws boxes for what is not there yet, and nothing would draw it again: wait for the Chinese that the page carries. */
  lifecircle.loadFont = async () => {
    try {
      await document.fonts.load(lifecircle.font(400, 14), "中");
    } catch (error) {
      console.warn("The page's own Chinese font cannot be used here; the machine's fonts are.", error);
    }
  };

  lifecircle.CanvasLayer = L.Renderer.extend({
    /** `sheets` is a list of { name, paint(context, frame), blend, opacity }, lowest first; one with `like` is plain paper
     * in the shape of the sheet it names, so that nothing below tints that sheet's colours. */
    initialize(sheets) {
      L.Renderer.prototype.initialize.call(this, { padding: 0.12 });
      this._sheets = sheets.map((sheet) => ({ ...sheet, context: makeContext(document.createElement("canvas")) }));
    },

    _initContainer() {
      this._container = L.DomUtil.create("canvas");
      this._context = makeContext(this._container);
    },

    _destroyContainer() {
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._context;
    },

    _updatePaths() {},

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      if (this._drawn !== this._place()) this.redraw(); // Leaflet updates twice after every zoom
    },

    /** What is in view: pixels are `world * scale - (x, y)`; west .. south on the unit square. */
    frame() {
      const origin = this._map.getPixelOrigin().add(this._bounds.min), size = this._bounds.getSize();
      const zoom = this._map.getZoom(), scale = 256 * 2 ** zoom;
      return {
        zoom, scale, x: origin.x, y: origin.y, width: size.x, height: size.y,
        west: origin.x / scale, north: origin.y / scale,
        east: (origin.x + size.x) / scale, south: (origin.y + size.y) / scale,
      };
    },

    /** What must be the same for a drawing to stay good. */
    _place() {
      return [...Object.values(this.frame()), this.printing, window.devicePixelRatio].join();
    },

    /** Draw the named sheets anew, or all of them, and lay them on each other. */
    redraw(...names) {
      if (!this._context) return;
      const frame = this.frame();
      const ratio = this.printing ? PAPER_RATIO : Math.min(window.devicePixelRatio || 1, SCREEN_RATIO);
      for (const sheet of this._sheets) {
        if (names.length && !names.includes(sheet.name)) continue;
        this._fit(sheet.context, frame, ratio);
        if (sheet.paint) sheet.paint(sheet.context, frame);
      }
      this._sheets.filter(({ like }) => like && (!names.length || names.includes(like))).forEach((sheet) => this._cut(sheet, frame, ratio));
      this._compose(frame, ratio);
      if (!names.length) this._drawn = this._place();
    },

    _cut({ like, context }, frame, ratio) {
      this._fit(context, frame, ratio);
      context.drawImage(this._sheets.find(({ name }) => name === like).context.canvas, 0, 0, frame.width, frame.height);
      context.globalCompositeOperation = "source-in";
      context.fillStyle = PAPER;
      context.fillRect(0, 0, frame.width, frame.height);
    },

    /** Setting the size also empties the canvas. */
    _fit(context, frame, ratio) {
      context.canvas.width = frame.width * ratio;
      context.canvas.height = frame.height * ratio;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
    },

    _compose(frame, ratio) {
      const context = this._context;
      this._fit(context, frame, ratio);
      this._container.style.width = `${frame.width}px`;
      this._container.style.height = `${frame.height}px`;
      context.fillStyle = getComputedStyle(this._map.getContainer()).backgroundColor;
      context.fillRect(0, 0, frame.width, frame.height);
      for (const { context: { canvas }, blend, opacity } of this._sheets) {
        context.globalCompositeOperation = blend || "source-over";
        context.globalAlpha = opacity || 1;
        context.drawImage(canvas, 0, 0, frame.width, frame.height);
      }
    },
  });
}
