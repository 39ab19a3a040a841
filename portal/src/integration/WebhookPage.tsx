import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useKindName } from '../events/kinds';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { ShownOnce } from '../ui/ShownOnce';
import { State } from '../ui/State';
import { RotateAct } from './RotateAct';

type Webhook = Schemas['Webhook'];

// Its fields, and the table of what was delivered, weigh more than the page.
const Deliveries = lazy(() => import('./Deliveries').then((found) => ({ default: found.Deliveries })));
const Replay = lazy(() => import('./Replay'));

function WebhookActs({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string>();
  const path = { params: { path: { id: webhook.id } } };
  return (
    <>
      <Suspense>
        <Replay webhook={webhook} />
      </Suspense>
      <RotateAct
        run={(body, key) => call(api.POST('/api/v1/webhooks/{id}/rotate', { ...path, ...keyed(key), body }))}
        done={(made) => setSecret(made.secret ?? undefined)}
      />
      {webhook.state === 'active' ? (
        <Act
          label={t('webhook.suspend')}
          isDanger
          size="small"
          run={(_, key) => call(api.POST('/api/v1/webhooks/{id}/suspend', { ...path, ...keyed(key), body: {} }))}
        >
          {t('webhook.suspendLead')}
        </Act>
      ) : (
        <Act
          label={t('webhook.reinstate')}
          kind="primary"
          size="small"
          run={(_, key) => call(api.POST('/api/v1/webhooks/{id}/reinstate', { ...path, ...keyed(key), body: {} }))}
        >
          {t('webhook.reinstateLead')}
        </Act>
      )}
      {secret !== undefined && (
        <ShownOnce
          title={t('webhook.secret')}
          lead={t('webhook.secretLead')}
          values={[[t('webhook.secret'), secret]]}
          close={() => setSecret(undefined)}
        />
      )}
    </>
  );
}

/** One webhook with its messages. */
export default function WebhookPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const kindName = useKindName();
  const query = useQuery({
    queryKey: ['webhook', id],
    queryFn: () => call(api.GET('/api/v1/webhooks/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const webhook = query.data;
  return (
    <>
      <PageHead title={t('webhook.one')} lead={webhook.url} actions={<WebhookActs webhook={webhook} />} />
      <div className="stack">
        <Panel>
          <Facts
            facts={[
              [t('field.state'), <State state={webhook.state} word={t(`user.states.${webhook.state}`)} />],
              [
                t('webhook.kinds'),
                webhook.kinds.length === 0
                  ? t('webhook.everything')
                  : webhook.kinds.map(kindName).join(t('shell.comma')),
              ],
              [t('webhook.registeredAt'), minuteOf(webhook.registered_at)],
              Boolean(webhook.former_secret_until) &&
                ([t('secret.formerUntil'), minuteOf(webhook.former_secret_until ?? '')] as const),
            ]}
          />
        </Panel>
        <Suspense fallback={<Loading />}>
          <Deliveries webhook={webhook.id} />
        </Suspense>
      </div>
    </>
  );
}
