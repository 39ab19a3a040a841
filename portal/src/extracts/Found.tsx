import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Facts } from '../ui/Facts';

interface FoundProps {
  extract: Schemas['Extract'];
  search: Schemas['SearchResult'];
}

/** How much a search has found, in words. */
export const foundOf = (t: TFunction, count: number): string =>
  count === 0 ? t('extract.nothing') : t('extract.encumbrances', { count });

/** What a search has found, in the order in which it came to lie there. */
export function Found({ extract, search }: FoundProps) {
  const { t } = useTranslation();
  const amounts = ['quantity', 'available', 'committed', 'pledged', 'frozen'] as const;
  return (
    <div className={search.encumbrances.length === 0 ? 'notice fine' : 'notice calm'} role="status">
      <h3>{foundOf(t, search.encumbrances.length)}</h3>
      <Facts
        facts={[
          [t('extract.number'), <span className="code">{extract.number}</span>],
          [t('extract.asOf'), <span className="figures">{minuteOf(extract.as_of)}</span>],
          ...amounts.map(
            (name) => [t(`extract.amounts.${name}`), <Amount value={search[name]} unit={search.unit} />] as const,
          ),
        ]}
      />
      <ul>
        {search.encumbrances.map((one) => (
          <li key={one.kind + one.number}>
            <span className="figures">{minuteOf(one.since)}</span> · {t(`extract.lies.${one.kind}`)} ·{' '}
            <Amount value={one.quantity} unit={search.unit} /> · <span className="code">{one.number}</span> ·{' '}
            {one.party}
          </li>
        ))}
      </ul>
      <DownloadButton
        label={t('act.pdf')}
        path={`/api/v1/extracts/${extract.id}/file?wait=5`}
        name={`${extract.number}.pdf`}
      />
    </div>
  );
}
