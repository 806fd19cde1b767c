// Small pictures for the buttons of the views, drawn for this page.
import { svg } from "./dom.js";

const PATHS = {
  table: "M2 3h20v18H2zM2 9h20M2 15h20M9 3v18",
  chart: "M3 3v18h18M8 17v-5M13 17V8M18 17v-8",
  map: "M12 22s7-7 7-12a7 7 0 1 0-14 0c0 5 7 12 7 12zM12 7.500a2.500 2.500 0 1 1 0 5a2.500 2.500 0 1 1 0-5",
  response: "M3 5h18M3 10h12M3 15h18M3 20h9",
  timeline: "M2 12h20M6 12V6M12 12v7M18 12V4",
};

export function icon(name) {
  const line = { fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linejoin": "round" };
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", ...line }, svg("path", { d: PATHS[name] }));
}
