// Writes the JSON Schema for editors. After a change of the schema:
// node test/config/write-json-schema.ts && npx biome format --write src/config/jit.schema.json

import { writeFileSync } from "node:fs";
import { policyJsonSchema } from "../../src/config/policy-file/read-policy-file.ts";

const file = new URL("../../src/config/jit.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
