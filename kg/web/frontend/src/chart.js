// Numbers of an answer as bars, or as lines where they go along time.
import { columns, isDate, isNumber, words } from "./answer.js";
import { choice, element, svg } from "./dom.js";
import { Picture } from "./picture.js";

const WIDTH = 960;
const HEIGHT = 400;
const LEFT = 56;
const BOTTOM = 64;
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
    const top = ceiling(Math.max(...values, 0));
    const step = (WIDTH - LEFT) / Math.max(data.places.length, 1);
    const high = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.max(value, 0) / top);
    const picture = svg("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${y} along ${x}: ${data.places.length} places, the highest value is ${Math.max(...values, 0)}. The table has all values.`,
    });
    picture.append(...this.#axes(data, top, high, step));
    data.names.forEach((name, number) => {
      picture.append(kind === "line" ? this.#line(data, name, number, high, step) : this.#bars(data, name, number, high, step));
    });
    const legend = data.names.length > 1 && element("ul", { class: "legend" }, data.names.map((name, number) =>
      element("li", { class: `series-${number}` }, name)));
    const left = data.left && element("p", { class: "count" }, `The first ${MOST_PLACES} are drawn; ${data.left} more are in the table.`);
    drawing.replaceChildren(...[picture, legend, left].filter(Boolean));
  }

  #axes({ places }, top, high, step) {
    const lines = [0, 0.25, 0.5, 0.75, 1].filter((part) => top >= 4 || Number.isInteger(top * part)).map((part) => {
      const at = high(top * part);
      return svg("g", {}, svg("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: at, y2: at }),
        svg("text", { class: "tick", x: LEFT - 8, y: at + 4, "text-anchor": "end" }, `${+(top * part).toPrecision(3)}`));
    });
    const every = Math.ceil(places.length / 12);
    const fits = Math.max(6, Math.floor((step * every) / 7.5));
    const names = places.flatMap((name, number) => number % every ? [] : [
      svg("text", { class: "tick", x: LEFT + step * (number + 0.5), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle" },
        name.length > fits ? `${name.slice(0, fits - 1)}…` : name),
    ]);
    return [...lines, ...names];
  }

  #bars({ places, names, found }, name, number, high, step) {
    const wide = (step * 0.8) / names.length;
    return svg("g", { class: `series-${number}` }, places.map((place, index) => {
      const value = found.get(place).get(name) ?? 0;
      const x = LEFT + step * (index + 0.1) + wide * number;
      return svg("rect", { x, y: high(value), width: wide, height: high(0) - high(value) },
        svg("title", {}, `${[place, name].filter(Boolean).join(", ")}: ${value}`));
    }));
  }

  #line({ places, found }, name, number, high, step) {
    const points = places.map((place, index) => [LEFT + step * (index + 0.5), found.get(place).get(name) ?? 0, place]);
    return svg("g", { class: `series-${number} line` },
      svg("polyline", { points: points.map(([x, value]) => `${x},${high(value)}`).join(" ") }),
      points.map(([x, value, place]) => svg("circle", { cx: x, cy: high(value), r: 4 },
        svg("title", {}, `${[place, name].filter(Boolean).join(", ")}: ${value}`))));
  }
}
