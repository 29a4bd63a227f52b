// How large a Redis has to be: lets the bot open and end grants on a real one, weighs what they leave, and says what so
// many requests a day come to.
// Usage: node test/bench/redis-size.ts [--requests-a-day 100] [--keep-for-days 400]

import { parseArgs } from "node:util";
import { startBench } from "./programs.ts";
import { bytesOfEach, measureGrantBytes } from "./redis-cost.ts";

const options = {
  "requests-a-day": { type: "string", default: "100" },
  "keep-for-days": { type: "string", default: "400" },
} as const;
const { values } = parseArgs({ options });
const aDay = Number(values["requests-a-day"]);
const keptDays = Number(values["keep-for-days"]);
if (!(aDay > 0 && keptDays > 0)) throw new Error("Both are numbers above 0.");

/** Each in a place of its own, of those that the bench has. */
const COUNT = 60;
/** As long the bot keeps the documents of what is over. */
const OVER_DAYS = 30;

const bench = await startBench();
const { bot } = bench.programs;
const places = Array.from({ length: COUNT }, (_, place) => place);
try {
  await bot.start();
  // Each a minute long, all at once.
  const lives = () => Promise.all(places.map((place) => bot.wholeLife(place)));
  const { bytes: over } = await bytesOfEach(bench, COUNT, lives);
  const open = await measureGrantBytes(bench, COUNT);
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;
  const documents = over.standing * aDay * OVER_DAYS;
  const audit = over.audit * aDay * keptDays;
  process.stdout.write(`open grant: ${kilobytes(open.standing)}
request that is over: ${kilobytes(over.standing)}, for ${OVER_DAYS} days
its audit log: ${kilobytes(over.audit)}, for ${keptDays} days
${aDay} requests a day: ${megabytes(documents)} + ${megabytes(audit)}; give Redis twice that: ${megabytes(2 * (documents + audit))}
`);
} finally {
  await bench.close();
}
