// The answer as it came, for those who read JSON or Turtle.
import { element } from "./dom.js";
import { icon } from "./icons.js";

const MOST_CHARACTERS = 200_000;
const ENDINGS = { json: "json", xml: "xml", csv: "csv", tsv: "tsv", ttl: "ttl" };

export class Response {
  priority = 2;
  label = "Response";

  constructor(yasr) {
    this.yasr = yasr;
  }

  get #text() {
    return this.yasr.results?.getOriginalResponseAsString?.() ?? "";
  }

  canHandleResults() {
    return this.#text.length > 0;
  }

  getIcon() {
    return icon("response");
  }

  download(name) {
    const filename = `${name || "answer"}.${ENDINGS[this.yasr.results.getType()] ?? "txt"}`;
    const contentType = this.yasr.results.getContentType() || "text/plain";
    return { getData: () => this.#text, contentType, filename, title: "Download as it came" };
  }

  draw() {
    const text = this.#text;
    const cut = text.length > MOST_CHARACTERS;
    this.yasr.resultsEl.append(
      element("pre", { class: "data", tabindex: "0", "aria-label": "Response" }, text.slice(0, MOST_CHARACTERS)),
      cut ? element("p", { class: "count" }, "The rest is in the download.") : "",
    );
  }
}
