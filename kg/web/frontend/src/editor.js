// The query editor over the plain form of /query: YASGUI, with this service as its only endpoint.
import Yasgui from "@zazuko/yasgui";
import { known } from "./answer.js";
import { Chart } from "./chart.js";
import { choice, element } from "./dom.js";
import { PointMap } from "./map.js";
import { Response } from "./response.js";
import { Table } from "./table.js";
import { ourPrefixes, terms } from "./terms.js";
import { Timeline } from "./timeline.js";

const VIEWS = ["table", "chart", "map", "timeline", "response"];
const { Yasqe, Yasr } = Yasgui;

/** The address under which a query and the view of its answer can be opened again. */
function address(query, view) {
  const parts = new URLSearchParams({ query });
  if (view && view !== "table") parts.set("view", view);
  return `${location.origin}/query?${parts}`;
}

/** What the service says of an error is a problem document (RFC 9457); its sentence is what is shown. */
async function told(error) {
  try {
    return element("p", { role: "alert" }, JSON.parse(error.text).detail);
  } catch {
    return undefined;
  }
}

function prepare() {
  Yasqe.registerAutocompleter(terms);
  Yasqe.registerAutocompleter(ourPrefixes(Yasqe.Autocompleters.prefixes));
  Yasqe.defaults.autocompleters = ["prefixes", "variables", "terms"];
  Yasr.registerPlugin("table", Table);
  Yasr.registerPlugin("chart", Chart);
  Yasr.registerPlugin("map", PointMap);
  Yasr.registerPlugin("timeline", Timeline);
  Yasr.registerPlugin("response", Response);
  Yasr.defaults.pluginOrder = VIEWS;
  Yasr.defaults.errorRenderers = [told];
  Yasgui.Tab.prototype.getShareableLink = function () {
    return address(this.getQuery(), this.getYasr()?.getSelectedPluginName());
  };
}

function settings(view) {
  return {
    persistenceId: "diplomatic-kg",
    populateFromUrl: false,
    autofocus: false,
    copyEndpointOnNewTab: false,
    endpointCatalogueOptions: { getData: () => [] },
    requestConfig: { endpoint: () => `${location.origin}/sparql`, method: "POST" },
    yasqe: {
      value: known.blank,
      showQueryButton: false, // the bar below has one with words
      // Tab leads on to the next control, as everywhere on the page
      extraKeys: { ...Yasqe.defaults.extraKeys, Tab: false, "Shift-Tab": false },
      collapsePrefixesOnLoad: false,
      // the text itself is what is focused and read aloud, not a hidden field beside it
      inputStyle: "contenteditable",
      screenReaderLabel: "SPARQL query",
    },
    yasr: { defaultPlugin: view, prefixes: known.prefixes },
  };
}

/** Names and roles that the editor's own elements lack. */
function name(root) {
  for (const area of root.querySelectorAll(".yasqe [contenteditable]")) {
    area.setAttribute("role", "textbox");
    area.setAttribute("aria-multiline", "true");
    area.setAttribute("aria-label", "SPARQL query");
  }
  for (const field of root.querySelectorAll(".tabsList input")) field.setAttribute("aria-label", "Name of the tab");
}

function examples(yasgui) {
  const open = (chosen) => {
    const found = known.questions.find((question) => question.name === chosen);
    if (!found) return;
    const tab = opened(yasgui, found.short, found.query);
    document.querySelector("h1").textContent = found.title;
    run(tab);
  };
  return choice("Example", [["", "Choose a question …"], ...known.questions.map(({ name, title }) => [name, title])], "", open);
}

const run = (tab) => tab.query().catch(() => {}); // what went wrong is shown with the answer

/** A tab with a query: one that has it, the first one while nothing has been written in it, or a new one. */
function opened(yasgui, title, query) {
  const tab = yasgui.getTab();
  const there = Object.values(yasgui._tabs).find((one) => one.getPersistedJson().yasqe.value === query);
  if (there) {
    yasgui.selectTabId(there.getId());
    return there;
  }
  if (tab?.getQuery() === known.blank) return tab.setName(title).setQuery(query);
  return yasgui.addTab(true, { name: title, yasqe: { value: query } });
}

/** The address of a tab's query, shown and copied where the browser lets a page do so. */
async function share(tab, place) {
  const link = element("input", { type: "text", readonly: true, value: tab.getShareableLink(), "aria-label": "Link to this query" });
  const told = element("span", { role: "status" });
  place.replaceChildren(link, told);
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
    told.textContent = "Copied";
  } catch {
    link.focus(); // to be copied by hand
  }
}

/** The buttons between a query and its answer. */
function bar(tab) {
  const go = () => (tab.getYasqe().isQuerying ? tab.getYasqe().abortQuery() : run(tab));
  const button = element("button", { type: "button", class: "run", onclick: go, title: "Ctrl+Enter" }, "Run");
  const link = element("span", { class: "link" });
  const busy = (state) => () => {
    tab.getYasqe().isQuerying = state;
    button.textContent = state ? "Stop" : "Run";
  };
  tab.on("query", busy(true));
  tab.on("queryResponse", busy(false));
  tab.on("queryAbort", busy(false));
  const sharing = element("button", { type: "button", class: "quiet share", onclick: () => share(tab, link) }, "Share");
  return element("div", { class: "controls" }, button, sharing, link);
}

function start(place, form) {
  const parameters = new URLSearchParams(location.search);
  const view = VIEWS.includes(parameters.get("view")) ? parameters.get("view") : "table";
  const given = form.elements.query.value;
  prepare();
  const room = element("div", { class: "room" });
  const yasgui = new Yasgui(room, settings(view));
  const furnish = () => {
    name(room);
    for (const tab of Object.values(yasgui._tabs)) {
      const editor = document.getElementById(tab.getId())?.querySelector(".editorwrapper");
      if (editor && !editor.querySelector(".run")) editor.append(bar(tab));
    }
  };
  const show = (editor) => {
    if (!editor) form.elements.query.value = yasgui.getTab().getQuery();
    place.hidden = !editor;
    for (const part of document.querySelectorAll("[data-plain]")) part.hidden = editor;
    if (editor) yasgui.getTab().getYasqe().refresh();
  };
  const located = () => history.replaceState(null, "", yasgui.getTab().getShareableLink());
  const more = element("button", { type: "button", class: "quiet", onclick: () => yasgui.addTab(true) }, "New tab");
  const plain = element("button", { type: "button", class: "quiet", onclick: () => show(false) }, "Plain text field");
  place.append(element("div", { class: "controls" }, examples(yasgui), more, plain), room);
  form.querySelector(".controls").append(
    element("button", { type: "button", class: "quiet", onclick: () => show(true) }, "Query editor"),
  );
  for (const event of ["tabAdd", "tabSelect"]) yasgui.on(event, () => requestAnimationFrame(furnish));
  // the heading may be the question of another tab
  yasgui.on("tabSelect", () => (document.querySelector("h1").textContent = "Query in SPARQL"));
  yasgui.on("queryResponse", located);
  yasgui.on("tabChange", (_, tab) => tab === yasgui.getTab() && tab.hasResults() && located());
  show(true);
  furnish();
  if (given.trim()) {
    const tab = opened(yasgui, place.dataset.title || "Shared", given);
    furnish();
    tab.getYasr()?.selectPlugin(view);
    run(tab);
  }
  document.documentElement.dataset.editor = "ready";
}

const place = document.getElementById("editor");
const form = document.getElementById("plain");
if (place && form) {
  fetch(place.dataset.known)
    .then((reply) => reply.json())
    .then((found) => {
      Object.assign(known, found);
      start(place, form);
    });
}
