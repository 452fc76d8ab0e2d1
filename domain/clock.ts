/** How the product's clock runs against the engine's: one and the same in production and in virtual time, faster in a demo. */
export interface ClockMapping {
  /** Epoch ms on both clocks at one moment. */
  readonly engine: number;
  readonly product: number;
  /** Product milliseconds in one of the engine's. */
  readonly rate: number;
}

export interface Clock {
  /** Epoch ms on the product's clock. */
  now(): Promise<number>;
  mapping(): Promise<ClockMapping>;
}

export const SAME_CLOCK: ClockMapping = { engine: 0, product: 0, rate: 1 };

/** What the product's clock shows when the engine's shows `engine` (epoch ms). */
export const productAt = (map: ClockMapping, engine: number): number =>
  Math.round(map.product + (engine - map.engine) * map.rate);

/** When the engine's clock shows it that the product's shows `product` (epoch ms). */
export const engineAt = (map: ClockMapping, product: number): number =>
  Math.ceil(map.engine + (product - map.product) / map.rate);

const SHANGHAI_MS = 8 * 3_600_000;

/** RFC 3339 in Asia/Shanghai, to the second. */
export function stamp(epochMs: number): string {
  return `${new Date(epochMs + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;
}
