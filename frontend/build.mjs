// Builds build/static/cyber360/ from the npm packages: one style sheet and two scripts, nothing else.
// A sourceMappingURL to a file that is not shipped stops `collectstatic` with hashed names, so it is removed.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "build", "static", "cyber360");
const withoutMap = (text) => text.replace(/\/\*# sourceMappingURL=.*?\*\/|\/\/# sourceMappingURL=.*$/gm, "").trimEnd() + "\n";

await mkdir(out, { recursive: true });
const { css } = sass.compile(join(root, "frontend", "app.scss"), {
  loadPaths: [join(root, "node_modules")],
  style: "compressed",
  quietDeps: true,
});
for (const unwanted of ["GDS Transport", "@font-face", "govuk-crest", "url("]) {
  if (css.includes(unwanted)) throw new Error(`The style sheet must not contain "${unwanted}"`);
}
await writeFile(join(out, "govuk.css"), withoutMap(css));
const script = join(root, "node_modules", "govuk-frontend", "dist", "govuk", "govuk-frontend.min.js");
await writeFile(join(out, "govuk-frontend.min.js"), withoutMap(await readFile(script, "utf8")));
const tus = join(root, "node_modules", "tus-js-client", "dist", "tus.min.js");
await writeFile(join(out, "tus.min.js"), withoutMap(await readFile(tus, "utf8")));
