// What the log says of something thrown: of a fault what matters, of a bug everything.

import { isFault } from "../../ports/fault.ts";

export const factsOf = (thrown: unknown): object =>
  isFault(thrown)
    ? { code: thrown.code, source: thrown.source, message: thrown.message }
    : { err: thrown };
