// Completion of the ontology's terms and of prefixes, from this service's own data.
import { known } from "./answer.js";
import { element } from "./dom.js";

const MOST = 50;
const CLASS_OF = new Set(["a", "rdf:type", "rdfs:subClassOf", "rdfs:domain", "rdfs:range"]);

/** How well a term fits what has been typed: lower is better, null not at all. */
export function fit(term, typed) {
  if (!typed) return 3;
  const name = term.name.toLowerCase();
  if (name.startsWith(typed)) return 0;
  const local = name.slice(name.indexOf(":") + 1);
  if (local.startsWith(typed)) return 1;
  return term.label.toLowerCase().split(/\s+/).some((word) => word.startsWith(typed)) ? 2 : null;
}

/** The terms to offer where `typed` stands, after the property `property` (or null). */
export function offered(terms, typed, property) {
  const wanted = typed.toLowerCase();
  const codes = property ? `${property}-` : null;
  const kind = property === null ? "property" : CLASS_OF.has(property) ? "class" : "individual";
  const rank = (term) => {
    const how = fit(term, wanted);
    if (how === null) return null;
    return how + (codes && term.name.startsWith(codes) ? -10 : 0) + (term.kind === kind ? 0 : 4);
  };
  const ranked = terms.map((term) => [rank(term), term]).filter(([how]) => how !== null);
  return ranked.sort(([a, one], [b, other]) => a - b || one.name.localeCompare(other.name)).slice(0, MOST).map(([, term]) => term);
}

/** The property whose object is being typed, or null where a property is. */
function propertyBefore(yasqe, token) {
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
  const text = before?.string ?? "";
  if (text === "a" || /^[\w-]*:[\w-]+$/.test(text)) return text;
  return text === "," ? (token.state.lastProperty || null) : null;
}

function take(term) {
  return (editor, data, hint) => {
    editor.replaceRange(term.name, hint.from ?? data.from, hint.to ?? data.to, "complete");
    const prefix = term.name.slice(0, term.name.indexOf(":"));
    if (!(prefix in editor.getPrefixesFromQuery())) editor.addPrefixes({ [prefix]: known.prefixes[prefix] });
  };
}

function line(term) {
  return (place) => {
    place.append(element("b", {}, term.name), " ", element("span", { class: "about" }, term.definition || term.label));
  };
}

export const terms = {
  name: "terms",
  bulk: false,
  autoShow: true,
  isValidCompletionPosition(yasqe) {
    const token = yasqe.getCompleteToken();
    const text = token.string.trim();
    const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token).string.toUpperCase();
    if (before === "PREFIX" || before === "BASE" || /^[?$<"'#]/.test(text)) return false;
    return text.includes(":") || (/^[a-z]{2,}$/i.test(text) && token.type !== "keyword");
  },
  get(yasqe) {
    const token = yasqe.getCompleteToken();
    const found = offered(known.terms, token.string.trim(), propertyBefore(yasqe, token));
    return found.map((term) => term.name);
  },
  postprocessHints(_yasqe, hints) {
    return hints.map((hint) => {
      const term = known.terms.find((one) => one.name === hint.text);
      return term ? { ...hint, hint: take(term), render: line(term) } : hint;
    });
  },
};

/** The editor's own completion of prefixes, with ours in the place of its list. */
export function ourPrefixes(theirs) {
  const get = () => Object.entries(known.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`).sort();
  return { ...theirs, get, persistenceId: null };
}
