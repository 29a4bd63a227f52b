// Which VMs do not run, by what Azure says of them.

import { expect, it } from "vitest";
import { offOf } from "../../../src/domain/vm/vm-power.ts";

it.each([
  ["PowerState/running", undefined],
  ["PowerState/starting", undefined],
  ["PowerState/stopped", "stopped"],
  ["powerstate/Stopping", "stopped"],
  ["PowerState/deallocated", "deallocated"],
  ["PowerState/deallocating", "deallocated"],
  ["PowerState/unknown", undefined],
  ["stopped", undefined],
  [undefined, undefined],
])("%j is told as %j", (power, off) => {
  expect(offOf(power)).toBe(off);
});
