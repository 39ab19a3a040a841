import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { DownloadButton } from '../ui/DownloadButton';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { Differences } from './Differences';
import { Matches } from './Matches';

/** Every version of the statement of a day, with the way to each. */
function Versions({ day, bank, shown }: { day: string; bank: string; shown: string }) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: ['bank-statements', 'versions', day, bank],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/money/bank-statements', { params: { query: { day, limit: 200, ...at(cursor) } } })),
      ),
    select: (found) => found.filter((one) => one.bank === bank),
  });
  return (
    <span className="actions">
      {versions.data?.map((one) => {
        const name = t('reconciliation.versionOf', { number: one.number });
        return one.id === shown ? (
          <b key={one.id}>{name}</b>
        ) : (
          <Link key={one.id} to={`/reconciliation/${one.id}`}>
            {name}
          </Link>
        );
      })}
    </span>
  );
}

/** One version of the bank's statement of a day: what it is, what differs, and what was matched with what. */
export default function StatementPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const organisationName = useOrganisationName();
  const query = useQuery({
    queryKey: ['bank-statement', id],
    queryFn: () => call(api.GET('/api/v1/money/bank-statements/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const statement = query.data;
  const { day, bank, number } = statement;
  return (
    <>
      <PageHead
        title={t('reconciliation.statementOf', { day })}
        lead={t('reconciliation.statementLead', { number, bank: organisationName(bank) })}
        actions={
          <DownloadButton
            label={t('reconciliation.file')}
            path={`/api/v1/documents/${statement.document}/content`}
            name={`bank-statement-${day}-${number}.csv`}
          />
        }
      />
      <div className="stack">
        <Panel>
          <Facts
            facts={[
              [t('reconciliation.version'), <Versions day={day} bank={bank} shown={id} />],
              [t('reconciliation.lines'), statement.lines],
              [t('reconciliation.movements'), statement.movements],
              [t('reconciliation.recordedAt'), minuteOf(statement.recorded_at)],
            ]}
          />
        </Panel>
        {/* Which states are shown begins anew with another version. */}
        <Differences key={id} statement={id} />
        <Matches statement={statement} />
      </div>
    </>
  );
}
