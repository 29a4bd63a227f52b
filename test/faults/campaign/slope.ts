// Whether what was measured again and again stays level: the straight line through it, by least squares.

/**
 * By what share of their mean the line through `values` rises from the first to the last, which were
 * measured at even distances; negative: it falls. Throws for fewer than three, which show nothing.
 */
export function rise(values: readonly number[]): number {
  if (values.length < 3) throw new Error("fewer than three values have no slope to speak of");
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const together = values.reduce((sum, value, n) => sum + (n - middle) * (value - mean), 0);
  const spread = values.reduce((sum, _, n) => sum + (n - middle) ** 2, 0);
  return ((together / spread) * (values.length - 1)) / mean;
}
