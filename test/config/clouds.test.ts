// The endpoints of the Azure clouds, and what an override of them moves.

import { describe, expect, test } from "vitest";
import { azureEndpoint } from "../../src/config/clouds.ts";

describe("a cloud", () => {
  test.each([
    ["public", "management.azure.com", "login.microsoftonline.com", "azure.com"],
    ["usgov", "management.usgovcloudapi.net", "login.microsoftonline.us", "azure.us"],
    ["china", "management.chinacloudapi.cn", "login.chinacloudapi.cn", "azure.cn"],
  ] as const)(
    "%s has its own endpoint, tokens, portal and monitor",
    (cloud, manager, login, site) => {
      expect(azureEndpoint(cloud)).toEqual({
        endpoint: `https://${manager}`,
        scope: `https://${manager}/.default`,
        authorityHost: `https://${login}`,
        portal: `https://portal.${site}`,
        monitor: `https://monitor.${site}`,
      });
    },
  );

  test("keeps its tokens' audience when its endpoint is moved", () => {
    expect(azureEndpoint("usgov", "https://localhost:4443/")).toEqual({
      ...azureEndpoint("usgov"),
      endpoint: "https://localhost:4443",
    });
  });
});
