// News of the policy file: told once over all replicas, made up for after an outage, kept in the audit.

import { describe, expect, it } from "vitest";
import { policyNews } from "../../../src/flows/policy-file/policy-news.ts";
import { policyInForce } from "../../../src/flows/policy-file/policy-reload.ts";
import { Fault } from "../../../src/ports/fault.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { Storage } from "../../../src/ports/storage/storage.ts";
import type { Claim } from "../../../src/ports/storage/work-queue.ts";
import { audited, benchPerFile, LEASE, quietLog } from "../../adapters/redis/with-store.ts";
import { ADA, aPolicy, NOTICES } from "../../support/requests.ts";

const bench = benchPerFile();

const hash = (letter: string): string => letter.repeat(64);
const policyWith = (letter: string) => aPolicy({ hash: hash(letter) });
const broken = (letter: string, faults = ["jit.yaml:3:1: rules: This key is required."]) => ({
  ...{ hash: hash(letter), faults },
});
const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => {} };

function replica(name: string, store: Storage, letter = "a") {
  const inForce = policyInForce(policyWith(letter), quietLog);
  return {
    ...inForce,
    ...policyNews({ ...store, onCommitted: () => undefined, clock, log: quietLog }, inForce, name),
  };
}

const two = (letters = "aa") =>
  [replica("one", bench.store, letters[0]), replica("two", bench.other, letters[1])] as const;

/** What each channel or person has been told since the last time, and that it was told. */
async function notices(): Promise<readonly string[]> {
  bench.advance(2_000);
  const claims = (await bench.store.workQueue.claim("teller", LEASE)).claims;
  const found = claims.filter((one): one is Claim & { kind: "notices" } => one.kind === "notices");
  for (const { channel, notices } of found) {
    await bench.store.notices.release("teller", channel, { count: notices.length });
  }
  return found.flatMap((one) =>
    one.notices.map(({ what, text }) => `${one.channel} ${what}: ${text}`),
  );
}

/** The same words to the notices channel and to the only admin. */
const toAll = (said: string): readonly string[] => [`${NOTICES} ${said}`, `${ADA} ${said}`];

const audit = async (): Promise<readonly unknown[]> =>
  (await audited(bench.redis)).map(({ what, detail }) => [what, detail]);

describe("a policy file that is loaded", () => {
  it("is in the audit once, whichever replica saw it first, and again when it comes back", async () => {
    const [one, other] = two();
    await Promise.all([one.tell(), other.tell()]);
    for (const letter of ["b", "a"]) {
      for (const each of [one, other]) {
        each.heard({ policy: policyWith(letter) });
        await each.tell();
        await each.tell();
      }
    }
    expect(await audit()).toEqual([
      ["policy-loaded", { policy: hash("a") }],
      ["policy-loaded", { policy: hash("b"), before: hash("a") }],
      ["policy-loaded", { policy: hash("a"), before: hash("b") }],
    ]);
    expect(await notices()).toEqual([]);
  });

  it("is made up for where the store did not answer", async () => {
    let answers = false;
    const store: Storage = {
      ...bench.store,
      announcements: {
        ...bench.store.announcements,
        announce: async (topic, news) => {
          if (!answers) throw new Error("no answer");
          return bench.store.announcements.announce(topic, news);
        },
      },
    };
    const one = replica("one", store);
    await expect(one.tell()).rejects.toThrow("no answer");
    one.heard(broken("x"));
    await expect(one.tell()).rejects.toThrow("no answer");
    answers = true;
    await one.tell();
    expect((await audit()).length).toBe(2);
    expect((await notices()).length).toBe(2);
  });
});

describe("how long the audit is kept", () => {
  const DAY = 24 * 3_600_000;
  const keeping = (letter: string, days: number) =>
    aPolicy({ hash: hash(letter), audit: { keepForMs: days * DAY, stream: [] } });
  const shortened =
    "alarm: audit.keepFor was shortened from 400d to 30d: older entries of the audit log are being deleted. Export what you need for longer (jit audit export).";

  it("is told to the admins once where it is shortened, and is in the audit where it changes", async () => {
    const [one, other] = two();
    await Promise.all([one.tell(), other.tell()]);
    for (const each of [one, other]) each.heard({ policy: keeping("b", 30) });
    await Promise.all([one.tell(), other.tell()]);
    await one.tell();
    expect(await notices()).toEqual(toAll(shortened));
    one.heard({ policy: keeping("c", 90) });
    await one.tell();
    expect(await notices()).toEqual([]);
    const kept = (await audit()).filter((entry) => (entry as [string])[0] === "audit-keep-for");
    expect(kept).toEqual([
      ["audit-keep-for", { policy: hash("b"), keepForMs: 30 * DAY, beforeMs: 400 * DAY }],
      ["audit-keep-for", { policy: hash("c"), keepForMs: 90 * DAY, beforeMs: 30 * DAY }],
    ]);
  });

  it("is told, too, where the file was changed while no replica ran", async () => {
    await replica("one", bench.store).tell();
    const inForce = policyInForce(keeping("b", 30), quietLog);
    await policyNews(
      { ...bench.store, onCommitted: () => undefined, clock, log: quietLog },
      inForce,
      "later",
    ).tell();
    expect(await notices()).toEqual(toAll(shortened));
  });
});

describe("a broken policy file", () => {
  const said =
    "alarm: The changed policy file has errors. The last valid one (aaaaaaaaaaaa) stays in use. jit.yaml:3:1: rules: This key is required.";
  const over = "mended: The policy file can be read again and is in use (aaaaaaaaaaaa).";

  it("leaves the last good one in force; admins are told once, and again when it is mended", async () => {
    const [one, other] = two();
    await Promise.all([one.tell(), other.tell()]);
    for (const each of [one, other, one]) {
      each.heard(broken("x"));
      await each.tell();
      expect(each.policy().hash).toBe(hash("a"));
    }
    expect(await notices()).toEqual(toAll(said));
    for (const each of [one, other]) {
      each.heard({ policy: policyWith("a") });
      await each.tell();
    }
    expect(await notices()).toEqual(toAll(over));
    one.heard(broken("x"));
    await one.tell();
    expect(await notices()).toEqual(toAll(said));
    expect((await audit()).map((entry) => (entry as [string])[0])).toEqual([
      "policy-loaded",
      "policy-refused",
      "policy-mended",
      "policy-refused",
    ]);
  });

  it("is told of anew where it is broken in another way, or gone", async () => {
    const one = replica("one", bench.store);
    await one.tell();
    one.heard(broken("x"));
    await one.tell();
    expect(await notices()).toEqual(toAll(said));
    const many = ["a.", "b.", "c.", "d.", "e."];
    one.heard(broken("y", many));
    await one.tell();
    const cut = said.replace(/jit\.yaml.*/, "a. b. c. and 2 more.");
    expect(await notices()).toEqual(toAll(cut));
    one.heard({ unreadable: "ENOENT" });
    await one.tell();
    expect(await notices()).toEqual(
      toAll(
        "alarm: The policy file can't be read (ENOENT). The last valid one (aaaaaaaaaaaa) stays in use.",
      ),
    );
    expect((await audit()).slice(1)).toEqual([
      ["policy-refused", { policy: hash("a"), refused: hash("x"), faults: broken("x").faults }],
      ["policy-refused", { policy: hash("a"), refused: hash("y"), faults: many }],
      ["policy-refused", { policy: hash("a"), code: "ENOENT" }],
    ]);
  });

  it("is said to be mended by the next start, where the replica that saw it is gone", async () => {
    const one = replica("one", bench.store);
    await one.tell();
    one.heard(broken("x"));
    await one.tell();
    await notices();
    await replica("three", bench.other).tell();
    expect(await notices()).toEqual(toAll(over));
  });
});

describe("replicas with different files", () => {
  const differ =
    "alarm: The bot's replicas have had different policy files for more than a minute: aaaaaaaaaaaa (one), bbbbbbbbbbbb (two). Decisions depend on which replica makes them: give all of them the same file.";
  const agree = "mended: All of the bot's replicas have the same policy file again (bbbbbbbbbbbb).";

  /** Both report, every ten seconds. */
  async function pass(seconds: number, ...replicas: readonly { report(): Promise<void> }[]) {
    for (let passed = 0; passed < seconds; passed += 10) {
      bench.advance(10_000);
      for (const each of replicas) await each.report();
    }
  }

  it("raise the alarm after a minute, once, and it is told when it is over", async () => {
    const [one, other] = two("ab");
    await pass(60, one, other);
    expect(await notices()).toEqual([]);
    await pass(60, one, other);
    expect(await notices()).toEqual(toAll(differ));
    await pass(60, one, other);
    expect(await notices()).toEqual([]);
    one.heard({ policy: policyWith("b") });
    await pass(20, one, other);
    expect(await notices()).toEqual(toAll(agree));
    await pass(60, one, other);
    expect(await notices()).toEqual([]);
    expect(await audit()).toEqual([
      ["policies-differ", { policies: [hash("a"), hash("b")] }],
      ["policies-agree", { policy: hash("b") }],
    ]);
  });

  it("raise none while a new file makes its way to all of them, again and again", async () => {
    const [one, other] = two();
    for (const letter of ["b", "c", "d"]) {
      one.heard({ policy: policyWith(letter) });
      await pass(50, one, other);
      other.heard({ policy: policyWith(letter) });
      await pass(20, one, other);
    }
    expect(await notices()).toEqual([]);
  });

  it("do not differ from one that has not been heard of for half a minute", async () => {
    const [one, other] = two("ab");
    await pass(120, one, other);
    expect(await notices()).toEqual(toAll(differ));
    await pass(40, other);
    expect(await notices()).toEqual(toAll(agree));
    expect(
      (await bench.store.policyReports.report("two", { hash: hash("b"), version: "1" })).replicas,
    ).toEqual([{ replica: "two", hash: hash("b") }]);
  });

  it("raise it anew where one holds a third file", async () => {
    const [one, other] = two("ab");
    await pass(80, one, other);
    await notices();
    one.heard({ policy: policyWith("c") });
    await pass(20, one, other);
    expect((await notices()).length).toBe(2);
  });
});

describe("channels that another organisation can read", () => {
  const says =
    "alarm: Another organisation can read C0PROD, which the policy file names: no card or notice is posted there, and people are told privately instead. Name other channels, or stop sharing them.";

  it("are said once for all replicas when the file is loaded, and when that is over", async () => {
    const shared = new Set<string>(["C0PROD"]);
    let isAway = true;
    const chat = {
      reach: async (channel: string) => {
        if (isAway) throw new Fault({ source: "slack", code: "X", message: "", retryable: true });
        return shared.has(channel) ? ("shared" as const) : ("own" as const);
      },
    };
    const each = [bench.store, bench.other].map((store, index) => {
      const inForce = policyInForce(policyWith("a"), quietLog);
      const name = `${index}`;
      return {
        ...inForce,
        ...policyNews(
          { ...store, onCommitted: () => undefined, clock, log: quietLog, chat },
          inForce,
          name,
        ),
      };
    });
    const report = async () => {
      for (const one of each) await one.report();
    };
    await expect(report()).rejects.toThrow(Fault);
    expect(await notices()).toEqual([]);
    isAway = false;
    await report();
    await report();
    expect(await notices()).toEqual(toAll(says));
    shared.clear();
    for (const one of each) one.heard({ policy: policyWith("b") });
    await report();
    expect(await notices()).toEqual(
      toAll("mended: No channel in the policy file is shared with another organisation now."),
    );
    expect((await audit()).map((entry) => (entry as [string])[0])).toEqual([
      "channels-shared",
      "channels-unshared",
    ]);
  });
});

describe("a file with other subscriptions", () => {
  it("says which keys wait for the next start", () => {
    const warned: object[] = [];
    const log: Log = { ...quietLog, warn: (facts) => void warned.push(facts) };
    const { heard, policy } = policyInForce(policyWith("a"), log);
    const azure = { cloud: "usgov", subscriptions: ["x"], managementGroups: [] } as const;
    heard({ policy: aPolicy({ hash: hash("b"), azure }) });
    expect(warned).toEqual([{ keys: ["azure.cloud", "azure.subscriptions"] }]);
    heard({ policy: policyWith("c") });
    expect(warned.length).toBe(1);
    expect(policy().hash).toBe(hash("c"));
  });
});
