// A network that is a list: chosen from, unless the policy file says that Azure takes lists; then sent and read back whole.

import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const LIST = ["198.51.100.0/25", "198.51.100.128/25"];
const file = (more: string) =>
  `${more}${POLICY.replace("office: 198.51.100.0/24", `office: [${LIST.join(", ")}]`).replaceAll("networks: [vpn, any]", "networks: [vpn, any, office]")}`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const cardSays = (id: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .messages("C0DEV")
        .map((one) => world.slack.plainText(one))
        .find((shown) => shown.includes(id) && shown.includes(text)),
    { what: `${id} to say ${text}`, timeoutMs: 30_000 },
  );

const approve = (ts: string) =>
  world.slack.click({ user: "U0LEAD", channel: "C0DEV", ts, actionId: "jit.approve" });

it("is a choice where nothing is said", async () => {
  const bot = await world.startBot({ policy: file("") });
  const answer = await typed(world, "U0ERIN", "explain dev-01 22 1h from office");
  for (const one of LIST) expect(answer).toContain(`from ${one}`);
  await bot.kill();
});

it("is sent and seen whole where the file says that Azure takes it", async () => {
  await world.startBot({ policy: file("azure: { sourceLists: true }\n") });
  const { id, card } = await ask(world, "dev-01 22 1h from office for x", { channel: "C0DEV" });
  await approve(card.ts);
  await cardSays(id, "Open until");
  const sent = () => world.azure.calls.filter(({ path }) => path.endsWith("/initiate"));
  expect(JSON.stringify(sent()[0]?.body)).toContain(JSON.stringify(LIST));
  await typed(world, "U0ERIN", `end ${id}`);
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(2);
  // The same doors are shortened, and are shut in two minutes.
  expect(JSON.stringify(sent()[1]?.body)).toContain(JSON.stringify(LIST));
  world.advance(3 * 60_000);
  await cardSays(id, "Ended early");
});

it("is told with what would work where Azure refuses it", async () => {
  world.azure.switches.severalSources = "refuse";
  const { id, card } = await ask(world, "dev-02 22 1h from office for x", { channel: "C0DEV" });
  await approve(card.ts);
  const shown = await cardSays(id, "Failed");
  expect(shown).toContain("Azure might not take several sources at once");
  for (const one of LIST) expect(shown).toContain(`from ${one}`);
  expect(shown).not.toContain("Retry asks");
});
