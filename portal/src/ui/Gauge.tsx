import { compare, percentage, thousandths } from '../figures/decimal';

interface GaugeProps {
  /** What it measures, for whoever does not see it. */
  label: string;
  part: string;
  whole: string;
  /** What stands beneath the percentage. */
  note: string;
}

/** From how many thousandths on it is nearly used up. */
const NEARLY = 800;

function tone(part: number, isBeyond: boolean): string {
  if (isBeyond) return 'bad';
  return part >= NEARLY ? 'waits' : 'good';
}

/** How much of something is used up, as half a circle; what goes beyond fills it all and is said by the percentage. */
export function Gauge({ label, part, whole, note }: GaugeProps) {
  const used = percentage(part, whole);
  const filled = thousandths(part, whole);
  const isBeyond = compare(part, whole) > 0;
  const arc = 'M12 100 A88 88 0 0 1 188 100';
  const shown = used === undefined ? '—' : `${used} %`;
  return (
    <figure className={`gauge ${tone(filled, isBeyond)}`}>
      <svg viewBox="0 0 200 108" role="img" aria-label={`${label}: ${shown}`}>
        <path className="rest" d={arc} pathLength={1000} />
        {(filled > 0 || isBeyond) && (
          <path className="used" d={arc} pathLength={1000} strokeDasharray={`${isBeyond ? 1000 : filled} 1000`} />
        )}
      </svg>
      <figcaption>
        <b>{shown}</b>
        <span className="muted">{note}</span>
      </figcaption>
    </figure>
  );
}
