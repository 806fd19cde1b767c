// Numbers of an answer as bars, or as lines where they go along time.
import { columns, isDate, isNumber, words } from "./answer.js";
import { choice, element, svg } from "./dom.js";
import { Picture, room } from "./picture.js";
import { moment } from "./timeline.js";

const HEIGHT = 360;
const LEFT = 48;
const BOTTOM = 36;
const TOP = 12;
const MOST_SERIES = 6;
const MOST_PLACES = 60;

/** A round number that is no smaller, for the axis to end at. */
export function ceiling(number) {
  if (number <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 4, 5, 10].map((step) => step * size).find((top) => top >= number);
}

/** Sums by place on the axis and by series: the largest series by name, the others together. */
export function sums(rows, x, y, series, along) {
  const totals = new Map();
  for (const row of rows) {
    const name = series ? words(row[series]) || "(none)" : "";
    totals.set(name, (totals.get(name) ?? 0) + Number(row[y]?.value ?? 0));
  }
  const ranked = [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const named = new Set(ranked.slice(0, ranked.length > MOST_SERIES ? MOST_SERIES - 1 : MOST_SERIES));
  const found = new Map();
  for (const row of rows) {
    const place = words(row[x]) || "(none)";
    const own = series ? words(row[series]) || "(none)" : "";
    const name = named.has(own) ? own : "others";
    const at = found.get(place) ?? found.set(place, new Map()).get(place);
    at.set(name, (at.get(name) ?? 0) + Number(row[y]?.value ?? 0));
  }
  const places = [...found.keys()];
  if (along) places.sort();
  const names = ranked.length > named.size ? [...named, "others"] : [...named];
  return { places: places.slice(0, MOST_PLACES), left: Math.max(0, places.length - MOST_PLACES), names, found };
}

export class Chart extends Picture {
  constructor(yasr) {
    super(yasr, "chart", "Chart");
  }

  draws(answer) {
    return columns(answer, isNumber).length > 0 && answer.names.length > 1;
  }

  into(place, answer) {
    const numbers = columns(answer, isNumber);
    const others = answer.names.filter((name) => !numbers.includes(name));
    const dates = columns(answer, isDate);
    const axis = others.length ? others : answer.names;
    const settings = { x: dates[0] ?? axis[0], y: numbers.at(-1), series: "", kind: dates.length ? "line" : "bar" };
    const drawing = element("div", { class: "drawing" });
    const pairs = (names) => names.map((name) => [name, name]);
    const change = (name) => (value) => {
      settings[name] = value;
      this.#show(drawing, answer, settings, dates);
    };
    place.append(
      element(
        "div",
        { class: "controls" },
        choice("Along", pairs(axis), settings.x, change("x")),
        choice("Number", pairs(numbers), settings.y, change("y")),
        choice("Apart by", [["", "nothing"], ...pairs(others)], "", change("series")),
        choice("As", [["bar", "bars"], ["line", "lines"]], settings.kind, change("kind")),
      ),
      drawing,
    );
    this.#show(drawing, answer, settings, dates);
  }

  #show(drawing, answer, { x, y, series, kind }, dates) {
    const data = sums(answer.rows, x, y, series, dates.includes(x));
    const values = data.places.flatMap((place) => data.names.map((name) => data.found.get(place).get(name) ?? 0));
    const width = room(drawing);
    const top = ceiling(Math.max(...values, 0));
    const frame = {
      ...data,
      top,
      width,
      step: (width - LEFT) / Math.max(data.places.length, 1),
      high: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.max(value, 0) / top),
      at: positions(data.places, width, kind === "line" && dates.includes(x)),
    };
    const told = `${y} along ${x}: ${data.places.length} places, the highest value is ${Math.max(...values, 0)}. The table has all values.`;
    const draw = kind === "line" ? line : bars;
    const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": told },
      axes(frame), data.names.map((name, number) => draw(frame, name, number)));
    const legend = data.names.length > 1 && element("ul", { class: "legend" }, data.names.map((name, number) =>
      element("li", { class: `series-${number}` }, name)));
    const left = data.left > 0 && element("p", { class: "count" }, `The first ${MOST_PLACES} are drawn; ${data.left} more are in the table.`);
    drawing.replaceChildren(...[picture, legend, left].filter(Boolean));
  }
}

/** Where each place stands: one beside the other, or where its time is. */
function positions(places, width, along) {
  const step = (width - LEFT) / Math.max(places.length, 1);
  const times = places.map(moment);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (!along || !(last > first)) return places.map((_, index) => LEFT + step * (index + 0.5));
  return times.map((time) => LEFT + 24 + ((time - first) / (last - first)) * (width - LEFT - 56));
}

function axes({ places, top, high, width, step, at }) {
  const parts = [0, 0.25, 0.5, 0.75, 1].filter((part) => top >= 4 || Number.isInteger(top * part));
  const lines = parts.map((part) => {
    const y = high(top * part);
    return svg("g", {}, svg("line", { class: "grid", x1: LEFT, x2: width, y1: y, y2: y }),
      svg("text", { class: "tick", x: LEFT - 8, y: y + 4, "text-anchor": "end" }, `${+(top * part).toPrecision(3)}`));
  });
  const wide = Math.max(64, step);
  const fits = Math.floor((wide - 8) / 7.5);
  let free = 0;
  const names = places.flatMap((name, index) => {
    if (at[index] < free) return [];
    free = at[index] + wide;
    const text = name.length > fits ? `${name.slice(0, fits - 1)}…` : name;
    return [svg("text", { class: "tick", x: at[index], y: HEIGHT - BOTTOM + 20, "text-anchor": "middle" }, text)];
  });
  return [...lines, ...names];
}

const title = (place, name, value) => svg("title", {}, `${[place, name].filter(Boolean).join(", ")}: ${value}`);

function bars({ places, names, found, high, step, at }, name, number) {
  const wide = Math.min(80, step * 0.8) / names.length;
  return svg("g", { class: `series-${number}` }, places.map((place, index) => {
    const value = found.get(place).get(name) ?? 0;
    const x = at[index] + wide * (number - names.length / 2);
    return svg("rect", { x, y: high(value), width: wide, height: high(0) - high(value) }, title(place, name, value));
  }));
}

function line({ places, found, high, at }, name, number) {
  const points = places.map((place, index) => ({ x: at[index], value: found.get(place).get(name) ?? 0, place }));
  return svg("g", { class: `series-${number} line` },
    svg("polyline", { points: points.map(({ x, value }) => `${x},${high(value)}`).join(" ") }),
    points.map(({ x, value, place }) => svg("circle", { cx: x, cy: high(value), r: 4 }, title(place, name, value))));
}
