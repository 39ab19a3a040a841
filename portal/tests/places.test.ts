import { expect, it } from 'vitest';
import { inGroups, placesOf } from '../src/shell/places';

it('a long rail loses no place, and a short one has no groups', () => {
  for (const [desk, places] of Object.entries(placesOf)) {
    const parts = inGroups(places);
    expect(new Set(parts.flatMap((one) => one.places)), desk).toEqual(new Set(places));
    expect(parts.flatMap((one) => one.places).length, desk).toBe(places.length);
    // Where work begins stands at the top.
    expect(parts[0]?.places[0]?.path, desk).toBe('/');
    if (parts.length > 1) expect(parts[0]?.places.length, desk).toBeLessThanOrEqual(6);
  }
  expect(inGroups(placesOf.office)).toEqual([{ group: undefined, places: placesOf.office }]);
  expect(inGroups(placesOf.bureau).length).toBeGreaterThan(3);
});
