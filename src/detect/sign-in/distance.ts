/** A place on the earth, degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const earthKm = 6371;

/** Great-circle distance in kilometres (haversine). */
export const distanceKm = (a: Place, b: Place): number => {
  const rad = Math.PI / 180;
  const half =
    Math.sin(((b.latitude - a.latitude) * rad) / 2) ** 2 +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(((b.longitude - a.longitude) * rad) / 2) ** 2;
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(half)));
};
