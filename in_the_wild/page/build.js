// Bundles src/ with three.js into viewer.html, the one file that is shipped: markup, styles, code, licences.
//
// The hash of all that went into it stands in its first line, by which a test finds out that it is not up to date.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const LICENCES = ["three", "uplot"];

/** The text of a source. */
const source = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** A SHA-256 over names and contents of all sources and of the versions that are bundled. */
function hashOfSources() {
  const names = [
    ...readdirSync(new URL("src", import.meta.url)).map((name) => `src/${name}`),
    "build.js",
    "package-lock.json",
  ];
  const digest = createHash("sha256");
  for (const name of names.sort()) digest.update(`${name}\n${source(name)}\n`);
  return digest.digest("hex");
}

const bundled = await build({
  entryPoints: [new URL("src/main.ts", import.meta.url).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  charset: "utf8",
  write: false,
});
// What would end the element that the code stands in.
const code = bundled.outputFiles[0].text.replaceAll("</script", "<\\/script");
const licences = LICENCES.map((name) => `${name}\n\n${source(`node_modules/${name}/LICENSE`).trim()}`);

const filled = {
  "/*styles*/": source("node_modules/uplot/dist/uPlot.min.css") + source("src/page.css"),
  "/*code*/": code,
  "<!--licences-->": `<!--\nThis page contains:\n\n${licences.join("\n\n\n")}\n-->`,
};
let page = source("src/page.html");
for (const [place, text] of Object.entries(filled)) page = page.replace(place, () => text);
page = page.replace("<!doctype html>\n", `<!doctype html>\n<!-- sources ${hashOfSources()} -->\n`);
writeFileSync(new URL("viewer.html", import.meta.url), page);
console.log(`viewer.html: ${Math.round(page.length / 1024)} kB`);
