import { Form, InputNumber, Select } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { compare, isZero, percentage, thousandths } from '../figures/decimal';
import { withWords } from '../i18n/areas';
import { useOrganisationName, useSiteName } from '../parties/names';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { FormAct } from '../ui/FormAct';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { PageParts } from '../ui/PageParts';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { Holds } from './Holds';
import { Reports } from './Reports';
import { pollutants, useOwnSites } from './sites';

const Monitors = lazy(withWords('permits', () => import('./Monitors')));

/** Where both parts of the page are. */
const [ACCOUNTS, MONITORS] = ['/compliance', '/compliance?part=monitors'];

type Year = Schemas['ComplianceYear'];

function Open() {
  const { t } = useTranslation();
  const today = useToday();
  const sites = useOwnSites();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['OpenComplianceYear'], Year>
      label={t('compliance.open')}
      lead={t('compliance.openLead')}
      kind="primary"
      initial={{
        ...(today !== undefined && { year: Number(today.slice(0, 4)) }),
        ...(sites.length === 1 && sites[0] && { site: sites[0].id }),
      }}
      fields={
        <>
          <Form.Item name="site" label={t('field.site')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
            />
          </Form.Item>
          <Form.Item name="pollutant" label={t('field.pollutant')} rules={needed}>
            <Select options={pollutants.map((value) => ({ value, label: t(`pollutant.${value}`) }))} />
          </Form.Item>
          <Form.Item name="year" label={t('compliance.year')} rules={needed}>
            <InputNumber min={2000} max={2100} precision={0} style={{ width: '100%' }} />
          </Form.Item>
        </>
      }
      run={(body, key) => call(api.POST('/api/v1/compliance-years', { ...keyed(key), body }))}
    />
  );
}

/** How much of the right was used, as a bar with its percentage. */
function Used({ year }: { year: Year }) {
  if (!year.entitlement || !year.discharged) return <span className="muted">—</span>;
  const isBeyond = compare(year.discharged, year.entitlement) > 0;
  const filled = isBeyond ? 1000 : thousandths(year.discharged, year.entitlement);
  const share = percentage(year.discharged, year.entitlement);
  return (
    <div className="share">
      <div className="bars" aria-hidden="true">
        {filled > 0 && <span className={isBeyond ? 'frozen' : 'available'} style={{ width: `${filled / 10}%` }} />}
      </div>
      <small className="figures">{share === undefined ? '—' : `${share} %`}</small>
    </div>
  );
}

function useColumns(isBureau: boolean): Column<Year>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'site',
      title: t('compliance.account'),
      cell: (one) => (
        <>
          <Link to={`/compliance/${one.id}`}>
            <b>
              {t(`pollutant.${one.pollutant}`)} · {one.year}
            </b>
          </Link>
          <br />
          <small className="muted">{isBureau ? organisationName(one.organisation) : siteName(one.site)}</small>
        </>
      ),
    },
    { key: 'used', title: t('compliance.used'), cell: (one) => <Used year={one} />, width: 180 },
    {
      key: 'entitlement',
      title: t('compliance.entitlement'),
      isFigure: true,
      cell: (one) => <Amount value={one.entitlement} unit={one.unit} />,
    },
    {
      key: 'discharged',
      title: t('compliance.discharged'),
      isFigure: true,
      cell: (one) => <Amount value={one.discharged} unit={one.unit} />,
    },
    {
      key: 'left',
      title: t('compliance.difference'),
      isFigure: true,
      cell: (one) =>
        one.shortfall && !isZero(one.shortfall) ? (
          <span className="beyond">
            −<Amount value={one.shortfall} unit={one.unit} />
          </span>
        ) : (
          <Amount value={one.surplus} unit={one.unit} />
        ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`compliance.states.${one.state}`)} />,
    },
  ];
}

/** Annual accounts, and what was reported and measured for them. */
function Accounts({ isBureau, mayReport }: { isBureau: boolean; mayReport: boolean }) {
  const { t } = useTranslation();
  const columns = useColumns(isBureau);
  const { items, ...list } = useList(['compliance-years'], (cursor) =>
    call(api.GET('/api/v1/compliance-years', { params: { query: { limit: 50, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <div className="stack">
      <Panel flush title={t('compliance.all')}>
        <Rows
          label={t('compliance.all')}
          columns={columns}
          rows={items}
          rowKey={(one) => one.id}
          {...list}
          empty={
            <Nothing title={t('compliance.none')}>
              <p>{t('compliance.noneLead')}</p>
            </Nothing>
          }
        />
      </Panel>
      <Holds mayClose={isBureau} />
      <Reports mayReport={mayReport} isBureau={isBureau} />
    </div>
  );
}

/** Annual accounts of discharge with what they are made of, and the monitors that send it. */
export default function CompliancePage() {
  const { t } = useTranslation();
  const session = useSession();
  const [parameters] = useSearchParams();
  const showsMonitors = parameters.get('part') === 'monitors';
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head');
  const mayOpen = isBureau || hasRole(session, 'enterprise_trader');
  return (
    <>
      <PageHead title={t('compliance.title')} lead={t('compliance.lead')} actions={mayOpen && <Open />} />
      <PageParts
        parts={[
          [t('compliance.all'), ACCOUNTS],
          [t('compliance.monitors'), MONITORS],
        ]}
        now={showsMonitors ? MONITORS : ACCOUNTS}
      />
      {showsMonitors ? (
        <Suspense fallback={<Loading />}>
          <Monitors />
        </Suspense>
      ) : (
        <Accounts isBureau={isBureau} mayReport={mayOpen} />
      )}
    </>
  );
}
