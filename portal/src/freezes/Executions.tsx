import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';

type Execution = Schemas['FreezeExecution'];

/** What stood against a sale that a court ordered all the same. */
export function Overruled({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation();
  return codes.length === 0 ? '—' : <span className="code">{codes.join(t('shell.comma'))}</span>;
}

/** The parts of a freeze that were sold while it went on with the rest; nothing where there is none. */
export function Executions({ freeze }: { freeze: Schemas['Freeze'] }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  const list = useList(['freezes', freeze.id, 'executions'], (cursor) =>
    call(
      api.GET('/api/v1/freezes/{id}/executions', {
        params: { path: { id: freeze.id }, query: { limit: 25, ...at(cursor) } },
      }),
    ),
  );
  if (list.items.length === 0 && list.error === null) return null;
  const columns: Column<Execution>[] = [
    { key: 'document', title: t('freeze.executingDocument'), cell: (one) => <b>{one.document}</b> },
    {
      key: 'buyer',
      title: t('freeze.buyerSite'),
      cell: (one) => (
        <>
          {organisationName(one.buyer)}
          <br />
          <small className="muted">{siteName(one.buyer_site)}</small>
        </>
      ),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'price',
      title: t('field.unitPrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.unit_price} unit={`CNY/${one.unit}`} />,
    },
    {
      key: 'at',
      title: t('freeze.executedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.executed_at)}</span>,
    },
    { key: 'overruled', title: t('freeze.overruled'), cell: (one) => <Overruled codes={one.warnings} /> },
  ];
  return <ListPanel title={t('freeze.executions')} list={list} columns={columns} none={t('freeze.noExecutions')} />;
}
