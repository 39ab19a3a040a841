import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { useAreaName, useOrganisationName, useSiteName, useZoneName } from './names';
import { RegisterProject } from './RegisterProject';
import { RegisterSite } from './RegisterSite';

/** Every site that holds or may hold rights. */
function Sites() {
  const { t } = useTranslation();
  const [areaName, zoneName, organisationName] = [useAreaName(), useZoneName(), useOrganisationName()];
  const list = useList(['sites', 'pages'], (cursor) =>
    call(api.GET('/api/v1/sites', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Site']>[] = [
    {
      key: 'name',
      title: t('sites.name'),
      cell: (one) => (
        <>
          <b>{one.name}</b>
          <br />
          <small className="muted figures">{one.number}</small>
        </>
      ),
    },
    {
      key: 'organisation',
      title: t('sites.organisation'),
      cell: (one) =>
        one.is_reserve ? <State state="verified" word={t('sites.reserve')} /> : organisationName(one.organisation),
    },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    { key: 'basin', title: t('sites.basin'), cell: (one) => (one.basin ? zoneName(one.basin) : '—') },
    {
      key: 'at',
      title: t('sites.registeredAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.registered_at)}</span>,
    },
  ];
  return <ListPanel title={t('sites.all')} list={list} columns={columns} none={t('sites.none')} />;
}

/** Projects of the sites that whoever looks is in charge of. */
function Projects() {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const list = useList(['projects', 'pages'], (cursor) =>
    call(api.GET('/api/v1/projects', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Project']>[] = [
    { key: 'number', title: t('project.number'), cell: (one) => <b className="figures">{one.number}</b> },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    { key: 'basis', title: t('project.basis'), cell: (one) => t(`project.bases.${one.basis}`) },
    {
      key: 'document',
      title: t('project.document'),
      cell: (one) => (
        <>
          {one.document}
          <br />
          <small className="muted figures">{one.verified_on}</small>
        </>
      ),
    },
    {
      key: 'ratio',
      title: t('project.ratio'),
      isFigure: true,
      cell: (one) =>
        one.replacement_ratio ? (
          <span className="figures">{one.replacement_ratio}</span>
        ) : (
          <span className="muted">{t('project.byRulebook')}</span>
        ),
    },
  ];
  return (
    <ListPanel
      title={t('project.all')}
      list={list}
      columns={columns}
      none={t('project.none')}
      noneLead={t('project.noneLead')}
    />
  );
}

/** Who may hold rights, and for what they may be bought; the bureau registers both. */
export default function SitesPage() {
  const { t } = useTranslation();
  const registers = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  return (
    <>
      <PageHead
        title={t('sites.title')}
        lead={t('sites.lead')}
        {...(registers && {
          actions: (
            <>
              <RegisterSite />
              <RegisterProject />
            </>
          ),
        })}
      />
      <div className="stack">
        <Projects />
        <Sites />
      </div>
    </>
  );
}
