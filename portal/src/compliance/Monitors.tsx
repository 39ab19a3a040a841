import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList, whole } from '../api/list';
import { dayOf, secondOf } from '../figures/instant';
import { useSiteName } from '../parties/names';
import { usePollutantName } from '../parties/pollutants';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { RegisterOutlet } from './RegisterOutlet';

type Outlet = Schemas['Outlet'];
type Message = Schemas['MonitorMessage'];

/** The command whose messages carry the totals of a day, which alone are counted. */
const DAILY_TOTALS = 2031;

function useOutletColumns(): Column<Outlet>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const pollutantName = usePollutantName();
  return [
    { key: 'name', title: t('monitor.outlet'), cell: (one) => <b>{one.name}</b> },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    {
      key: 'mn',
      title: t('monitor.mn'),
      cell: (one) => (
        <>
          <span className="code">{one.mn}</span>
          <br />
          <small className="muted">{t('monitor.editionOf', { edition: one.edition })}</small>
        </>
      ),
    },
    {
      key: 'factors',
      title: t('monitor.factors'),
      cell: (one) => (
        <small>
          {one.factors.map((factor) => `${pollutantName(factor.pollutant)} ${factor.code}`).join(t('shell.comma'))}
        </small>
      ),
    },
    {
      key: 'registered',
      title: t('monitor.registeredAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{dayOf(one.registered_at)}</span>,
    },
  ];
}

function useMessageColumns(outlets: readonly Outlet[]): Column<Message>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  return [
    {
      key: 'outlet',
      title: t('monitor.outlet'),
      cell: (one) => (
        <>
          <b>{outlets.find((known) => known.id === one.outlet)?.name ?? one.mn}</b>
          <br />
          <small className="muted">{siteName(one.site)}</small>
        </>
      ),
    },
    {
      key: 'received',
      title: t('monitor.receivedAt'),
      cell: (one) => <span className="figures">{secondOf(one.received_at)}</span>,
    },
    {
      key: 'command',
      title: t('monitor.command'),
      cell: (one) =>
        one.command === DAILY_TOTALS ? (
          <State state="active" word={t('monitor.totalsOf', { day: one.day ?? '' })} />
        ) : (
          <State state="noted" word={t('monitor.noted', { command: one.command })} />
        ),
    },
    {
      key: 'segment',
      title: t('monitor.segment'),
      cell: (one) => (
        <details>
          <summary>
            <span className="code">{t('monitor.asked', { qn: one.qn })}</span>
          </summary>
          <p className="code">{one.segment}</p>
          <small className="muted">
            {t('monitor.hash')} <span className="code">{one.hash}</span>
          </small>
        </details>
      ),
    },
  ];
}

/** Messages of monitors as they were received, of every outlet or of one. */
function Messages({ outlets }: { outlets: readonly Outlet[] }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const [outlet, setOutlet] = useState<string>();
  const columns = useMessageColumns(outlets);
  const list = useList(['monitor-messages', outlet], (cursor) =>
    call(
      api.GET('/api/v1/monitor-messages', {
        params: { query: { limit: 25, order: 'newest', ...(outlet !== undefined && { outlet }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('monitor.messages')}
      list={list}
      columns={columns}
      actions={
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('monitor.anyOutlet')}
          aria-label={t('monitor.outlet')}
          value={outlet ?? null}
          onChange={(chosen: string | null | undefined) => setOutlet(chosen ?? undefined)}
          style={{ width: 240 }}
          options={outlets.map((one) => ({ value: one.id, label: `${siteName(one.site)} · ${one.name}` }))}
        />
      }
      none={t('monitor.noMessages')}
      noneLead={t('monitor.noMessagesLead')}
    />
  );
}

/** Outlets with their monitors, and what those have sent: for the bureau, and for the enterprise of the site. */
export default function Monitors() {
  const { t } = useTranslation();
  const isBureau = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const columns = useOutletColumns();
  // A site has few; messages are named after them.
  const list = useList(['outlets'], async () => ({
    items: await whole((cursor) =>
      call(api.GET('/api/v1/outlets', { params: { query: { limit: 200, ...at(cursor) } } })),
    ),
  }));
  return (
    <div className="stack">
      <ListPanel
        title={t('monitor.outlets')}
        list={list}
        columns={columns}
        {...(isBureau && { actions: <RegisterOutlet /> })}
        none={t('monitor.noOutlets')}
        noneLead={t('monitor.noOutletsLead')}
      />
      <Messages outlets={list.items} />
    </div>
  );
}
