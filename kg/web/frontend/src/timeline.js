// The rows of an answer along time: how many on which day, and below them what they say.
import { columns, isDate, sentence, words } from "./answer.js";
import { element, svg } from "./dom.js";
import { Picture, room } from "./picture.js";

const HEIGHT = 142;
const EDGE = 12;
const AXIS = 110;
const MOST_LISTED = 300;

/** The first moment of a day, month or year, in milliseconds. */
export const moment = (text) => Date.parse(text.length === 4 ? `${text}-01-01` : text.length === 7 ? `${text}-01` : text);

export class Timeline extends Picture {
  constructor(yasr) {
    super(yasr, "timeline", "Timeline");
  }

  draws(answer) {
    return columns(answer, isDate).length > 0;
  }

  into(place, answer) {
    const [day, until] = columns(answer, isDate);
    const rows = answer.rows.filter((row) => row[day]).sort((a, b) => words(a[day]).localeCompare(words(b[day])));
    const used = until ? [day, until] : [day];
    const groups = new Map();
    for (const row of rows.slice(0, MOST_LISTED)) {
      const last = until && words(row[until]);
      const when = last && last !== words(row[day]) ? `${words(row[day])} – ${last}` : words(row[day]);
      (groups.get(when) ?? groups.set(when, []).get(when)).push(row);
    }
    const left = rows.length - MOST_LISTED;
    place.append(
      element("div", { class: "drawing" }, this.#strip(rows, day, room(place))),
      element("ol", { class: "days" }, [...groups].map(([when, of]) => element("li", {}, element("time", {}, when),
        element("ul", {}, of.map((row) => element("li", {}, sentence(answer, row, used))))))),
      left > 0 ? element("p", { class: "count" }, `The first ${MOST_LISTED} are listed; ${left} more are in the table.`) : "",
    );
  }

  #strip(rows, day, width) {
    const times = rows.map((row) => moment(words(row[day]))).filter(Number.isFinite);
    const [first, last] = [times[0], times.at(-1)];
    const x = (time) => EDGE + (last === first ? 0.5 : (time - first) / (last - first)) * (width - 2 * EDGE);
    const piles = new Map();
    for (const time of times) {
      const at = Math.round(x(time) / 9) * 9;
      piles.set(at, (piles.get(at) ?? 0) + 1);
    }
    const highest = Math.max(...piles.values());
    const step = Math.min(9, (AXIS - EDGE) / highest);
    const dots = [...piles].flatMap(([at, number]) =>
      Array.from({ length: number }, (_, index) => svg("circle", { class: "dot", cx: at, cy: AXIS - 7 - index * step, r: 4 })));
    const label = (time, anchor) => svg("text", { class: "tick", x: x(time), y: AXIS + 22, "text-anchor": anchor }, new Date(time).toISOString().slice(0, 10));
    return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${rows.length} rows along time. They are listed below.` },
      svg("line", { class: "axis", x1: 0, x2: width, y1: AXIS, y2: AXIS }), dots,
      first === last ? label(first, "middle") : [label(first, "start"), label(last, "end")]);
  }
}
