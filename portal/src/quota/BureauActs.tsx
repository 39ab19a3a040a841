import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useProjects } from '../market/projects';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { type Grounds, GroundsFields } from './GroundsFields';
import { CapAfter } from './GrantPreview';
import { RequestCorrection } from './RequestCorrection';
import { uploadAll } from './upload';

type Application = Schemas['AllocationApplication'];

/** What a step of the bureau rests on, with its documents kept. */
async function grounded({ reason, documents }: Grounds): Promise<Schemas['ReviewApplication']> {
  return { ...given({ reason }), documents: await uploadAll(documents) };
}

function Accept({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <FormAct<Grounds, Application>
      label={t('application.accept')}
      lead={t('application.acceptLead')}
      kind="primary"
      fields={<GroundsFields />}
      run={async (grounds, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/accept', {
            params: { path: { id } },
            ...keyed(key),
            body: await grounded(grounds),
          }),
        )
      }
    />
  );
}

function Reject({ application }: { application: Application }) {
  const { t } = useTranslation();
  const isAccepted = application.state === 'accepted';
  return (
    <FormAct<Grounds, Application>
      label={isAccepted ? t('application.reject') : t('application.turnAway')}
      lead={isAccepted ? t('application.rejectLead') : t('application.turnAwayLead')}
      isDanger
      fields={<GroundsFields isNeeded />}
      run={async (grounds, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/reject', {
            params: { path: { id: application.id } },
            ...keyed(key),
            body: await grounded(grounds),
          }),
        )
      }
    />
  );
}

type Proposing = Grounds & Pick<Schemas['ProposeApplication'], 'quantity' | 'document' | 'project'>;

function ProposeFields({ application }: { application: Application }) {
  const { t } = useTranslation();
  const quantity = Form.useWatch<string | undefined>('quantity');
  const projects = useProjects(application.site).data ?? [];
  return (
    <>
      <Form.Item
        name="quantity"
        label={t('field.quantity')}
        extra={<CapAfter site={application.site} pollutant={application.pollutant} quantity={quantity} />}
        rules={decimalRules(t, 6)}
      >
        <DecimalInput unit={application.unit} />
      </Form.Item>
      <Form.Item name="document" label={t('grant.document')} extra={t('reduction.documentHint')}>
        <Input autoComplete="off" maxLength={100} placeholder={t('batch.numberHint')} />
      </Form.Item>
      {projects.length > 0 && (
        <Form.Item name="project" label={t('market.project')} extra={t('grant.projectHint')}>
          <Select
            allowClear
            options={projects.map((one) => ({ value: one.id, label: `${one.number} · ${one.document}` }))}
          />
        </Form.Item>
      )}
      <GroundsFields />
    </>
  );
}

function Propose({ application }: { application: Application }) {
  const { t } = useTranslation();
  return (
    <FormAct<Proposing, Application>
      label={t('application.propose')}
      lead={t('application.proposeLead')}
      kind="primary"
      initial={{ quantity: application.quantity }}
      fields={<ProposeFields application={application} />}
      run={async ({ reason, documents, ...granted }, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/propose', {
            params: { path: { id: application.id } },
            ...keyed(key),
            body: { ...given(granted), ...(await grounded(given({ reason, documents }))) },
          }),
        )
      }
    />
  );
}

/** What the bureau in charge may do about an application now: everything that is lacking is told once, and one that waits for its correction is turned away when that is late. */
export function BureauActs({ application }: { application: Application }) {
  const mayPropose = hasRole(useSession(), 'bureau_officer');
  const today = useToday();
  const { id, state, correct_until: until } = application;
  const isLate = state === 'correction_requested' && until !== null && today !== undefined && today > until;
  return (
    <>
      {state === 'submitted' && <Accept id={id} />}
      {state === 'submitted' && application.correction_points.length === 0 && <RequestCorrection id={id} />}
      {state === 'accepted' && mayPropose && <Propose application={application} />}
      {(['submitted', 'accepted'].includes(state) || isLate) && <Reject application={application} />}
    </>
  );
}
