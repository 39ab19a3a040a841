import { useQuery } from '@tanstack/react-query';
import { Checkbox, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';

type Approvals = Schemas['Approvals'];

function Change({ approvals }: { approvals: Approvals }) {
  const { t } = useTranslation();
  const id = approvals.organisation;
  return (
    <FormAct<Schemas['SetApprovals'], Approvals | Schemas['Task']>
      label={t('approvals.change')}
      lead={t('approvals.changeLead')}
      size="small"
      initial={{ acts: approvals.acts }}
      fields={
        <Form.Item name="acts" label={t('approvals.acts')}>
          <Checkbox.Group
            className="column"
            options={approvals.possible.map((value) => ({
              value,
              label: t(`actOf.${value}`, { defaultValue: value }),
            }))}
          />
        </Form.Item>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/organisations/{id}/approvals', {
            params: { path: { id } },
            headers: { ...keyed(key).headers, ...(approvals.version > 0 && { 'If-Match': `"${approvals.version}"` }) },
            body,
          }),
        )
      }
    />
  );
}

/** For which of its acts the organisation asks for a second of its people. */
export function ApprovalsPanel({ organisation }: { organisation: string }) {
  const { t } = useTranslation();
  const mayChange = hasRole(useSession(), 'organisation_admin');
  const query = useQuery({
    queryKey: ['approvals', organisation],
    queryFn: () => call(api.GET('/api/v1/organisations/{id}/approvals', { params: { path: { id: organisation } } })),
  });
  const approvals = query.data;
  if (approvals?.possible.length === 0) return null;
  return (
    <Panel title={t('approvals.title')} actions={mayChange && approvals && <Change approvals={approvals} />}>
      <Refusal error={query.error} retry={() => void query.refetch()} />
      {approvals && approvals.acts.length > 0 && (
        <>
          <ul className="chips">
            {approvals.acts.map((act) => (
              <li key={act}>{t(`actOf.${act}`, { defaultValue: act })}</li>
            ))}
          </ul>
          {approvals.set_at && <p className="muted gap">{t('approvals.since', { at: minuteOf(approvals.set_at) })}</p>}
        </>
      )}
      {approvals?.acts.length === 0 && (
        <Nothing brief title={t('approvals.none')}>
          <p>{t('approvals.noneLead', { count: approvals.possible.length })}</p>
        </Nothing>
      )}
    </Panel>
  );
}
