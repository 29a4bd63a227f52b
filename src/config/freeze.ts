// Makes a configuration unchangeable, all the way down.

/** Freezes the value and everything in it, and answers it. The value must not contain itself. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
