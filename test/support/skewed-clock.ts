// Loaded before a bot starts: sets its machine's clock, and nothing else, off by SKEW_MS.

const skewMs = Number(process.env.SKEW_MS ?? 0);
const RealDate = Date;
const realNow = Date.now;

class SkewedDate extends RealDate {
  constructor(...of: readonly unknown[]) {
    if (of.length === 0) super(realNow() + skewMs);
    else super(...(of as [number]));
  }
  static override now(): number {
    return realNow() + skewMs;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
