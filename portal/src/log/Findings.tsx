import { useTranslation } from 'react-i18next';
import type { Found } from './questions';

/** A step of a check: what is compared, and what came out. */
export interface Finding {
  step: string;
  found: Found;
}

const senses = { holds: 'good', fails: 'bad', unknown: 'over' } as const;

/** What a check by the browser has found, step by step, and what it comes to. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation();
  const isBroken = findings.some(({ found }) => found === 'fails');
  return (
    <div className={isBroken ? 'notice' : 'notice fine'} role="status">
      <h3>{isBroken ? t('log.broken') : t('log.proved')}</h3>
      <ul className="steps-found">
        {findings.map(({ step, found }) => (
          <li key={step}>
            <span className={`state ${senses[found]}`}>{t(`log.found.${found}`)}</span>
            <span>{step}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
