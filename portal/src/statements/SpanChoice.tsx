import { Input, Segmented } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { daysLater } from '../figures/instant';
import { useToday } from '../session/installation';

type Basis = 'effective' | 'recorded';

/** The days that a statement is about, and by which of its days an entry belongs to them. The days are empty until today is known. */
export interface Span {
  from: string;
  to: string;
  basis: Basis;
}

/** Days of the statement that is shown first, where a page says nothing else. */
const DAYS = 90;

/** The span that is chosen, and how another one is; it begins with what an address names. */
export function useSpan(named: { from?: string; to?: string; basis?: string } = {}, days = DAYS) {
  const today = useToday();
  const [chosen, choose] = useState<Partial<Span>>({
    ...(named.from !== undefined && { from: named.from }),
    ...(named.to !== undefined && { to: named.to }),
    ...(named.basis === 'recorded' && { basis: 'recorded' }),
  });
  const span: Span = {
    from: chosen.from ?? (today === undefined ? '' : daysLater(today, -days)),
    to: chosen.to ?? today ?? '',
    basis: chosen.basis ?? 'effective',
  };
  return [span, (part: Partial<Span>) => choose({ ...chosen, ...part })] as const;
}

/** Choosing the span of a statement. */
export function SpanChoice({ span, choose }: { span: Span; choose: (part: Partial<Span>) => void }) {
  const { t } = useTranslation();
  const [fromField, toField] = [useId(), useId()];
  return (
    <div className="actions bottom">
      <label htmlFor={fromField}>
        {t('statements.from')}
        <Input
          id={fromField}
          type="date"
          value={span.from}
          max={span.to}
          onChange={(event) => choose({ from: event.target.value })}
        />
      </label>
      <label htmlFor={toField}>
        {t('statements.to')}
        <Input
          id={toField}
          type="date"
          value={span.to}
          min={span.from}
          onChange={(event) => choose({ to: event.target.value })}
        />
      </label>
      <Segmented<Basis>
        value={span.basis}
        onChange={(basis) => choose({ basis })}
        options={[
          { value: 'effective', label: t('statements.effective') },
          { value: 'recorded', label: t('statements.recorded') },
        ]}
      />
    </div>
  );
}
