// The answer as a table: real headings, sorted and filtered by its reader, in pages.
import { columns, isNumber, rowsOf, shown, words } from "./answer.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { label } from "./labels.js";

const PAGE = 50;

export class Table {
  priority = 10;
  label = "Table";

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return rowsOf(this.yasr) !== null;
  }

  getIcon() {
    return icon("table");
  }

  download(name) {
    const getData = () => this.yasr.results.asCsv();
    return { getData, contentType: "text/csv", filename: `${name || "answer"}.csv`, title: "Download as CSV" };
  }

  draw() {
    this.answer = rowsOf(this.yasr);
    this.numeric = columns(this.answer, isNumber);
    Object.assign(this, { sorted: null, falling: false, wanted: "", page: 0 });
    this.count = element("p", { role: "status", class: "count" });
    this.body = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answer" });
    this.pages = element("nav", { class: "pages", "aria-label": "Pages of the answer" });
    const filter = element("input", {
      type: "search",
      oninput: (event) => this.#show({ wanted: event.target.value.toLowerCase(), page: 0 }),
    });
    const many = this.answer.rows.length > 1;
    const bar = element("div", { class: "controls" }, this.count, many && element("label", { class: "choice" }, "Filter", filter));
    this.yasr.resultsEl.append(element("div", { class: "view" }, bar, this.body, this.pages));
    this.#show({});
  }

  #rows() {
    let rows = this.answer.rows;
    if (this.wanted) {
      rows = rows.filter((row) => Object.values(row).some((value) => words(value).toLowerCase().includes(this.wanted)));
    }
    if (this.sorted === null) return rows;
    const name = this.sorted;
    const compare = this.numeric.includes(name)
      ? (a, b) => Number(a[name]?.value ?? -Infinity) - Number(b[name]?.value ?? -Infinity)
      : (a, b) => words(a[name]).localeCompare(words(b[name]), "en");
    const ordered = rows.toSorted(compare);
    return this.falling ? ordered.reverse() : ordered;
  }

  #heading(name) {
    const here = this.sorted === name;
    const sort = () => {
      this.#show({ sorted: name, falling: here && !this.falling, page: 0 });
      this.body.querySelector(`th[data-name="${CSS.escape(name)}"] button`)?.focus();
    };
    const state = here ? (this.falling ? "descending" : "ascending") : null;
    const mark = element("span", { "aria-hidden": "true" }, here ? (this.falling ? " ▾" : " ▴") : "");
    const button = element("button", { type: "button", onclick: sort, title: `Sort by ${name}` }, name, mark);
    return element("th", { scope: "col", "aria-sort": state, "data-name": name }, button);
  }

  #show(changes) {
    Object.assign(this, changes);
    const rows = this.#rows();
    const { names } = this.answer;
    const first = this.page * PAGE;
    const kind = (name, term) => (this.numeric.includes(name) ? "number" : term?.datatype?.endsWith("#date") && "day");
    const cells = (row) =>
      names.map((name) => element("td", { class: kind(name, row[name]) }, shown(row[name])));
    const total = this.answer.rows.length;
    this.count.textContent =
      rows.length === total ? `${total} ${total === 1 ? "row" : "rows"}` : `${rows.length} of ${total} rows`;
    this.body.replaceChildren(
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, names.map((name) => this.#heading(name)))),
        element("tbody", {}, rows.slice(first, first + PAGE).map((row) => element("tr", {}, cells(row)))),
      ),
    );
    this.#steps(rows.length);
    label(this.body);
  }

  #steps(number) {
    const last = Math.ceil(number / PAGE) - 1;
    const step = (text, page, able) =>
      element("button", { type: "button", disabled: !able, onclick: () => this.#show({ page }) }, text);
    this.pages.replaceChildren();
    if (last < 1) return;
    this.pages.append(
      step("Previous", this.page - 1, this.page > 0),
      element("span", {}, `Page ${this.page + 1} of ${last + 1}`),
      step("Next", this.page + 1, this.page < last),
    );
  }
}
