// `/jit enable`, `change` and `disable`, over the wire: a preview, then the policies as they were asked for.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.startBot();
});
afterAll(() => world?.close());

const writes = () =>
  world.azure.calls.filter(
    ({ method, path }) => (method === "PUT" || method === "DELETE") && /jitNetwork/i.test(path),
  );

const policyOf = (group: string, name = "default") =>
  [...world.azure.world.policies.values()].find(
    (one) => one.resourceGroup === group && one.name === name,
  );

const vmIn = (group: string, vm: string) =>
  policyOf(group)?.vms.find(({ id }) => id.endsWith(`/${vm}`));

async function press(actionId: string): Promise<void> {
  const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
  await world.slack.click({ user: "U0ADMIN", channel, ts, actionId });
}

/** What the bot shows an admin privately of the change that was asked for so, once it says `text`. */
const progressSays = (asked: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .direct("U0ADMIN")
        .map((one) => world.slack.plainText(one))
        .find((shown) => shown.includes(`/jit ${asked}`) && shown.includes(text)),
    { what: `${asked} to say ${text}`, timeoutMs: 30_000 },
  );

const answerSays = (text: string) =>
  world.slack.waitFor(
    () => {
      const last = world.slack.ephemerals("U0ADMIN").at(-1);
      return last !== undefined && world.slack.plainText(last).includes(text) ? last : undefined;
    },
    { what: `an answer that says ${text}`, timeoutMs: 20_000 },
  );

describe("enabling", () => {
  it("previews a resource group, and changes nothing before Apply", async () => {
    const preview = await typed(world, "U0ADMIN", "enable rg:rg-prod-shop 22 tcp max 2h from vpn");
    expect(preview).toContain("Preview: no changes made yet");
    expect(preview).toContain("7 VMs: 1 to configure, 1 unsupported, 5 configured already");
    expect(preview).toContain("Port 22 (SSH), TCP only, up to 2h, from 203.0.113.0/24");
    expect(preview).toContain("batch-01. The policy goes from 5 VMs to 6");
    expect(preview).toContain("Unsupported (/jit vms unsupported says why): rg-prod-shop/bare-01");
    expect(writes()).toHaveLength(0);
  });

  it("applies it, keeps everybody else's VMs to the letter, and tells everybody", async () => {
    const before = structuredClone(policyOf("rg-prod-shop")?.vms);
    await press("jit.apply");
    await answerSays("Applying");
    await progressSays("enable rg:rg-prod-shop 22 tcp max 2h from vpn", "Done");
    expect(writes()).toHaveLength(1);
    const after = policyOf("rg-prod-shop")?.vms ?? [];
    expect(after.slice(0, -1)).toEqual(before);
    expect(vmIn("rg-prod-shop", "batch-01")?.ports).toEqual([
      {
        number: 22,
        protocol: "TCP",
        allowedSourceAddressPrefix: "203.0.113.0/24",
        maxRequestAccessDuration: "PT2H",
      },
    ]);
    await world.slack.waitFor(
      () =>
        world.slack
          .messages("C0NOTICES")
          .find((one) => world.slack.plainText(one).includes("JIT policies changed")),
      { timeoutMs: 20_000 },
    );
    // Whoever asks next finds it, and the audit has it.
    expect(await typed(world, "U0ERIN", "explain batch-01 22 1h")).not.toContain("not configured");
    expect(await typed(world, "U0ADMIN", "audit vm:batch-01")).toContain("jit enabled");
    expect(await typed(world, "U0ADMIN", "audit vm:win-02")).not.toContain("jit enabled");
  });

  it("makes a policy where there is none, with what the portal proposes", async () => {
    expect(await typed(world, "U0ADMIN", "enable rg-prod-data/web-01")).toContain(
      "Ports 22 (SSH), 3389 (RDP), 5985 (WinRM) and 5986 (WinRM over HTTPS), up to 3h, from any address",
    );
    await press("jit.apply");
    await progressSays("enable vm:rg-prod-data/web-01", "Done");
    expect(vmIn("rg-prod-data", "web-01")?.ports.map(({ number }) => number)).toEqual([
      22, 3389, 5985, 5986,
    ]);
  });

  it("refuses what can't be, in a sentence, before anything is looked at", async () => {
    const said = (text: string) => typed(world, "U0ADMIN", text);
    expect(await said("enable vm-01 22 max 2m")).toContain("Azure allows 5m to 24h");
    expect(await said("enable vm-01 22 max 30h")).toContain("Azure allows 5m to 24h");
    expect(await said("enable vm-01 22 from 2001:db8::1")).toContain("IPv6");
    expect(await said("enable vm-01 22 from my-ip")).toContain("one person's address");
    expect(await said("enable web-01 22")).toContain("2 VMs are named web-01");
    expect(await said("enable vm-01, vm-10 22")).toContain("I can't find a VM named vm-10");
    expect(await said("enable vm-01, win-02 8443 tcp")).toContain("2 VMs: 2 to configure");
    expect(await said("enable vm-10 22")).toContain("I can't find a VM named vm-10");
    expect(await said("enable rg:nowhere 22")).toContain("No VM matches that");
    expect(await said("change vm-01")).toContain("Which change");
    expect(await said("disable vm-01 max 2h")).toContain("Disabling takes only ports");
  });

  it("is for admins alone, and can be dropped", async () => {
    expect(await typed(world, "U0LEAD", "enable vm-01 8080")).toContain("Only admins can change");
    await typed(world, "U0ADMIN", "enable vm-01 8080");
    const count = writes().length;
    await press("jit.drop");
    await answerSays("was cancelled");
    expect(writes()).toHaveLength(count);
  });
});

describe("changing and disabling", () => {
  it("changes what was named, and leaves the other ports", async () => {
    const before = structuredClone(vmIn("rg-prod-data", "db-01")?.ports ?? []);
    const preview = await typed(
      world,
      "U0ADMIN",
      "change rg-prod-data/db-01 22 max 1h from office",
    );
    expect(preview).toContain("1 VM: 1 to change");
    await press("jit.apply");
    await progressSays("change vm:rg-prod-data/db-01 22 max 1h from office", "Done");
    const [ssh, postgres] = vmIn("rg-prod-data", "db-01")?.ports ?? [];
    expect(ssh).toMatchObject({
      maxRequestAccessDuration: "PT1H",
      allowedSourceAddressPrefix: "198.51.100.0/24",
    });
    expect(ssh).not.toHaveProperty("allowedSourceAddressPrefixes");
    expect(postgres).toEqual(before[1]);
  });

  it("takes a port, a VM, and the last VM with its policy", async () => {
    await typed(world, "U0ADMIN", "disable rg-prod-data/db-01 5432");
    await press("jit.apply");
    await progressSays("disable vm:rg-prod-data/db-01 5432", "Done");
    expect(vmIn("rg-prod-data", "db-01")?.ports.map(({ number }) => number)).toEqual([22]);
    const preview = await typed(world, "U0ADMIN", "disable rg:rg-edge");
    expect(preview).toContain("Deletes the policy, since no VM is left in it");
    await press("jit.apply");
    await progressSays("disable rg:rg-edge", "rg-edge/edge");
    await progressSays("disable rg:rg-edge", "Done");
    expect(policyOf("rg-edge", "edge")).toBeUndefined();
    expect(await typed(world, "U0ADMIN", "disable rg:rg-edge")).toContain("Nothing to change");
  });
});

describe("what others do meanwhile", () => {
  it("notices these VMs changed by another hand, keeps other changes, and warns of open doors", async () => {
    const { elsewhere, world: azure } = world.azure;
    const lab = policyOf("rg-dev-lab");
    if (lab === undefined) throw new Error("the lab has a policy");
    elsewhere.open({
      vm: "dev-01",
      ports: [22],
      source: "203.0.113.9",
      minutes: 60,
      by: "b@x.com",
    });
    const preview = await typed(world, "U0ADMIN", "change dev-02 22 max 1h");
    expect(preview).toContain("1 active session uses this policy");
    // Somebody takes another VM out, in the portal.
    const put = (vms: readonly unknown[]) =>
      elsewhere.act("b@x.com", {
        ...{ method: "PUT" as const, path: lab.id },
        body: { kind: "Basic", properties: { virtualMachines: vms } },
      });
    put(lab.vms.filter(({ id }) => !id.endsWith("/build-01")));
    await press("jit.apply");
    expect(await progressSays("change vm:dev-02 22 max 1h", "Done")).toContain(
      "their changes were kept",
    );
    expect(vmIn("rg-dev-lab", "build-01")).toBeUndefined();
    expect(vmIn("rg-dev-lab", "dev-02")?.ports[0]).toMatchObject({
      maxRequestAccessDuration: "PT1H",
    });

    await typed(world, "U0ADMIN", "change dev-02 22 max 2h");
    put(
      lab.vms.map((vm) =>
        vm.id.endsWith("/dev-02") ? { ...vm, ports: vm.ports.slice(0, 1) } : vm,
      ),
    );
    await press("jit.apply");
    expect(await progressSays("change vm:dev-02 22 max 2h", "not everything worked")).toContain(
      "Somebody else changed these",
    );
    expect(azure.policies.get(lab.id.toLowerCase())).toBe(lab);

    await typed(world, "U0ADMIN", "change dev-02 22 max 3h");
    elsewhere.open({
      vm: "dev-02",
      ports: [22],
      source: "203.0.113.9",
      minutes: 60,
      by: "b@x.com",
    });
    await press("jit.apply");
    expect(await progressSays("change vm:dev-02 22 max 3h", "not everything worked")).toContain(
      "Access was opened through it",
    );
  });

  it("says in Azure's words what failed, and does the rest", async () => {
    world.azure.faults.add({
      ...{ method: "PUT", path: "rg-prod-data" },
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "No, <bot>." } } },
    });
    await typed(world, "U0ADMIN", "change tag:env=prod 22 max 45m");
    await press("jit.apply");
    const shown = await progressSays("change tag:env=prod 22 max 45m", "not everything worked");
    expect(shown).toContain("No, <bot>. (AuthorizationFailed)");
    expect(shown).toContain("6 of 9 VMs done, 3 failed");
    world.azure.faults.clear();
  });
});
