/** How long something still lasts, by the server's word and the browser's steady clock: the time of day of a browser may be wrong. */

/** What was told, and when by the steady clock. */
export interface Told {
  readonly milliseconds: number;
  readonly at: number;
}

/** What is left of it now; nothing when it is over. */
export function left(told: Told, now: number): number {
  return Math.max(0, told.milliseconds - (now - told.at));
}

/** `2 d 03:04:05`, without the days where there are none; a begun second still counts. */
export function clock(milliseconds: number, day: string): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400];
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`;
  return days > 0 ? `${days} ${day} ${time}` : time;
}
