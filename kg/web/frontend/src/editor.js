// The query editor over the plain form of /query: YASGUI, with this service as its only endpoint.
import Yasgui from "@zazuko/yasgui";
import { known } from "./answer.js";
import { Chart } from "./chart.js";
import { choice, element } from "./dom.js";
import { PointMap } from "./map.js";
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
      // Tab leads on to the next control, as everywhere on the page
      extraKeys: { ...Yasqe.defaults.extraKeys, Tab: false, "Shift-Tab": false },
      collapsePrefixesOnLoad: false,
      screenReaderLabel: "SPARQL query",
    },
    yasr: { defaultPlugin: view, prefixes: known.prefixes },
  };
}

/** Names and roles that the editor's own elements lack. */
function name(root) {
  root.querySelectorAll(".yasqe textarea").forEach((area) => area.setAttribute("aria-label", "SPARQL query"));
  root.querySelectorAll(".tabsList input").forEach((field) => field.setAttribute("aria-label", "Name of the tab"));
  root.querySelectorAll(".CodeMirror-scroll").forEach((area) => area.setAttribute("tabindex", "-1"));
}

function examples(yasgui) {
  const open = (chosen) => {
    const found = known.questions.find((question) => question.name === chosen);
    if (!found) return;
    const tab = yasgui.addTab(true, { name: found.short, yasqe: { value: found.query } }, { avoidDuplicateTabs: true });
    tab.query().catch(() => {});
  };
  return choice("Example", [["", "Choose a question …"], ...known.questions.map(({ name, title }) => [name, title])], "", open);
}

function start(place, form) {
  const parameters = new URLSearchParams(location.search);
  const view = VIEWS.includes(parameters.get("view")) ? parameters.get("view") : "table";
  const given = form.elements.query.value;
  prepare();
  const room = element("div", { class: "room" });
  const yasgui = new Yasgui(room, settings(view));
  const plain = element("button", { type: "button", class: "quiet", onclick: () => show(false) }, "Plain text field");
  place.append(element("div", { class: "controls" }, examples(yasgui), plain), room);
  const back = element("button", { type: "button", class: "quiet", onclick: () => show(true) }, "Query editor");
  form.append(back);
  function show(editor) {
    if (!editor) form.elements.query.value = yasgui.getTab().getQuery();
    place.hidden = !editor;
    for (const part of document.querySelectorAll("[data-plain]")) part.hidden = editor;
    if (editor) yasgui.getTab().getYasqe().refresh();
  }
  yasgui.on("tabAdd", () => requestAnimationFrame(() => name(room)));
  yasgui.on("tabSelect", () => requestAnimationFrame(() => name(room)));
  yasgui.on("queryResponse", (_, tab) => history.replaceState(null, "", tab.getShareableLink()));
  yasgui.on("tabChange", (_, tab) => {
    if (tab === yasgui.getTab() && tab.hasResults()) history.replaceState(null, "", tab.getShareableLink());
  });
  show(true);
  if (given.trim()) {
    const tab = yasgui.addTab(true, { name: place.dataset.title || "Shared", yasqe: { value: given } }, { avoidDuplicateTabs: true });
    tab.getYasr()?.selectPlugin(view);
    tab.query().catch(() => {});
  }
  name(room);
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
