// Bundles ui/ into blueprints/static/dist/ (not in git). Every file gets its hash into its name, and
// manifest.json says which name stands for which source: {"main.js": "main-1A2B3C4D.js", …}.
//
// - Each entry is ui/NAME.js, ui/NAME.css or both. JavaScript comes out as modules
//   (<script type="module">); a dynamic import() becomes a file of its own, loaded when it is needed.
// - Of the style sheets only the rules stay whose names occur in templates, Python or JavaScript.
// - Pictures that a style sheet holds as data: addresses become files, so that the site's
//   Content-Security-Policy does not have to allow data:.
// - icons.svg is a sprite of the Tabler icons that are used: <svg class="icon"><use href="…#NAME"/></svg>.

import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const ROOT = path.dirname(import.meta.dirname);
const UI = path.join(ROOT, "ui");
const OUT = path.join(ROOT, "blueprints", "static", "dist");
const ENTRIES = ["main", "paper", "designer"];

// Where class names and icon names occur.
const SOURCES = ["blueprints/**/*.{html,py}", "designer/**/*.{html,py}", "engine/**/*.py", "ui/**/*.js"];
const DEFINITIONS = ["*_app.yaml", "apps/**/*.yaml"];
// Libraries whose scripts set class names themselves; only these of their files are looked through.
const LIBRARY_SOURCES = ["node_modules/tom-select/dist/js/tom-select.complete.js"];

// `icon: handshake` in a definition, icon("handshake") or icon="handshake" elsewhere; the tables of
// names that a template or module keeps in a variable called …icons are read whole.
const ICON_USE = /\bicon["']?\s*[(:=]\s*["']?([a-z][a-z0-9-]*)/g;
const ICON_TABLE = /\b\w*icons\b[^=\n]*=\s*[{[(]([^}\])]*)[}\])]/gi;
// Parts of Tabler that no page uses and whose names are ordinary words of ours, so that they would stay. None of
// them is the name of an HTML element.
const UNUSED_PARTS =
  /^(alert|badge|border|container|grid|lead|list|loader|markdown|mention|navbar|placeholder|signal|signature|status|steps|tag|toolbar|tooltip)$/;
const ICON_ATTRIBUTES =
  'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
const QUOTED = /["']([a-z][a-z0-9-]*)["']/g;

const files = (patterns) =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).filter((file) => !file.includes("/dist/"));
const texts = (patterns) => Promise.all(files(patterns).map((file) => readFile(path.join(ROOT, file), "utf8")));
const hashed = (name, extension, content) =>
  `${name}-${createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase()}${extension}`;

// Writes one file under its hashed name and answers that name, relative to dist/.
async function write(name, extension, content) {
  const file = hashed(name, extension, content);
  await mkdir(path.dirname(path.join(OUT, file)), { recursive: true });
  await writeFile(path.join(OUT, file), content);
  return file;
}

async function buildScripts(names) {
  if (names.length === 0) return {};
  const built = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => path.join(UI, `${name}.js`)),
    outdir: OUT,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    // The licences of what is bundled travel beside it.
    legalComments: "linked",
    metafile: true,
    entryNames: "[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    loader: { ".svg": "file" },
  });
  return Object.fromEntries(
    Object.entries(built.metafile.outputs)
      .filter(([, { entryPoint }]) => names.some((name) => entryPoint === `ui/${name}.js`))
      .map(([file, output]) => [path.relative("ui", output.entryPoint), path.relative(OUT, path.join(ROOT, file))]),
  );
}

async function withoutDataAddresses(css) {
  const address = /url\("data:image\/svg\+xml,([^"]*)"\)/g;
  const names = new Map();
  for (const [, encoded] of css.matchAll(address)) {
    names.set(encoded, await write("assets/picture", ".svg", decodeURIComponent(encoded)));
  }
  return css.replace(address, (_, encoded) => `url("./${names.get(encoded)}")`);
}

async function buildStyles(name, content) {
  const bundled = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [path.join(UI, `${name}.css`)],
    outdir: OUT,
    bundle: true,
    write: false,
    charset: "utf8",
    assetNames: "assets/[name]-[hash]",
    loader: { ".svg": "file", ".woff2": "file", ".png": "file" },
  });
  let css = "";
  for (const file of bundled.outputFiles) {
    if (file.path.endsWith(".css")) {
      css = file.text;
    } else {
      await mkdir(path.dirname(file.path), { recursive: true });
      await writeFile(file.path, file.contents);
    }
  }
  // What a template puts together, such as `columns-{{ count }}`, stands nowhere as a whole word.
  const begun = new Set(content.flatMap((raw) => [...raw.matchAll(/class="[^"]*?\b([a-z][a-z-]*-)\{\{/g)].map((found) => found[1])));
  const [purged] = await new PurgeCSS().purge({
    content: content.map((raw) => ({ raw, extension: "html" })),
    css: [{ raw: css }],
    variables: true,
    keyframes: true,
    blocklist: [UNUSED_PARTS],
    // Every word may be a class name, wherever it stands: in an attribute, a Python text, a Jinja expression.
    defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
    // Documents are written by others: all classes that stand inside .paper are theirs to use.
    safelist: { standard: [/^:/, "html", "body", "dark", "light", "htmx-request", ...[...begun].map((name) => new RegExp(`^${name}`))], greedy: [/^paper$/] },
  });
  const { code } = await esbuild.transform(await withoutDataAddresses(purged.css), {
    loader: "css",
    minify: true,
    legalComments: "inline",
    charset: "utf8",
  });
  return [css.length, await write(name, ".css", code)];
}

function iconNames(sources) {
  const names = new Set();
  for (const text of sources) {
    for (const [, name] of text.matchAll(ICON_USE)) names.add(name);
    for (const [, table] of text.matchAll(ICON_TABLE)) for (const [, name] of table.matchAll(QUOTED)) names.add(name);
  }
  return [...names].sort();
}

async function buildIcons(sources) {
  const nodes = JSON.parse(await readFile(path.join(ROOT, "node_modules/@tabler/icons/tabler-nodes-outline.json"), "utf8"));
  const shape = ([tag, attributes]) =>
    `<${tag} ${Object.entries(attributes)
      .map(([key, value]) => `${key}="${value}"`)
      .join(" ")}/>`;
  const symbols = iconNames(sources)
    .filter((name) => name in nodes)
    .map((name) => `<symbol id="${name}" ${ICON_ATTRIBUTES}>${nodes[name].map(shape).join("")}</symbol>`);
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
  console.log(`  ${symbols.length} icons`);
  return write("icons", ".svg", sprite);
}

async function printSizes(manifest) {
  for (const [source, file] of Object.entries(manifest)) {
    const content = await readFile(path.join(OUT, file));
    const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
    console.log(`  ${source.padEnd(14)}${kilobytes(content.length)}${kilobytes(gzipSync(content).length)} gzip  ${file}`);
  }
}

const entries = (extension) => ENTRIES.filter((name) => existsSync(path.join(UI, `${name}${extension}`)));

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const sources = await texts(SOURCES);
const libraries = await texts(LIBRARY_SOURCES);
const manifest = await buildScripts(entries(".js"));
for (const name of entries(".css")) {
  const [before, file] = await buildStyles(name, [...sources, ...libraries]);
  console.log(`  ${name}.css held ${Math.round(before / 1000)} kB before unused rules were taken out`);
  manifest[`${name}.css`] = file;
}
manifest["icons.svg"] = await buildIcons([...sources, ...(await texts(DEFINITIONS))]);
await writeFile(path.join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await printSizes(manifest);
