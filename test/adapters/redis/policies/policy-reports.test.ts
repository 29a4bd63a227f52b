// What was announced, in a real Redis: said once, and without the addresses of those who get the audit's copy.

import { expect, it } from "vitest";
import { benchPerFile } from "../with-store.ts";

const bench = benchPerFile();
const TOPIC = "stream:https://siem.example.com/ingest/s3cret-token";
const behind = { value: "behind", notices: [] };

const fields = async () => {
  const [key = ""] = await bench.redis.keys("*policies*");
  return bench.redis.hgetall(key);
};

it("keeps no address of a receiver, which may hold a token", async () => {
  const { announcements } = bench.store;
  expect(await announcements.announce(TOPIC, behind)).toBe("announced");
  expect(await announcements.announce(TOPIC, behind)).toBe("repeated");
  expect(await announcements.announce(`${TOPIC}2`, behind)).toBe("announced");
  expect(await announcements.last(TOPIC)).toBe("behind");
  expect(JSON.stringify(await fields())).not.toMatch(/siem|s3cret/);
  await announcements.announce(TOPIC, { value: "", notices: [] });
  expect([await announcements.last(TOPIC), await announcements.last(`${TOPIC}2`)]).toEqual([
    "",
    "behind",
  ]);
});

it("takes over what an earlier version kept by the address, and forgets the address", async () => {
  const { announcements } = bench.store;
  await announcements.announce("loaded", { value: "1", notices: [] });
  const [key = ""] = await bench.redis.keys("*policies*");
  await bench.redis.hset(key, `said:${TOPIC}`, "behind");
  expect(await announcements.last(TOPIC)).toBe("behind");
  expect(await announcements.announce(TOPIC, behind)).toBe("repeated");
  expect(await announcements.last(TOPIC)).toBe("behind");
  expect(JSON.stringify(await fields())).not.toContain("s3cret");
  expect(await announcements.announce(TOPIC, { value: "", notices: [] })).toBe("announced");
});
