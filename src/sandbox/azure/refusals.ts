// What the simulated Azure refuses, in which words, and where each code and message is known from.

import { ArmRefusal } from "./arm.ts";

/** documented: Microsoft's pages; seen: quoted from the live service; unknown: invented here. */
type Source = "documented" | "seen" | "unknown";

export type RefusalRow = {
  status: number;
  code: string;
  /** `{…}` stands for a fact of the case. */
  message: string;
  codeFrom: Source;
  messageFrom: Source;
};

/** Seen in 2019 for a request that went beyond its policy; in which way isn't known. */
const NOT_A_SUBSET = {
  status: 400,
  code: "BadRequest",
  message:
    "The given access request is not a subset of policy '{policy}'. Please make sure that the " +
    "access request is within the allowed policy properties.",
  codeFrom: "unknown",
  messageFrom: "seen",
} as const satisfies RefusalRow;

/** What nobody has told us the words of. */
function unknown(message: string, status = 400) {
  return {
    status,
    code: "BadRequest",
    message,
    codeFrom: "unknown",
    messageFrom: "unknown",
  } as const satisfies RefusalRow;
}

function documented(status: number, code: string, message: string) {
  return {
    status,
    code,
    message,
    codeFrom: "documented",
    messageFrom: "seen",
  } as const satisfies RefusalRow;
}

export const REFUSALS = {
  // By Azure Resource Manager, before any provider is asked.
  "subscription-malformed": documented(
    400,
    "InvalidSubscriptionId",
    "The provided subscription identifier '{subscription}' is malformed or invalid.",
  ),
  "subscription-not-found": documented(
    404,
    "SubscriptionNotFound",
    "The subscription '{subscription}' could not be found.",
  ),
  "group-not-found": documented(
    404,
    "ResourceGroupNotFound",
    "Resource group '{group}' could not be found.",
  ),
  "resource-not-found": documented(
    404,
    "ResourceNotFound",
    "The Resource '{resource}' under resource group '{group}' was not found. For more details " +
      "please go to https://aka.ms/ARMResourceNotFoundFix",
  ),
  "not-authorized": documented(
    403,
    "AuthorizationFailed",
    "The client '{client}' with object id '{client}' does not have authorization to perform " +
      "action '{action}' over scope '{scope}' or the scope is invalid. If access was recently " +
      "granted, please refresh your credentials.",
  ),
  "api-version-missing": documented(
    400,
    "MissingApiVersionParameter",
    "The api-version query parameter (?api-version=) is required for all requests.",
  ),
  "api-version-malformed": documented(
    400,
    "InvalidApiVersionParameter",
    "The api-version '{version}' is invalid. The supported versions are '{supported}'.",
  ),
  "api-version-unsupported": documented(
    400,
    "NoRegisteredProviderFound",
    "No registered resource provider found for location '{location}' and API version " +
      "'{version}' for type '{type}'. The supported api-versions are '{supported}'.",
  ),
  "body-malformed": documented(
    400,
    "InvalidRequestContent",
    "The request content was invalid and could not be deserialized: '{fault}'.",
  ),

  // Of initiate.
  // The codes of these two were seen publicly, their words weren't.
  "policy-not-found": {
    status: 404,
    code: "PolicyNotFound",
    message: "The policy '{policy}' was not found.",
    codeFrom: "seen",
    messageFrom: "unknown",
  },
  "body-incomplete": {
    status: 400,
    code: "InvalidInitiateInput",
    message: "The access request is not valid: {fault}.",
    codeFrom: "seen",
    messageFrom: "unknown",
  },
  "vm-not-in-policy": NOT_A_SUBSET,
  "port-not-in-policy": NOT_A_SUBSET,
  "source-outside": NOT_A_SUBSET,
  "source-narrower": NOT_A_SUBSET,
  "too-long": NOT_A_SUBSET,
  "source-ipv6": {
    status: 400,
    code: "BadRequest",
    message:
      "The provided access request contains a source IP address in IPv6 format, which is " +
      "unsupported by Just-In-Time Network Access.",
    codeFrom: "unknown",
    messageFrom: "seen",
  },
  "source-malformed": unknown("The source address prefix '{source}' is not valid."),
  "end-in-the-past": unknown("The end time '{end}' is in the past."),
  "end-too-near": unknown("The end time '{end}' is too near."),
  "vm-gone": unknown("The virtual machine '{vm}' was not found.", 404),
  "vm-unsupported": unknown(
    "Just-In-Time Network Access is not supported for the virtual machine '{vm}': it has no " +
      "network security group.",
  ),
  "plan-off": unknown(
    "Just-In-Time Network Access is not part of the pricing plan of subscription " +
      "'{subscription}'.",
    403,
  ),
  "action-unknown": unknown("The action '{action}' is not supported.", 404),

  // Of put.
  "policy-incomplete": unknown("The policy is not valid: {fault}."),
  "policy-port": unknown("The port number '{port}' is not between 0 and 65535."),
  "policy-protocol": unknown("The protocol '{protocol}' is not one of TCP, UDP, *."),
  "policy-duration": unknown("The duration '{duration}' is not between PT5M and P1D."),
  "policy-sources": unknown(
    "Exactly one of allowedSourceAddressPrefix and allowedSourceAddressPrefixes is to be given.",
  ),
  "policy-source": unknown("The source address prefix '{source}' is not valid."),
  "policy-name-long": unknown(
    "The policy name '{policy}' and the virtual machine name '{vm}' together exceed 56 characters.",
  ),
} as const satisfies Record<string, RefusalRow>;

export type RefusalName = keyof typeof REFUSALS;

/** The refusal of that name, with the facts of the case in its message. */
export function refusal(name: RefusalName, facts: Record<string, string> = {}): ArmRefusal {
  const { status, code, message } = REFUSALS[name];
  const filled = message.replace(/\{(\w+)\}/g, (whole, fact: string) => facts[fact] ?? whole);
  return new ArmRefusal(status, { code, message: filled });
}
