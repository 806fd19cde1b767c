// Names in the place of IRIs: what this service calls the things of an answer, asked for once and kept.
import { known } from "./answer.js";

const MOST = 200;
const names = new Map();

const ours = (iri) => iri.startsWith(known.base) || iri.startsWith(known.prefixes.dipl);
const unsafe = /[<>"{}|\\^`\u0000-\u0020]/;

async function ask(iris) {
  const listed = iris.map((iri) => `<${iri}>`).join(" ");
  const query = `SELECT ?s (MIN(?l) AS ?label) WHERE { VALUES ?s { ${listed} } ?s <${known.prefixes.rdfs}label> ?l } GROUP BY ?s`;
  const headers = { Accept: "application/sparql-results+json" };
  const reply = await fetch("/sparql", { method: "POST", headers, body: new URLSearchParams({ query }) });
  if (!reply.ok) return;
  const { results } = await reply.json();
  for (const { s, label } of results.bindings) if (label) names.set(s.value, label.value);
}

/** Put names on the links below an element; an IRI without one stays as it is. */
export async function label(place) {
  const links = [...place.querySelectorAll("a[data-iri]")].filter(({ dataset }) => ours(dataset.iri) && !unsafe.test(dataset.iri));
  const asked = [...new Set(links.map(({ dataset }) => dataset.iri))].filter((iri) => !names.has(iri)).slice(0, MOST);
  for (const iri of asked) names.set(iri, null);
  if (asked.length) await ask(asked).catch(() => {}); // without names the answer is as good as before
  for (const link of links) {
    const name = names.get(link.dataset.iri);
    if (name) link.textContent = name;
  }
}
