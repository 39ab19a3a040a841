import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useKindChoice, useKindName } from '../events/kinds';
import { minuteOf } from '../figures/instant';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { ShownOnce } from '../ui/ShownOnce';
import { State } from '../ui/State';

/** Registering an address; the secret of its signatures is shown once. */
function Register() {
  const { t } = useTranslation();
  const kinds = useKindChoice();
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
              <Select
                mode="multiple"
                showSearch={{ optionFilterProp: 'label' }}
                options={kinds}
                loading={kinds.length === 0}
              />
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
  const kindName = useKindName();
  const list = useList(['webhooks'], (cursor) =>
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
        one.kinds.length === 0 ? t('webhook.everything') : one.kinds.map(kindName).join(t('shell.comma')),
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
        <ListPanel
          title={t('webhook.all')}
          list={list}
          columns={columns}
          none={t('webhook.none')}
          noneLead={t('webhook.noneLead')}
        />
      </div>
    </>
  );
}
