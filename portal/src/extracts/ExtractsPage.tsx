import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { foundOf } from './Found';
import { SearchForm } from './SearchForm';

type Extract = Schemas['Extract'];

/** What an extract is of: a pledge, or the stock that was searched. */
function About({ extract }: { extract: Extract }) {
  const { t } = useTranslation();
  if (extract.pledge) return <Link to={`/pledges/${extract.pledge}`}>{t('extract.ofPledge')}</Link>;
  return extract.search ? <RightClass code={extract.search.right_class} /> : null;
}

/** Certified extracts of the lien register, and the search that makes one. */
export default function ExtractsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const list = useList(['extracts'], (cursor) =>
    call(api.GET('/api/v1/extracts', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Extract>[] = [
    { key: 'number', title: t('extract.number'), cell: (one) => <span className="code">{one.number}</span> },
    { key: 'kind', title: t('extract.kind'), cell: (one) => t(`extract.kinds.${one.kind}`) },
    { key: 'holder', title: t('extract.holder'), cell: (one) => <b>{organisationName(one.holder)}</b> },
    { key: 'about', title: t('extract.about'), cell: (one) => <About extract={one} /> },
    {
      key: 'found',
      title: t('extract.found'),
      cell: (one) => (one.search ? foundOf(t, one.search.encumbrances.length) : t('extract.registered')),
    },
    {
      key: 'asOf',
      title: t('extract.asOf'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.as_of)}</span>,
    },
    {
      key: 'file',
      title: t('certificate.file'),
      cell: (one) => (
        <DownloadButton
          size="small"
          label={t('act.pdf')}
          path={`/api/v1/extracts/${one.id}/file?wait=5`}
          name={`${one.number}.pdf`}
        />
      ),
    },
  ];
  return (
    <>
      <PageHead title={t('extract.title')} lead={t('extract.lead')} />
      <div className="stack">
        {hasRole(session, 'pledgee_officer') && <SearchForm />}
        <Panel flush title={t('extract.all')}>
          <Rows
            label={t('extract.all')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={t('extract.none')}>
                <p>{t('extract.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
      </div>
    </>
  );
}
