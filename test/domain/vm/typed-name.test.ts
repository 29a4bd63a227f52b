// Of src/domain/vm/typed-name.ts.

import { expect, it } from "vitest";
import { typedName } from "../../../src/domain/vm/typed-name.ts";
import { aVm, SUB, vmId } from "../../support/requests.ts";

const web = aVm({ name: "web-1", resourceGroup: "rg-web" });
const old = aVm({ name: "WEB-1", resourceGroup: "rg-old" });
const db = aVm({ name: "db-1", resourceGroup: "rg-web" });
const subscriptionId = "22222222-2222-2222-2222-222222222222";
const elsewhere = aVm({
  name: "web-1",
  resourceGroup: "RG-WEB",
  subscriptionId,
  id: vmId("web-1").replace(SUB, subscriptionId),
});

it("is the name alone where no other has it", () => {
  expect(typedName(web, [web, db])).toBe("web-1");
  expect(typedName(web, [])).toBe("web-1");
});

it("has as much before it as tells it from the others, in any case", () => {
  expect(typedName(web, [web, old, db])).toBe("rg-web/web-1");
  expect(typedName(old, [web, old, db])).toBe("rg-old/WEB-1");
  expect(typedName(web, [web, elsewhere])).toBe(`${SUB}/rg-web/web-1`);
});

it("tells nothing of a VM that isn't known", () => {
  expect(typedName(web, [web, old, elsewhere], (vm) => vm !== elsewhere)).toBe("rg-web/web-1");
  expect(typedName(web, [web, old], (vm) => vm === web)).toBe("web-1");
});
