// What the watch works with: its ports, and what it remembers itself.

import type { WatchRepository } from "../../ports/storage/watch-repository.ts";
import type { Deps } from "../deps.ts";

export type Watching = Pick<
  Deps,
  "requests" | "callKeys" | "azure" | "clock" | "log" | "policy" | "onCommitted"
> & { readonly watchRepository: WatchRepository };
