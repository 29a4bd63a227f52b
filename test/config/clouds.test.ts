// The endpoints of the Azure clouds, and what an override of them moves.

import { describe, expect, test } from "vitest";
import { azureEndpoint } from "../../src/config/clouds.ts";

describe("a cloud", () => {
  test.each([
    ["public", "management.azure.com", "login.microsoftonline.com", "portal.azure.com"],
    ["usgov", "management.usgovcloudapi.net", "login.microsoftonline.us", "portal.azure.us"],
    ["china", "management.chinacloudapi.cn", "login.chinacloudapi.cn", "portal.azure.cn"],
  ] as const)("%s has its own endpoint, tokens and portal", (cloud, manager, login, portal) => {
    expect(azureEndpoint(cloud)).toEqual({
      endpoint: `https://${manager}`,
      scope: `https://${manager}/.default`,
      authorityHost: `https://${login}`,
      portal: `https://${portal}`,
    });
  });

  test("keeps its tokens' audience when its endpoint is moved", () => {
    expect(azureEndpoint("usgov", "https://localhost:4443/")).toEqual({
      ...azureEndpoint("usgov"),
      endpoint: "https://localhost:4443",
    });
  });
});
