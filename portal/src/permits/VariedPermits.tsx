import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { grouped, subtract } from '../figures/decimal';
import { useSites } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Facts } from '../ui/Facts';
import { FormAct } from '../ui/FormAct';
import { Panel } from '../ui/Panel';
import { State } from '../ui/State';

type Trade = Schemas['Trade'];
type Side = Schemas['VaryPermit']['side'];

/** Recording that the permit of a side was varied; nothing where the site is of another bureau, or has no permit. */
function Vary({ trade, side }: { trade: Trade; side: Side }) {
  const { t } = useTranslation();
  const site = side === 'seller' ? trade.seller_site : trade.buyer_site;
  // A ratio retires a part of what is bought: what is left may be discharged.
  const quantity = grouped(side === 'seller' ? trade.quantity : subtract(trade.quantity, trade.excess));
  // Whoever is not in charge of the site may not see its papers.
  const permits = useQuery({
    queryKey: ['permits', 'of', site],
    queryFn: () => call(api.GET('/api/v1/permits', { params: { query: { site, limit: 200 } } })),
    retry: false,
  }).data?.items;
  if (permits === undefined || permits.length === 0) return null;
  return (
    <FormAct<Pick<Schemas['VaryPermit'], 'permit'>, Trade>
      label={t(`permit.vary.${side}`)}
      lead={t(`permit.varyLead.${side}`, { quantity, unit: trade.unit })}
      size="small"
      initial={permits.length === 1 && permits[0] ? { permit: permits[0].id } : {}}
      fields={
        <Form.Item name="permit" label={t('place.permits')} rules={[{ required: true, message: t('field.needed') }]}>
          <Select
            options={permits.map((one) => ({
              value: one.id,
              label: `${one.number} · ${t('right.validity', { from: one.valid_from, to: one.valid_to })}`,
            }))}
          />
        </Form.Item>
      }
      run={({ permit }, key) =>
        call(
          api.POST('/api/v1/trades/{id}/vary-permit', {
            params: { path: { id: trade.id } },
            ...keyed(key),
            body: { side, permit },
          }),
        )
      }
    />
  );
}

/** Where a side's permit stands: varied, still to be, or not there to be varied. */
function Standing({ trade, side }: { trade: Trade; side: Side }) {
  const { t } = useTranslation();
  const mayVary = hasRole(useSession(), 'bureau_officer');
  if (trade.varied.includes(side)) return <State state="finished" word={t('permit.isVaried')} />;
  // The reserve has no permit, and a trade closes without one.
  if (trade.state === 'closed') return <span className="muted">{t('permit.noneToVary')}</span>;
  return (
    <span className="actions">
      <State state="waiting" word={t('permit.toVary')} />
      {mayVary && <Vary trade={trade} side={side} />}
    </span>
  );
}

/** After a trade has settled, the permit of each side is varied to what it then owns; the trade closes with the last. */
export default function VariedPermits({ trade }: { trade: Trade }) {
  const { t } = useTranslation();
  const sites = useSites().data ?? [];
  const isReserve = (id: string) => sites.some((one) => one.id === id && one.is_reserve);
  const row = (side: Side, site: string) =>
    [
      `${t(`trade.${side}`)} · ${sites.find((one) => one.id === site)?.name ?? '…'}`,
      isReserve(site) ? (
        <span className="muted">{t('permit.noneToVary')}</span>
      ) : (
        <Standing trade={trade} side={side} />
      ),
    ] as const;
  return (
    <Panel title={t('permit.variation')}>
      <Facts wide facts={[row('seller', trade.seller_site), row('buyer', trade.buyer_site)]} />
    </Panel>
  );
}
