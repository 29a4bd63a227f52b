// The rules that JIT writes into network security groups, told from all others by their names.

/** As Defender names what it closes; older ones begin with `SecurityCenter`. */
const DENY_NAME = /^(?:MicrosoftDefenderForCloud|SecurityCenter)-JITRule_/i;

/** As it names what it opens for a time: with hyphens. */
const ALLOW_NAME = /^(?:MicrosoftDefenderForCloud|SecurityCenter)-JITRule--?\d+-[0-9a-f]{32}$/i;

export const isJitDenyName = (name: string): boolean => DENY_NAME.test(name);
export const isJitAllowName = (name: string): boolean => ALLOW_NAME.test(name);
