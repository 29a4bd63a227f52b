// What Redis acknowledged and then lost: an opening at Azure without its record is found again and told.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import { DEFAULT_SCOPES } from "../../src/sandbox/slack/slack-workspace.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  initiates,
  MINUTE,
  notices,
  opened,
  READ_POLICY,
  refused,
  shows,
  soon,
  until,
} from "./steps.ts";

const TOLD = "the bot's record of it was lost";
const SCOPES = [...DEFAULT_SCOPES, "channels:history", "groups:history", "im:history"];
/** An inventory every second, so that a test does not take minutes. */
const env = { TEST_REFRESH_EVERY_MS: "1000" };

let world: FaultWorld;
const start = async (options: Parameters<typeof faultWorld>[0] = {}) => {
  world = await faultWorld(options);
  await Promise.all([world.startBot({ env }), world.startBot({ env })]);
};

const told = (id: string) => notices(world, id).filter((text) => text.includes(TOLD));
const admin = (id: string) => direct(world, id, "U0ADMIN").filter((text) => text.includes(TOLD));
const stateOf = async (id: string) => (await world.memory.request(id)).state;

/** The document alone is gone, as where a failover lost the last second. */
const loseDocument = async ({ id }: Asked): Promise<void> => {
  const { redis, keys } = world.memory;
  await world.memory.atRest();
  const { vm, ports } = (await world.memory.request(id)).ask;
  const { source } = (await world.memory.request(id)).ask;
  await redis.hdel(keys.documents, id);
  await redis.zrem(keys.due, id);
  for (const port of ports) await redis.del(keys.door({ vm: vm.key, port, source }));
};

/** Everything of Redis as it was: what was written since is lost. */
async function snapshot(): Promise<() => Promise<void>> {
  const { redis } = world.memory;
  await world.memory.atRest();
  const names = await redis.keys("*");
  const dumps = await Promise.all(names.map((name) => redis.dumpBuffer(name)));
  return async () => {
    const restoring = redis.multi().flushall();
    for (const [index, name] of names.entries()) {
      const dump = dumps[index];
      if (dump) restoring.restore(name, 0, dump);
    }
    await restoring.exec();
  };
}

const endButton = async (text: string): Promise<{ ts: string; channel: string }> => {
  const found = world.slack
    .messages("C0NOTICES")
    .find(
      (one) =>
        world.slack.plainText(one).includes(text) && JSON.stringify(one.blocks).includes("jit.end"),
    );
  if (found === undefined) throw new Error("no notice with End now");
  return { ts: found.ts, channel: "C0NOTICES" };
};

const beneath = (requests: () => Asked) => ({
  toldOnce: async () => {
    const { id } = requests();
    await soon(world, "the notice", () => told(id).length > 0);
    await soon(world, "the admin to be told", () => admin(id).length > 0);
    const [atMs] = [readings()];
    await soon(world, "two more inventories", () => readings() >= atMs + 2);
    expect(told(id)).toHaveLength(1);
    expect(admin(id)).toHaveLength(1);
    expect(told(id)[0]).toContain("No approval is recorded");
  },
});

const readings = () =>
  world.azure.calls.filter(({ path }) => /jitNetworkAccessPolicies$/.test(path)).length;

describe("where the bot may read the channel's history", () => {
  beforeAll(() => start({ scopes: SCOPES }));
  afterAll(() => world?.close());
  afterEach(() => world.azure.faults.clear());
  let request: Asked;
  const { toldOnce } = beneath(() => request);

  it("a document that was lost is made again: told once, its card put right, ended from the notice", async () => {
    request = await opened(world);
    await loseDocument(request);
    await toldOnce();
    await shows(world, request, "no approval is recorded", { stepMs: 0 });
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(await world.memory.audit(request.id)).toContain("recovered");
    expect((await world.memory.request(request.id)).approvals).toEqual([]);
    await click(world, await endButton(request.id), {
      user: "U0ADMIN",
      button: "end",
      confirmed: true,
    });
    await shows(world, request, "Ended early by");
    await until(world, "Azure to show it shut", () => doors(world, "vm-01").length === 0);
    expect(initiates(world, request.id)).toHaveLength(2);
  });

  it("a decision that was lost is not made again, and its card says what Azure shows", async () => {
    request = await asked(world, "win-02 3389 1h");
    const restore = await snapshot();
    await click(world, request);
    await shows(world, request, "Open until");
    await world.memory.atRest();
    await restore();
    await toldOnce();
    await shows(world, request, "no approval is recorded", { stepMs: 0 });
    expect(await stateOf(request.id)).toBe("open");
    await click(world, request, { user: "U0ERIN", button: "end", confirmed: true });
    await shows(world, request, "Ended early by");
  });

  it("all of it was lost, and what is open is told", async () => {
    request = await opened(world, "jump-01 22 1h");
    await world.memory.atRest();
    await world.redis.flush();
    await toldOnce();
    await shows(world, request, "no approval is recorded", { stepMs: 0 });
    expect(cardTexts(world, request)).toHaveLength(1);
    await click(world, request, { user: "U0ERIN", button: "end", confirmed: true });
    await shows(world, request, "Ended early by");
  });

  it("nothing is said to be closed before Azure was looked at", async () => {
    request = await asked(world, "vm-01 3389 1h");
    const { expiresAtMs = 0 } = { ...(await world.memory.request(request.id)) } as {
      expiresAtMs?: number;
    };
    const away = fault(world.azure, { ...READ_POLICY, act: { status: 503 }, times: 99 });
    world.advance(expiresAtMs - world.nowMs() + 1_000);
    await soon(world, "Azure to be asked", () => away.struck() > 0);
    expect(cardTexts(world, request).join()).not.toContain("nothing was opened");
    world.azure.faults.clear();
    await shows(world, request, "nothing was opened");
  });

  it("a planted justification is told with whom Azure names, and is no approval", async () => {
    request = { id: "JIT-ABC123", ts: "", channel: "C0PROD" };
    world.azure.elsewhere.open({
      ...{ vm: "web-02", ports: [22], source: "203.0.113.77", minutes: 60 },
      ...{ by: "mallory@contoso.com" },
      justification: "JIT-ABC123 requested by U0SAM, approved by U0LEAD: <!channel>",
    });
    await toldOnce();
    expect(told(request.id)[0]).toContain("opened by mallory@contoso.com according to Azure");
    const made = await world.memory.request(request.id);
    expect(made).toMatchObject({ state: "open", approvals: [], grant: { approvedBy: [] } });
    await click(world, await endButton(request.id), {
      user: "U0ADMIN",
      button: "end",
      confirmed: true,
    });
    await until(world, "it to be shut", () => doors(world, "web-02").length === 0);
    expect(JSON.stringify(world.slack.messages("C0NOTICES"))).not.toContain("<!channel>");
  });

  it("what does not say whose it was is told, and left to people", async () => {
    world.azure.elsewhere.open({
      ...{ vm: "db-01", ports: [22], source: "203.0.113.78", minutes: 60 },
      ...{ by: "mallory@contoso.com", justification: "JIT-ABC124 hello" },
    });
    const text = await soon(world, "the notice", () =>
      notices(world, "db-01").find((one) => one.includes(TOLD)),
    );
    expect(text).toContain("Close it in the portal if it shouldn't be open.");
    expect(await world.memory.redis.hexists(world.memory.keys.documents, "JIT-ABC124")).toBe(0);
  });

  it("a planted justification opens no request that waits", async () => {
    request = await asked(world, "win-02 3389 1h");
    world.azure.elsewhere.open({
      ...{ vm: "win-02", ports: [3389], source: "203.0.113.0/24", minutes: 60 },
      ...{ by: "mallory@contoso.com", justification: `${request.id} requested by U0ERIN` },
    });
    const before = readings();
    await soon(world, "two inventories", () => readings() >= before + 3);
    expect(await stateOf(request.id)).toBe("pending");
    expect(findVm(world.azure.world, "win-02").name).toBe("win-02");
    world.advance(MINUTE);
  });
});

describe("where it may not", () => {
  beforeAll(() => start());
  afterAll(() => world?.close());

  it("a click on the old card is answered with the truth, and puts the card right", async () => {
    const request = await opened(world);
    await loseDocument(request);
    await soon(world, "the notice", () => told(request.id).length > 0);
    await soon(world, "the second copy", () => cardTexts(world, request).length === 2);
    const said = await refused(world, request, { button: "end", confirmed: true });
    expect(said).toContain("was lost and restored from Azure");
    await shows(world, request, "no approval is recorded");
    await click(world, request, { user: "U0ERIN", button: "end", confirmed: true });
    await shows(world, request, "Ended early by");
  });

  it("a click on a card whose request is gone says so after a look, and ends its buttons", async () => {
    const request = await asked(world, "win-02 3389 1h");
    await world.memory.atRest();
    await world.redis.flush();
    expect(await refused(world, request)).toContain("Azure shows nothing open for it");
    const shown = world.slack.messages("C0PROD").find(({ ts }) => ts === request.ts);
    expect(JSON.stringify(shown?.blocks)).toContain("no longer has a record of");
    expect(JSON.stringify(shown?.blocks)).not.toContain("jit.approve");
    expect(doors(world, "win-02")).toEqual([]);
  });
});
