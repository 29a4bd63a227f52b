// Policies as scripts and other people leave them: numbers as text, one policy for each VM, VMs that are gone.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { PolicyPort } from "../../src/sandbox/azure/world/azure-estate.ts";
import { buildWorld, policy, vm } from "../../src/sandbox/azure/world/parts.ts";
import { typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const tags = { env: "prod" };

let world: TestWorld;
beforeAll(async () => {
  const azureWorld = buildWorld(
    ...["web-01", "web-02", "web-03", "web-04"].map((name) => vm({ name, tags })),
    ...["odd-01", "odd-02", "gone-01", "gone-02"].map((name) => vm({ name, tags })),
    policy({ name: "web-01", vms: ["web-01"], ports: [22] }),
    policy({ name: "web-02", vms: ["web-02"], ports: [22] }),
    policy({ name: "text", vms: ["odd-01"], ports: [22] }),
    policy({ name: "odd", vms: ["odd-02"], ports: [22] }),
    policy({ name: "stale", vms: ["gone-01", "gone-02"], ports: [22] }),
  );
  for (const [key, one] of azureWorld.vms) {
    if (one.name.startsWith("gone-")) azureWorld.vms.delete(key);
  }
  const portIn = (name: string) => policyIn(azureWorld, name)?.vms[0]?.ports[0] ?? {};
  Object.assign(portIn("text"), { number: "22" });
  Object.assign(portIn("odd"), { maxRequestAccessDuration: "03:00:00" });
  world = await startWorld({ azureWorld });
  await world.startBot();
});
afterAll(() => world?.close());

const policyIn = ({ policies }: TestWorld["azure"]["world"], name: string) =>
  [...policies.values()].find((one) => one.name === name);
const portsOf = (name: string): readonly PolicyPort[] =>
  [...world.azure.world.policies.values()]
    .flatMap(({ vms }) => vms)
    .filter(({ id }) => id.endsWith(`/${name}`))
    .flatMap(({ ports }) => ports);

const said = (text: string) => typed(world, "U0ADMIN", text);

async function applied(text: string): Promise<void> {
  await said(text);
  const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
  await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
  const what = text.replace(/^(\w+) /, "$1 vm:");
  await world.slack.waitFor(
    () =>
      world.slack
        .direct("U0ADMIN")
        .map((one) => world.slack.plainText(one))
        .find((shown) => shown.includes(`/jit ${what}`) && shown.includes("Done")),
    { what: `${what} to be done`, timeoutMs: 30_000 },
  );
}

it("a number that is text is the same port to ask, enable, change and disable", async () => {
  expect(await typed(world, "U0ERIN", "explain odd-01 22 1h")).not.toContain("doesn't cover");
  expect(await said("enable odd-01 22")).toContain("1 configured already");
  await applied("change odd-01 22 max 1h");
  expect(portsOf("odd-01")).toMatchObject([{ number: 22, maxRequestAccessDuration: "PT1H" }]);
  const [port] = portsOf("odd-01");
  Object.assign(port ?? {}, { number: "22" });
  await said("enable odd-01 8080");
  await applied("enable odd-01 8080");
  await applied("disable odd-01 22");
  expect(portsOf("odd-01")).toMatchObject([{ number: 8080 }]);
});

it("what can't be read is named with its fix, which sets it right", async () => {
  const asked = await typed(world, "U0ERIN", "request odd-02 22 1h for x");
  expect(asked).toContain('allows on port 22: the maximum "03:00:00"');
  expect(asked).toContain("/jit change odd-02 22 max 3h");
  expect(await said("vms odd-02")).toContain('I can\'t read the maximum "03:00:00" of port 22');
  await applied("change odd-02 22 max 3h");
  expect(await typed(world, "U0ERIN", "explain odd-02 22 1h")).toContain("3h");
});

it("a new VM goes into default of its group and region, unless another is named", async () => {
  expect(await said("enable web-03 22")).toContain("rg-demo/default");
  await applied("enable web-03 22");
  expect(policyIn(world.azure.world, "default")?.vms).toHaveLength(1);
  expect(await said("enable web-04 22 in web-04")).toContain("rg-demo/web-04");
  expect(await said("enable web-04 22 in WEB-02")).toContain("rg-demo/web-02");
  expect(await said("enable web-04 22 in a/b")).toContain("can't be a JIT policy's name");
  expect(await said("change web-01 22 max 1h in other")).toContain("in");
  for (const name of ["web-01", "web-02"]) {
    expect(policyIn(world.azure.world, name)?.vms).toHaveLength(1);
  }
});

it("a VM that is gone is shown, is named where it may be in the way, and can be taken out", async () => {
  expect(await said("vms gone")).toContain("I can't find rg-demo/gone-01 and rg-demo/gone-02");
  expect(await typed(world, "U0ERIN", "vms gone")).not.toContain("gone-01");
  const preview = await said("enable web-04 22 in stale");
  expect(preview).toContain("I can't find rg-demo/gone-01 and rg-demo/gone-02");
  expect(preview).toContain("/jit disable rg-demo/gone-01");
  const id = policyIn(world.azure.world, "stale")?.vms[0]?.id ?? "";
  expect(await said(`disable ${id}`)).toContain("1 VM: 1 to remove");
  await applied("disable gone-01,gone-02");
  expect(policyIn(world.azure.world, "stale")).toBeUndefined();
  expect(await said("vms gone")).not.toContain("I can't find");
});
