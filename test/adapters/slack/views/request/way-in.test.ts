// The way in: lines that can be pasted as they are.

import { describe, expect, it } from "vitest";
import { mrkdwn } from "../../../../../src/adapters/slack/views/mrkdwn.ts";
import { bastionHint, wayIn } from "../../../../../src/adapters/slack/views/request/way-in.ts";
import type { WayIn } from "../../../../../src/domain/request/grant.ts";
import { plain } from "../../../../../src/domain/text/words.ts";
import { common, grant, PLAIN } from "../../requests.ts";

const { vm } = common(PLAIN).ask;
const HOST = "198.51.100.7";
const way = (ports: readonly number[], to: Partial<WayIn> = {}) =>
  wayIn(ports, vm, grant(PLAIN, { wayIn: { address: HOST, mappedPorts: {}, ...to } }));
const said = (...args: Parameters<typeof way>) => way(...args).map(plain);

describe("the way in", () => {
  it.each([
    [22, {}, "22 (SSH): ssh <user>@198.51.100.7"],
    [22, { "22": 50022 }, "22 (SSH): ssh -p 50022 <user>@198.51.100.7"],
    [3389, {}, "3389 (RDP): mstsc /v:198.51.100.7:3389"],
    [3389, { "3389": 50001 }, "3389 (RDP): mstsc /v:198.51.100.7:50001"],
    [
      5985,
      {},
      "5985 (WinRM): Enter-PSSession -ComputerName 198.51.100.7 -Credential (Get-Credential)",
    ],
    [
      5986,
      { "5986": 50003 },
      "5986 (WinRM over HTTPS): Enter-PSSession -ComputerName 198.51.100.7 -UseSSL -Port 50003 -Credential (Get-Credential)",
    ],
    [8080, {}, "8080: 198.51.100.7:8080"],
    [8080, { "8080": 50004 }, "8080: 198.51.100.7:50004"],
  ])("has a line for port %i, mapped by %j", (port, mappedPorts, line) => {
    expect(said([port], { mappedPorts })[0]).toBe(line);
  });

  it("says that a firewall maps the port", () => {
    expect(said([22], { mappedPorts: { "22": 50022 } })[1]).toBe(
      "The VM is behind an Azure Firewall: reach 22 (SSH) on the firewall's port 50022.",
    );
  });

  it("has a line for every port", () => {
    expect(said([22, 3389])).toEqual([
      "22 (SSH): ssh <user>@198.51.100.7",
      "3389 (RDP): mstsc /v:198.51.100.7:3389",
    ]);
  });

  it("leaves the address open where it is not known, and says where it stands", () => {
    expect(said([22], { address: undefined })).toEqual([
      "22 (SSH): ssh <user>@<address>",
      "I don't know the address of vm-01: see Overview in the Azure portal, or run az vm list-ip-addresses --name vm-01 --output table.",
    ]);
  });

  it.each(["10.0.0.4", "172.16.5.6", "192.168.1.2"])("says that %s is private", (address) => {
    expect(said([22], { address })[1]).toBe(
      `${address} is a private address: reach it through your VPN, peering or Azure Bastion.`,
    );
  });

  it("puts nothing into a line to paste that a shell would run", () => {
    for (const address of ["1.2.3.4; rm -rf ~", "$(reboot)", "-oProxyCommand=x", "a\nb"]) {
      expect(said([22], { address })[0]).toBe("22 (SSH): ssh <user>@<address>");
    }
  });

  it("says from where an Azure Bastion gets in, where it connects to a port at all", () => {
    const hint =
      "To use Azure Bastion (in the portal under Connect), request access from the CIDR of its AzureBastionSubnet.";
    expect(bastionHint([22]).map(plain)).toEqual([hint]);
    expect(bastionHint([3389, 8080]).map(plain)).toEqual([hint]);
    expect(bastionHint([5985, 8080])).toEqual([]);
  });

  it("stands in code, one line each", () => {
    expect(way([22]).map(mrkdwn)).toEqual(["`22` (SSH): `ssh &lt;user&gt;@198.51.100.7`"]);
  });
});
