// Deliveries that wrote nothing, known again for some minutes.

import { z } from "zod";
import type { Deliveries } from "../../../ports/storage/deliveries.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES } from "../scripts/script-parts.ts";
import type { Tools } from "../scripts/tools.ts";

/** Keys: delivery. Arguments: delivered. Results: first; repeated. */
const FIRST_DELIVERY: Script<"delivery", "first" | "repeated"> = {
  name: "jitFirstDelivery",
  keys: ["delivery"],
  writes: true,
  result: z.enum(["first", "repeated"]),
  lua: `${DELIVERIES}
if is_repeated() then return 'repeated' end
note_delivery()
return 'first'
`,
};

export const redisDeliveries = ({ run, keys }: Tools): Deliveries => ({
  take: async (delivery) => {
    const seen = { keys: { delivery: keys.delivery(delivery) }, args: { delivered: true } };
    return (await run(FIRST_DELIVERY, seen)) === "first";
  },
});
