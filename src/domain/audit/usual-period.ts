// How far back the audit looks for somebody who names no period.

import { DAY_MS } from "../text/duration.ts";

export const USUAL_PERIOD_MS = 7 * DAY_MS;
