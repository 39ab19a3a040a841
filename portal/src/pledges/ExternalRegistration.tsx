import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Facts } from '../ui/Facts';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { usePart } from './roles';

const statuses = ['registered', 'extended', 'expired', 'cancelled'] as const;

function Tell({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const known = pledge.external_registration;
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['RecordExternalRegistration'], Schemas['Pledge']>
      label={t('external.tell')}
      lead={t('external.tellLead')}
      size="small"
      initial={{ status: known?.status ?? 'registered', ...(known && { number: known.number }) }}
      fields={
        <>
          <Form.Item name="number" label={t('external.number')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="status" label={t('field.state')} rules={needed}>
            <Select options={statuses.map((value) => ({ value, label: t(`external.states.${value}`) }))} />
          </Form.Item>
          <Form.Item name="valid_until" label={t('external.until')}>
            <Input type="date" />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/external-registration', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Schemas['RecordExternalRegistration'],
          }),
        )
      }
    />
  );
}

/** What the unified register of movables and rights says of a pledge. */
export function ExternalRegistration({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const known = pledge.external_registration;
  return (
    <Panel
      title={t('external.title')}
      actions={
        isPledgee &&
        ['registered', 'defaulted', 'released', 'closed'].includes(pledge.state) && <Tell pledge={pledge} />
      }
    >
      {known ? (
        <Facts
          facts={[
            [t('external.number'), <span className="code">{known.number}</span>],
            [t('field.state'), t(`external.states.${known.status}`)],
            [t('external.until'), known.valid_until ?? '—'],
            [t('external.recordedAt'), minuteOf(known.recorded_at)],
          ]}
        />
      ) : (
        <Nothing brief title={t('external.none')}>
          <p>{t('external.noneLead')}</p>
        </Nothing>
      )}
    </Panel>
  );
}
