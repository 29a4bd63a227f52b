// How several VMs are named in one request, and that one VM is still one.

import { describe, expect, it } from "vitest";
import { formatCommand, parseTyped } from "../../../src/domain/command/command.ts";
import { formatSeveral, renamed } from "../../../src/domain/command/several-vms.ts";
import type { VmRef } from "../../../src/domain/command/vm-ref.ts";

const parsed = (text: string) => JSON.parse(JSON.stringify(parseTyped(text)));

describe("several VMs", () => {
  it.each([
    ["request vm-01,vm-02 3389 2h for x", ["vm-01", "vm-02"]],
    ["request vm-01 , vm-02, vm-03 22", ["vm-01", "vm-02", "vm-03"]],
    ["breakglass RG/vm-01,vm-02 22 1h for x", ["RG/vm-01", "vm-02"]],
  ])("%s", (text, names) => {
    const { several, vm, ports } = parsed(text);
    expect(vm).toBeUndefined();
    const { selector } = several;
    expect([selector.vm, ...selector.also].map(({ typed }) => typed)).toEqual(names);
    expect(ports).toHaveLength(1);
  });

  it.each([
    ['request tag:team="data platform" tag:env=prod 22', { tags: 2 }],
    ["request rg:rg-shop 22 2h", { group: "rg-shop" }],
    ["request BUNDLE:Shop 22 2h", { bundle: "Shop" }],
  ])("%s", (text, wanted) => {
    const { several, ports } = parsed(text);
    expect(ports).toEqual([22]);
    if ("bundle" in wanted) expect(several.bundle).toBe(wanted.bundle);
    else if ("group" in wanted) expect(several.selector.resourceGroup).toBe(wanted.group);
    else expect(several.selector.tags).toHaveLength(wanted.tags ?? 0);
  });

  it.each(["request vm-01 22,3389 2h", "request from 22", "request vm-01 22, 3389"])(
    "are not meant by: %s",
    (text) => {
      expect(parsed(text).several).toBeUndefined();
      expect(parsed(text).vm).toBeDefined();
    },
  );

  it.each([
    "request vm-01,vm-02 22 2h for the shop, and more",
    'request tag:team="data platform" rg:rg-shop 22',
    "breakglass bundle:shop 22 1h for x",
  ])("are read again from what is written: %s", (text) => {
    const command = parseTyped(text);
    if ("refused" in command) throw new Error("refused");
    expect(parsed(formatCommand(command))).toEqual(parsed(text));
  });

  it("need a bundle's name", () => {
    expect(parsed("request bundle: 22")).toMatchObject({ refused: "incomplete" });
  });
});

describe("the VMs of a list", () => {
  it("are written by other words, and mean the same", () => {
    const { several } = parsed("request vm:web,rg-b/web tag:env=prod 22");
    const by = (ref: VmRef) => `/x/${ref.resourceGroup ?? "rg-a"}/${ref.typed}`;
    expect(formatSeveral(renamed(several, by))).toBe(
      "vm:/x/rg-a/web,/x/rg-b/rg-b/web tag:env=prod",
    );
    for (const other of [{ bundle: "shop" }, parsed("request rg:rg-a 22").several]) {
      expect(renamed(other, by)).toEqual(other);
    }
  });
});
