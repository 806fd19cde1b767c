// What the views have in common: the columns of an answer, what their values are, and where they lead.
import { element } from "./dom.js";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const NUMBERS = /(integer|decimal|double|float|int|long|short|byte|nonNegativeInteger|positiveInteger)$/;
const DAY = /^-?\d{4}(-\d{2}(-\d{2})?)?(T.*)?$/;
const POINT = /^(?:<[^>]+>\s*)?POINT\s*\(\s*(-?[\d.]+(?:e-?\d+)?)\s+(-?[\d.]+(?:e-?\d+)?)\s*\)$/i;

/** What the editor's data say: prefixes, terms, questions, and the IRI that everything minted here begins with. */
export const known = { base: "", prefixes: {}, terms: [], questions: [] };

/** The rows of an answer and its columns, or null where it has none. */
export function rowsOf(yasr) {
  const names = yasr.results?.getVariables();
  const rows = yasr.results?.getBindings();
  return names?.length && rows ? { names, rows } : null;
}

export const isNumber = (value) =>
  value?.datatype?.startsWith(XSD) && NUMBERS.test(value.datatype) && Number.isFinite(Number(value.value));
const DATES = [XSD + "date", XSD + "dateTime", XSD + "gYear", XSD + "gYearMonth"];
/** A date, or what is written as one (months come out of SUBSTR as plain text). */
export const isDate = (value) =>
  value?.type !== "uri" && DAY.test(value?.value ?? "") && (DATES.includes(value.datatype) || value.value.includes("-"));

/** Longitude and latitude of a point in Well-Known Text. */
export function pointOf(value) {
  if (value?.datatype !== WKT && !/^POINT/i.test(value?.value ?? "")) return null;
  const found = POINT.exec(value.value);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/** The columns in which every value that is there is of a kind, and at least one is there. */
export function columns({ names, rows }, isKind) {
  return names.filter((name) => {
    const there = rows.map((row) => row[name]).filter(Boolean);
    return there.length > 0 && there.every(isKind);
  });
}

/** An IRI in short, as a person would write it. */
export function short(iri) {
  if (known.base && iri.startsWith(known.base)) return iri.slice(known.base.length).replace(/^id\//, "");
  for (const [prefix, namespace] of Object.entries(known.prefixes)) {
    if (iri.startsWith(namespace)) return `${prefix}:${iri.slice(namespace.length)}`;
  }
  return iri;
}

/** Where an IRI leads: what is served here has a path here, under whatever host. */
export function target(iri) {
  const ours = known.prefixes.dipl;
  if (known.base && iri.startsWith(known.base)) return `/${iri.slice(known.base.length).replace(/^id\//, "page/")}`;
  if (ours && iri.startsWith(ours)) {
    const name = iri.slice(ours.length);
    return name.startsWith("topic-") ? `/topic/${name.slice(6)}` : `/ontology#${name}`;
  }
  return /^https?:/.test(iri) ? iri : null;
}

/** A value in words. */
export const words = (value) => (value ? (value.type === "uri" ? short(value.value) : value.value) : "");

/** A value as a page shows it: a link where it leads somewhere. */
export function shown(value) {
  if (value?.type !== "uri") return words(value);
  const href = target(value.value);
  const rel = href && !href.startsWith("/") ? "external nofollow noopener" : null;
  return href ? element("a", { href, rel, title: value.value, "data-iri": value.value }, short(value.value)) : short(value.value);
}

/** A row in words, without some of its columns. */
export function sentence({ names }, row, without = []) {
  const parts = names.filter((name) => !without.includes(name) && row[name]);
  return parts.map((name) => shown(row[name])).flatMap((part, number) => (number ? [" · ", part] : [part]));
}
