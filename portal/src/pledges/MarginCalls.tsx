import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { percent } from './figures';

/** Calls for more security: the open ones stand out. */
export function MarginCalls({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const open = pledge.margin_calls.filter((one) => !one.ended_at);
  if (open.length === 0) return null;
  return (
    <div className="notice" role="status">
      <h3>{t('margin.open')}</h3>
      <ul>
        {open.map((one) => (
          <li key={one.id}>
            {t('margin.ratio', { ltv: one.ltv ? percent(one.ltv) : '—', cap: percent(one.cap) })} ·{' '}
            {t('pledge.secured')} <Amount value={one.secured} unit="CNY" /> · {t('pledge.assessed')}{' '}
            <Amount value={one.assessed_value} unit="CNY" />
            <small className="figures">
              {t('margin.since', { at: minuteOf(one.called_at) })}
              {one.due_on ? ` · ${t('margin.due', { day: one.due_on })}` : ''}
            </small>
          </li>
        ))}
      </ul>
      <p className="gap">{t('margin.lead')}</p>
    </div>
  );
}
