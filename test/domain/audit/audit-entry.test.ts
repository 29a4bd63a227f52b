// What of a note is sealed, and what stands beside it.

import { describe, expect, it } from "vitest";
import { hashOf, lineOf, referenceTo, vmName } from "../../../src/domain/audit/audit-entry.ts";
import { entryOf } from "../../../src/domain/audit/readable-entry.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { vmKey } from "../../../src/domain/text/ids.ts";
import { rowsFor } from "../../support/audit.ts";
import { ERIN, LEA, vmId } from "../../support/requests.ts";

const ABOUT = {
  id: "JIT-4K7QWD" as RequestId,
  requester: ERIN,
  vm: vmKey(vmId("VM-01", "RG-Web")),
};
const NOTE = {
  what: "denied",
  by: LEA,
  detail: {
    rule: "production",
    policy: "abc",
    have: 1,
    ports: ["22"],
    reason: "not, now",
    me: "Lea",
  },
};
const salt = () => "salt";

describe("a line", () => {
  it("seals references and hashes, and no person and no text", () => {
    const line = lineOf(NOTE, ABOUT, salt);
    expect(line.by).toEqual({ user: LEA, reference: referenceTo(LEA, "salt"), salt: "salt" });
    expect(line.of).toMatchObject({ user: ERIN });
    expect(JSON.parse(line.beside ?? "")).toEqual({ salt: "salt", reason: "not, now", me: "Lea" });
    expect(JSON.parse(`{${line.rest}`)).toEqual({
      id: ABOUT.id,
      what: "denied",
      vm: "rg-web/vm-01",
      detail: { rule: "production", policy: "abc", have: 1, ports: ["22"] },
      beside: hashOf(line.beside ?? ""),
    });
    expect(line.rest).not.toMatch(/U0|Lea|now/);
  });

  it("has nothing beside it where there is nothing to erase", () => {
    expect(lineOf({ what: "warned" }, {}, salt)).toEqual({
      rest: '"what":"warned"}',
      beside: undefined,
    });
    const empty = lineOf({ what: "asked", detail: { reason: "" } }, {}, salt);
    expect(empty.beside).toBeUndefined();
  });

  it("names the VM once", () => {
    const line = lineOf({ what: "asked", detail: { vm: vmId("vm-01") } }, ABOUT, salt);
    expect(line.rest.match(/vm-01/g)).toHaveLength(1);
    expect(vmName("nonsense")).toBe("nonsense");
  });
});

describe("a reference", () => {
  it("binds the person and the salt, and shows neither", () => {
    const made = [referenceTo(ERIN, "a"), referenceTo(ERIN, "b"), referenceTo(LEA, "a")];
    expect(new Set(made).size).toBe(3);
    for (const one of made) expect(one).toMatch(/^P-[\w-]{16}$/);
  });
});

describe("an entry as people read it", () => {
  it("has its people and texts back", () => {
    const { rows, people } = rowsFor([{ note: NOTE, about: ABOUT }]);
    const [row] = rows;
    if (row === undefined) throw new Error("no row");
    const texts = { reason: "not, now", me: "Lea" };
    expect(entryOf({ ...row, texts }, people)).toEqual({
      seq: 1,
      atMs: 1_000,
      what: "denied",
      by: LEA,
      requester: ERIN,
      request: ABOUT.id,
      vm: "rg-web/vm-01",
      detail: NOTE.detail,
      erased: false,
      seal: row.seal,
    });
    const erased = entryOf(row, new Map());
    expect(erased).toMatchObject({ erased: true, by: row.entry?.by });
    expect(erased.by).toMatch(/^P-/);
  });

  it("is shown even where it can't be read", () => {
    expect(entryOf({ seq: 7, text: "{" }, new Map())).toMatchObject({ seq: 7, what: "unreadable" });
  });
});
