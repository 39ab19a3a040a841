import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { Term } from './Term';

/** Applications that their bureau has found something to lack in; nothing where none is to be corrected. */
export default function ToCorrect() {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const mayCorrect = hasRole(useSession(), 'enterprise_trader');
  const list = useList(
    ['allocation-applications', 'to-correct'],
    (cursor) =>
      call(
        api.GET('/api/v1/allocation-applications', {
          params: { query: { state: 'correction_requested', limit: 25, ...at(cursor) } },
        }),
      ),
    mayCorrect,
  );
  const columns: Column<Schemas['AllocationApplication']>[] = [
    {
      key: 'number',
      title: t('reduction.number'),
      cell: (one) => (
        <Link to={`/applications/${one.id}`} className="underlined figures">
          {one.number}
        </Link>
      ),
    },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => t(`pollutant.${one.pollutant}`) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'until', title: t('application.terms.correct'), cell: (one) => <Term until={one.correct_until} /> },
  ];
  if (list.items.length === 0) return null;
  return <ListPanel title={t('application.toCorrect')} list={list} columns={columns} none={t('application.none')} />;
}
