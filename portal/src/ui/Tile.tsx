import type { ReactNode } from 'react';
import { grouped } from '../figures/decimal';

interface TileProps {
  name: string;
  value: string | undefined;
  unit?: string;
  note?: ReactNode;
  lead?: boolean;
}

/** One figure that is to be seen first. */
export function Tile({ name, value, unit, note, lead = false }: TileProps) {
  return (
    <div className={lead ? 'tile lead' : 'tile'}>
      <div className="name">{name}</div>
      <div className="value">
        {value === undefined ? '—' : grouped(value)}
        {unit !== undefined && value !== undefined && ' '}
        {unit !== undefined && value !== undefined && <span className="unit">{unit}</span>}
      </div>
      {note !== undefined && <div className="note">{note}</div>}
    </div>
  );
}
