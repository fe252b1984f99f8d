import type { DirectionQuality, Quality } from '@mediasoup-heartbeat/client/quality';

/** No quality is known. */
export const UNKNOWN: Quality = Object.freeze({
  downlink: Object.freeze({ score: undefined, rating: 'unknown', cause: 'none' }),
  uplink: Object.freeze({ score: undefined, rating: 'unknown', cause: 'none' }),
});

/**
 * The worst quality of several paths, for each direction. An unknown one says nothing about the others.
 *
 * @param before - The result of the last time: it is returned again if nothing has changed.
 */
export function worstQuality(qualities: readonly Quality[], before: Quality): Quality {
  const downlink = worst(qualities.map(quality => quality.downlink)) ?? UNKNOWN.downlink;
  const uplink = worst(qualities.map(quality => quality.uplink)) ?? UNKNOWN.uplink;

  return downlink === before.downlink && uplink === before.uplink
    ? before
    : Object.freeze({ downlink, uplink });
}

function worst(directions: readonly DirectionQuality[]): DirectionQuality | undefined {
  const known = directions.filter(({ score }) => score !== undefined);

  return known.length > 0
    ? known.reduce((one, other) => (Number(other.score) < Number(one.score) ? other : one))
    : undefined;
}
