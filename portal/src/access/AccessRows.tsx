import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { Nothing } from '../ui/Nothing';
import { type Column, Rows } from '../ui/Rows';

type Access = Schemas['AccessRecord'];

/** What a bank has seen under a consent, in words; other reads are told by their operation. */
const seen = new Map([
  ['POST /api/v1/consents/{id}/look', 'holdings'],
  ['GET /api/v1/consents/{id}/trades', 'trades'],
  ['POST /api/v1/encumbrance-searches', 'encumbrances'],
] as const);

interface AccessRowsProps {
  label: string;
  rows: readonly Access[];
  /** Whether the log is over the data of many. */
  isOfMany?: boolean;
  isLoading: boolean;
  error: unknown;
  retry: () => void;
  more: (() => void) | undefined;
  isLoadingMore: boolean;
}

/** Reads of an organisation's data: who, what, by which right, how often and when. */
export function AccessRows({ label, rows, isOfMany = false, ...list }: AccessRowsProps) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const columns: Column<Access>[] = [
    { key: 'who', title: t('consent.who'), cell: (one) => <b>{one.reader_organisation_name}</b> },
    ...(isOfMany
      ? [{ key: 'whose', title: t('access.whose'), cell: (one: Access) => organisationName(one.organisation) }]
      : []),
    {
      key: 'what',
      title: t('consent.what'),
      cell: (one) => {
        const word = seen.get(one.operation as never);
        return word && one.consent ? (
          <span title={`${one.operation} ${one.asked}`}>{t(`consent.whatSeen.${word}`)}</span>
        ) : (
          <span className="code" title={one.asked}>
            {one.operation}
          </span>
        );
      },
    },
    {
      key: 'basis',
      title: t('consent.basis'),
      cell: (one) => (one.consent ? t('consent.byConsent') : t('consent.byOffice')),
    },
    { key: 'times', title: t('consent.times'), isFigure: true, cell: (one) => one.times },
    {
      key: 'last',
      title: t('consent.last'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.last_at)}</span>,
    },
  ];
  return (
    <Rows
      label={label}
      columns={columns}
      rows={rows}
      rowKey={(one) => one.id}
      {...list}
      empty={
        <Nothing title={t('consent.noLooks')}>
          <p>{t('consent.noLooksLead')}</p>
        </Nothing>
      }
    />
  );
}
