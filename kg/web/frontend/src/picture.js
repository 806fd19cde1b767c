// What the drawn views share: they take part in the editor as views, and can be downloaded as SVG.
import { rowsOf } from "./answer.js";
import { icon } from "./icons.js";
import { label } from "./labels.js";

const COPIED = ["fill", "stroke", "stroke-width", "font-family", "font-size", "text-anchor", "opacity", "stroke-dasharray"];

/** A drawing as a file of its own: what the page's style sheet says is written into it. */
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  const from = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((part, number) => {
    const style = getComputedStyle(from[number]);
    for (const name of COPIED) part.setAttribute(name, style.getPropertyValue(name));
    part.removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

/** How wide a drawing is to be, so that its letters are as large as the page's. */
export const room = (place) => Math.max(320, Math.min(960, (place.clientWidth || 960) - 18));

/** A view that draws; `draws` tells whether it can draw an answer, `into` draws it. */
export class Picture {
  priority = 1;

  constructor(yasr, name, label) {
    Object.assign(this, { yasr, name, label });
  }

  canHandleResults() {
    const answer = rowsOf(this.yasr);
    return answer !== null && answer.rows.length > 0 && this.draws(answer);
  }

  getIcon() {
    return icon(this.name);
  }

  download(name) {
    const getData = () => standalone(this.yasr.resultsEl.querySelector("svg"));
    return { getData, contentType: "image/svg+xml", filename: `${name || "answer"}.svg`, title: "Download as SVG" };
  }

  async draw() {
    const place = document.createElement("div");
    place.className = `view ${this.name}`;
    this.yasr.resultsEl.append(place);
    await this.into(place, rowsOf(this.yasr));
    label(place);
  }
}
