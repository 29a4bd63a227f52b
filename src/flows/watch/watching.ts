// What the watch works with: the ports of every flow, and what it remembers itself.

import type { WatchRepository } from "../../ports/storage/watch.ts";
import type { Deps } from "../deps.ts";

export type Watching = Deps & { readonly book: WatchRepository };
