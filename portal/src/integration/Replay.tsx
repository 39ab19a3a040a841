import { App, Checkbox, Form, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';

/** Sending events again, from a place of the feed on. */
export default function Replay({ webhook }: { webhook: Schemas['Webhook'] }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <FormAct<Schemas['ReplayEvents'], Schemas['Replayed']>
      label={t('webhook.replay')}
      lead={t('webhook.replayLead')}
      size="small"
      initial={{ after: 0, only_dead: true }}
      fields={
        <>
          <Form.Item
            name="after"
            label={t('webhook.after')}
            extra={t('webhook.afterHint')}
            rules={[{ required: true, message: t('field.needed') }]}
          >
            <InputNumber min={0} precision={0} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="only_dead" valuePropName="checked">
            <Checkbox>{t('webhook.onlyDead')}</Checkbox>
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/webhooks/{id}/replay', { params: { path: { id: webhook.id } }, ...keyed(key), body }))
      }
      done={({ count, go_on_after }) =>
        void message.info(
          go_on_after ? t('webhook.replayedMore', { count, after: go_on_after }) : t('webhook.replayed', { count }),
        )
      }
    />
  );
}
