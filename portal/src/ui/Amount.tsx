import { grouped } from '../figures/decimal';

interface AmountProps {
  /** A decimal string of the API; absent where there is none. */
  value: string | null | undefined;
  /** The unit: `t`, `kg`, `CNY`, `CNY/t`. */
  unit?: string | undefined;
}

/** A quantity or a sum of money with its unit, in figures of one width. */
export function Amount({ value, unit }: AmountProps) {
  if (value === null || value === undefined) return <span className="muted">—</span>;
  return (
    <span className="amount">
      {grouped(value)}
      {unit !== undefined && <span className="unit">{unit}</span>}
    </span>
  );
}
