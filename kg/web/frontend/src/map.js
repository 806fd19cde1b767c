// Points of an answer over the outlines of countries; no tiles, no other host.
import { mesh } from "topojson-client";
import { columns, isNumber, pointOf, sentence, words } from "./answer.js";
import { element, svg } from "./dom.js";
import { Picture } from "./picture.js";

const WIDTH = 960;
const HEIGHT = 480;
const NORTH = 84;
const SOUTH = -58;
const MOST_LISTED = 200;

/** Where a point lies in the picture (the plain cylindrical projection, which needs no library). */
export const project = ([longitude, latitude]) => [((longitude + 180) / 360) * WIDTH, ((90 - latitude) / 180) * HEIGHT];

/** The columns that tell where: one with points in Well-Known Text, or a pair of latitude and longitude. */
export function placesIn(answer) {
  const [point] = columns(answer, pointOf);
  if (point) return { used: [point], at: (row) => pointOf(row[point]) };
  const numbers = columns(answer, (value) => Number.isFinite(Number(value.value)) && (isNumber(value) || !value.datatype));
  const latitude = numbers.find((name) => /^lat(itude)?$/i.test(name));
  const longitude = numbers.find((name) => /^(lon|lng|long|longitude)$/i.test(name));
  if (!latitude || !longitude) return null;
  const at = (row) => row[latitude] && row[longitude] ? [Number(row[longitude].value), Number(row[latitude].value)] : null;
  return { used: [latitude, longitude], at };
}

export class PointMap extends Picture {
  static #outlines;

  constructor(yasr) {
    super(yasr, "map", "Map");
  }

  draws(answer) {
    return placesIn(answer) !== null;
  }

  static outlines(address) {
    PointMap.#outlines ??= fetch(address).then((reply) => reply.json()).then((world) => {
      // a line that runs over the edge of the map is broken there
      const broken = (points, number) => !number || Math.abs(points[number][0] - points[number - 1][0]) > 180;
      const step = (points, number) => `${broken(points, number) ? "M" : "L"}${project(points[number]).map((n) => n.toFixed(1)).join(" ")}`;
      const line = (points) => points.map((_, number) => step(points, number)).join("");
      return mesh(world, world.objects.countries).coordinates.map(line).join("");
    });
    return PointMap.#outlines;
  }

  async into(place, answer) {
    const { used, at } = placesIn(answer);
    const spots = new Map();
    for (const row of answer.rows) {
      const point = at(row);
      if (!point) continue;
      const key = point.join(" ");
      const spot = spots.get(key) ?? spots.set(key, { point, rows: [] }).get(key);
      spot.rows.push(row);
    }
    const picture = svg("svg", {
      viewBox: this.#window([...spots.values()].map((spot) => project(spot.point))),
      role: "img",
      "aria-label": `${spots.size} places on a map. They are listed below it.`,
    });
    const scale = Number(picture.getAttribute("viewBox").split(" ")[2]) / WIDTH;
    const outline = svg("path", { class: "outline", "stroke-width": scale });
    const circles = [...spots.values()].sort((a, b) => b.rows.length - a.rows.length).map(({ point, rows }) => {
      const [cx, cy] = project(point);
      const told = [...new Set(rows.map((row) => this.#text(answer, row, used)))].slice(0, 5);
      const r = scale * Math.min(28, 5 + 2 * Math.sqrt(rows.length));
      return svg("circle", { class: "spot", cx, cy, r, "stroke-width": scale * 1.5 }, svg("title", {}, told.join("\n")));
    });
    picture.append(outline, ...circles);
    const texts = new Map(answer.rows.filter(at).map((row) => [this.#text(answer, row, used), row]));
    const listed = [...texts.values()].slice(0, MOST_LISTED);
    place.append(element("div", { class: "drawing" }, picture),
      element("ol", { class: "spots" }, listed.map((row) => element("li", {}, sentence(answer, row, used)))));
    outline.setAttribute("d", await PointMap.outlines(document.getElementById("editor").dataset.countries));
  }

  #text({ names }, row, used) {
    return names.filter((name) => !used.includes(name)).map((name) => words(row[name])).filter(Boolean).join(" · ");
  }

  /** The part of the world that is shown: what has points in it, with room around; twice as wide as high, save for the whole. */
  #window(points) {
    const [top, bottom] = [project([0, NORTH])[1], project([0, SOUTH])[1]];
    if (!points.length) return `0 ${top} ${WIDTH} ${bottom - top}`;
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, high, low] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const width = Math.min(WIDTH, Math.max(WIDTH / 8, (right - left) * 1.4, (low - high) * 2.8));
    const height = Math.min(width / 2, bottom - top);
    const x = Math.max(0, Math.min(WIDTH - width, (left + right - width) / 2));
    const y = Math.max(Math.min(top, high), Math.min(Math.max(bottom, low) - height, (high + low - height) / 2));
    return [x, y, width, height].map((number) => number.toFixed(1)).join(" ");
  }
}
