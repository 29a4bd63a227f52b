// `npm run test:image`: the image built for real, which takes minutes and needs root, buildah and mmdebstrap.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/image/built.test.ts"],
    testTimeout: 60_000,
  },
});
