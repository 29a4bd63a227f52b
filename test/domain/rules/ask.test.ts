// What a VM that was asked for is called beside others.

import { describe, expect, it } from "vitest";
import { nameAmong } from "../../../src/domain/rules/ask.ts";
import { anAsk, vmId } from "../../support/requests.ts";

const named = (name: string, group?: string) => ({ ...anAsk().vm, name, id: vmId(name, group) });

describe("the name of a VM among others", () => {
  it("has its group where another has the same name, in any case", () => {
    const all = [named("vm-01"), named("VM-01", "rg-two"), named("web-02")];
    expect(all.map((one) => nameAmong(one, all))).toEqual([
      "rg-web/vm-01",
      "rg-two/VM-01",
      "web-02",
    ]);
  });

  it("is all that is said where Azure's id names no group", () => {
    const odd = { ...named("vm-01"), id: "vm-01" };
    expect(nameAmong(odd, [odd, named("vm-01")])).toBe("vm-01");
  });
});
