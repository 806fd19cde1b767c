// Reads JSON-LD documents as a program on Node would, and writes them as canonical N-Quads.
//
//     node to_rdf.js CONTEXT_ADDRESS CONTEXT_FILE < documents
//
// Standard input is a JSON list of documents, standard output the list of their quads. The context comes from the file; any
// other address is refused.
const fs = require("node:fs");
const jsonld = require("jsonld");

const [address, file] = process.argv.slice(2);
const context = JSON.parse(fs.readFileSync(file, "utf8"));

async function documentLoader(url) {
  if (url !== address) throw new Error(`${url} is not fetched`);
  return { contextUrl: null, documentUrl: url, document: context };
}

async function main() {
  const documents = JSON.parse(fs.readFileSync(0, "utf8"));
  const found = [];
  for (const document of documents) {
    found.push(await jsonld.canonize(document, { documentLoader, format: "application/n-quads", algorithm: "URDNA2015" }));
  }
  process.stdout.write(JSON.stringify(found));
}

main();
