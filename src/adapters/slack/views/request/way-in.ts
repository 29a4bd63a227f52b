// How to get in: for every open port the line to paste, as far as the address is known.

import ipaddr from "ipaddr.js";
import type { Grant } from "../../../../domain/request/grant.ts";
import type { AskedVm } from "../../../../domain/rules/ask.ts";
import { portWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { offNote } from "../../../../domain/vm/vm-power.ts";

const SSH = 22;
export const RDP = 3389;
const WINRM = 5985;
const WINRM_HTTPS = 5986;

/** An address or a host name: nothing else belongs into a line that is pasted into a shell. */
const PASTEABLE = /^[a-z\d][a-z\d.-]{0,252}$/i;

/** Where a port is reached; `host` is `undefined` where nothing is known that could be pasted. */
export function reached(
  port: number,
  { wayIn }: Pick<Grant, "wayIn">,
): { readonly host: string | undefined; readonly at: number } {
  const { address, mappedPorts = {} } = wayIn ?? {};
  const host = address !== undefined && PASTEABLE.test(address) ? address : undefined;
  return { host, at: mappedPorts[String(port)] ?? port };
}

/** One sentence for each port, and remarks. `ports` are those that were asked for. */
export function wayIn(ports: readonly number[], vm: AskedVm, grant: Grant): readonly Words[] {
  const reach = ports.map((port) => ({ port, ...reached(port, grant) }));
  const address = reach[0]?.host;
  return [
    ...reach.map(
      ({ port, at, host = "<address>" }) =>
        words`${portWords(port)}: ${{ code: line({ port, at, host }) }}`,
    ),
    ...reach
      .filter(({ port, at }) => port !== at)
      .map(
        ({ port, at }) =>
          words`The VM is behind an Azure Firewall: reach ${portWords(port)} on the firewall's port ${{ code: String(at) }}.`,
      ),
    ...(address === undefined ? [unknownAddress(vm)] : []),
    ...(address !== undefined && isPrivate(address) ? [privateAddress(address)] : []),
  ];
}

/** What an Azure Bastion in the VM's network, which connects to these ports by itself, needs to get in. */
export const bastionHint = (ports: readonly number[]): readonly Words[] =>
  ports.includes(SSH) || ports.includes(RDP)
    ? [
        words`To use Azure Bastion (in the portal under Connect), request access from the CIDR of its ${{ code: "AzureBastionSubnet" }}.`,
      ]
    : [];

/** What to paste, for the program that usually speaks to this port. */
function line({ port, at, host }: { port: number; at: number; host: string }): string {
  switch (port) {
    case SSH:
      return at === SSH ? `ssh <user>@${host}` : `ssh -p ${at} <user>@${host}`;
    case RDP:
      return `mstsc /v:${host}:${at}`;
    case WINRM:
      return `Enter-PSSession -ComputerName ${host}${portOption(port, at)} -Credential (Get-Credential)`;
    case WINRM_HTTPS:
      return `Enter-PSSession -ComputerName ${host} -UseSSL${portOption(port, at)} -Credential (Get-Credential)`;
    default:
      return `${host}:${at}`;
  }
}

const portOption = (usual: number, at: number): string => (at === usual ? "" : ` -Port ${at}`);

const unknownAddress = (vm: AskedVm): Words =>
  words`I don't know the address of ${{ code: vm.name }}: see Overview in the Azure portal, or run ${{ code: `az vm list-ip-addresses --name ${vm.name} --output table` }}.`;

const privateAddress = (address: string): Words =>
  words`${{ code: address }} is a private address: reach it through your VPN, peering or Azure Bastion.`;

const isPrivate = (address: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(address) && ipaddr.IPv4.parse(address).range() === "private";

/** That nobody gets in while it is off: where the card around the way in doesn't say so. */
export const offNow = ({ name }: AskedVm, { wayIn: seen }: Grant): readonly Words[] =>
  seen?.off === undefined ? [] : [offNote(name, seen.off)];
