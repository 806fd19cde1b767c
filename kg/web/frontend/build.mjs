// Makes the files of kg/web/static/vendor: one script and one style sheet for the query editor, the outlines of countries,
// and the licences of the packages that are in them. Run by build.py: node build.mjs FOLDER
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import esbuild from "esbuild";

const out = path.resolve(process.argv[2]);
const LICENCE = /^(licen[cs]e|copying)(\.|-|$)/i;

// The editor's tooltip for a wrong line has a style attribute in a string of HTML, which our Content-Security-Policy refuses.
const STYLED = "<strong style='text-decoration:underline'>";
const withoutStyleAttributes = {
  name: "without-style-attributes",
  setup(build) {
    build.onLoad({ filter: /yasgui\.esm\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      if (text.split(STYLED).length !== 2) throw new Error(`${file} is not the version that build.mjs was written for.`);
      return { contents: text.replace(STYLED, "<strong>"), loader: "js" };
    });
  },
};

async function licences() {
  const { packages } = JSON.parse(await readFile("package-lock.json", "utf8"));
  const shipped = Object.entries(packages).filter(([folder, it]) => folder && !it.dev && !it.optional);
  const found = await Promise.all(
    shipped.map(async ([folder]) => {
      const told = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
      const files = (await readdir(folder)).filter((name) => LICENCE.test(name)).sort();
      const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), "utf8")));
      const licence = told.license ?? (told.licenses ?? []).map((one) => one.type).join(" OR ");
      return { name: told.name, version: told.version, licence, text: texts.join("\n\n").trim() };
    }),
  );
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

await mkdir(out, { recursive: true });
await esbuild.build({
  entryPoints: ["src/editor.js"],
  outfile: path.join(out, "editor.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none", // all licences are told in full in licences.json
  plugins: [withoutStyleAttributes],
  logLevel: "warning",
});
await esbuild.build({
  entryPoints: ["node_modules/@zazuko/yasgui/build/yasgui.min.css"],
  outfile: path.join(out, "editor.css"),
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
await copyFile("node_modules/world-atlas/countries-110m.json", path.join(out, "countries.json"));
await writeFile(path.join(out, "licences.json"), JSON.stringify(await licences(), null, 1));
// for the browser tests alone, and in no release
await copyFile("node_modules/axe-core/axe.min.js", path.join(out, "..", "axe.min.js"));
