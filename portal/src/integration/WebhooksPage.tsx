import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { ShownOnce } from '../ui/ShownOnce';
import { State } from '../ui/State';
import { useKinds } from './useKinds';

/** Registering an address; the secret of its signatures is shown once. */
function Register() {
  const { t } = useTranslation();
  const kinds = useKinds();
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <FormAct<Schemas['RegisterWebhook'], Schemas['WebhookWithSecret']>
        label={t('webhook.register')}
        lead={t('webhook.registerLead')}
        kind="primary"
        fields={
          <>
            <Form.Item
              name="url"
              label={t('webhook.url')}
              extra={t('webhook.urlHint')}
              rules={[{ required: true, message: t('field.needed') }]}
            >
              <Input inputMode="url" autoComplete="off" />
            </Form.Item>
            <Form.Item name="kinds" label={t('webhook.kinds')} extra={t('webhook.kindsHint')}>
              <Select mode="tags" options={kinds} />
            </Form.Item>
          </>
        }
        run={(body, key) =>
          call(
            api.POST('/api/v1/webhooks', { ...keyed(key), body: { url: body.url, ...given({ kinds: body.kinds }) } }),
          )
        }
        done={(made) => setSecret(made.secret ?? undefined)}
      />
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

/** Where an organisation is told of its events. */
export default function WebhooksPage() {
  const { t } = useTranslation();
  const { items, ...list } = useList(['webhooks'], (cursor) =>
    call(api.GET('/api/v1/webhooks', { params: { query: { limit: 20, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Webhook']>[] = [
    {
      key: 'url',
      title: t('webhook.url'),
      cell: (one) => (
        <Link to={`/webhooks/${one.id}`}>
          <b className="code">{one.url}</b>
        </Link>
      ),
    },
    {
      key: 'kinds',
      title: t('webhook.kinds'),
      cell: (one) =>
        one.kinds.length === 0
          ? t('webhook.everything')
          : one.kinds.map((kind) => t(`journal.${kind}`, { defaultValue: kind })).join(t('shell.comma')),
    },
    {
      key: 'registered',
      title: t('webhook.registeredAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.registered_at)}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`user.states.${one.state}`)} />,
    },
  ];
  return (
    <>
      <PageHead title={t('webhook.title')} lead={t('webhook.lead')} actions={<Register />} />
      <div className="stack">
        <Panel flush title={t('webhook.all')}>
          <Rows
            label={t('webhook.all')}
            columns={columns}
            rows={items}
            rowKey={(one) => one.id}
            {...list}
            empty={
              <Nothing title={t('webhook.none')}>
                <p>{t('webhook.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
      </div>
    </>
  );
}
