import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

type Pledge = Schemas['Pledge'];

interface PartyRow {
  id: string;
  part: string;
  secured: string | null | undefined;
  said: string | null | undefined;
}

/** Every pledgor and pledgee with its share; nothing where there is one of each, who are named above. */
export function Parties({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  if (pledge.pledgors.length === 1 && pledge.pledgees.length === 1) return null;
  const isGiven = pledge.pledgors.length > 1;
  const isShared = pledge.pledgees.length > 1;
  const rows: PartyRow[] = [
    ...pledge.pledgors.map((one) => ({
      id: one.pledgor,
      part: isGiven ? t(one.borrows ? 'parties.borrower' : 'parties.furtherPledgor') : t('pledge.pledgor'),
      secured: one.secured,
      said: one.borrows ? undefined : one.agreed_at,
    })),
    ...pledge.pledgees.map((one) => ({
      id: one.pledgee,
      part: isShared ? t(one.leads ? 'parties.leader' : 'parties.furtherPledgee') : t('pledge.pledgee'),
      secured: one.share,
      said: one.leads ? undefined : one.joined_at,
    })),
  ];
  const columns: Column<PartyRow>[] = [
    { key: 'name', title: t('parties.name'), cell: (one) => <b>{organisationName(one.id)}</b> },
    { key: 'part', title: t('parties.part'), cell: (one) => one.part },
    {
      key: 'secured',
      title: t('parties.share'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
    },
    {
      key: 'said',
      title: t('parties.agreedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.said ? minuteOf(one.said) : '—'}</span>,
    },
  ];
  return (
    <Panel flush title={t('parties.title')}>
      <Rows
        label={t('parties.title')}
        columns={columns}
        rows={rows}
        rowKey={(one) => `${one.part} ${one.id}`}
        empty={<Nothing title={t('parties.title')} />}
      />
    </Panel>
  );
}
