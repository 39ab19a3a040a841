import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, type Order, useList } from '../api/list';
import { secondOf } from '../figures/instant';
import { ListPanel } from '../ui/ListPanel';
import { OrderChoice } from '../ui/OrderChoice';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

type Delivery = Schemas['Delivery'];

const states = ['waiting', 'delivered', 'dead'] as const;

/** Every try of a message, behind the last of them. */
function Tries({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const last = delivery.attempts.at(-1);
  if (last === undefined) return <span className="muted">{t('delivery.notYet')}</span>;
  const told = (one: Schemas['DeliveryAttempt']) =>
    [
      t(`delivery.outcomes.${one.outcome}`, { defaultValue: one.outcome }),
      ...(one.status ? [`HTTP ${one.status}`] : []),
      `${one.duration_ms} ms`,
    ].join(' · ');
  if (delivery.attempts.length === 1) return told(last);
  return (
    <details>
      <summary>
        {told(last)} {t('delivery.tries', { count: delivery.attempts.length })}
      </summary>
      <ol className="bare figures">
        {delivery.attempts.map((one) => (
          <li key={one.number}>
            <small>
              {secondOf(one.tried_at)} · {told(one)}
            </small>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Messages to a webhook with what came of them. */
export function Deliveries({ webhook }: { webhook: string }) {
  const { t } = useTranslation();
  const [state, setState] = useState<string>();
  const [order, setOrder] = useState<Order>('newest');
  const word = (one: string) => t(`delivery.states.${one}`, { defaultValue: one });
  const list = useList(['deliveries', webhook, state, order], (cursor) =>
    call(
      api.GET('/api/v1/webhooks/{id}/deliveries', {
        params: {
          path: { id: webhook },
          query: { limit: 25, order, ...(state !== undefined && { state }), ...at(cursor) },
        },
      }),
    ),
  );
  const columns: Column<Delivery>[] = [
    {
      key: 'event',
      title: t('delivery.event'),
      cell: (one) => (
        <>
          <b className="figures">{one.position}</b>
          <br />
          <small className="code muted">{one.event}</small>
        </>
      ),
    },
    { key: 'tries', title: t('delivery.lastTry'), cell: (one) => <Tries delivery={one} /> },
    {
      key: 'next',
      title: t('delivery.next'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.next_try_at ? secondOf(one.next_try_at) : '—'}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={word(one.state)} />,
    },
  ];
  return (
    <ListPanel
      title={t('delivery.title')}
      list={list}
      columns={columns}
      actions={
        <>
          <OrderChoice value={order} choose={setOrder} />
          <StateChoice states={states} word={word} value={state} choose={setState} />
        </>
      }
      none={t('delivery.none')}
      noneLead={t('delivery.noneLead')}
    />
  );
}
