// Bundles the page's browser code in memory, so that a fresh clone needs no build step.

import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ENTRY = fileURLToPath(new URL("./browser/main.tsx", import.meta.url));

/** The page's script, and the map from it to the sources. */
export async function bundlePage(): Promise<{ script: string; map: string }> {
  const bundle = await rolldown({
    input: ENTRY,
    platform: "browser",
  });
  try {
    const { output } = await bundle.generate({ format: "esm", sourcemap: true, minify: true });
    const [chunk] = output;
    return { script: chunk.code, map: chunk.map?.toString() ?? "" };
  } finally {
    await bundle.close();
  }
}
