import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { EvidenceInput } from '../documents/EvidenceInput';
import { useSitesOf } from '../parties/names';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { RightFields } from './RightFields';
import { uploadAll } from './upload';

type Application = Schemas['AllocationApplication'];

function Statement() {
  const { t } = useTranslation();
  return (
    <Form.Item name="statement" label={t('application.statement')}>
      <Input.TextArea rows={3} maxLength={500} placeholder={t('application.statementHint')} />
    </Form.Item>
  );
}

/** Drafting an application for rights to a site of one's own; nobody else knows of it before it is handed in. */
export function DraftApplication() {
  const { t } = useTranslation();
  const go = useNavigate();
  const sites = useSitesOf(useSession()?.me.organisation);
  const only = sites.length === 1 ? sites[0]?.id : undefined;
  return (
    <FormAct<Schemas['DraftApplication'], Application>
      label={t('application.draft')}
      lead={t('application.draftLead')}
      kind="primary"
      initial={only === undefined ? {} : { site: only }}
      fields={
        <>
          <Form.Item name="site" label={t('field.site')} rules={[{ required: true, message: t('field.needed') }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
            />
          </Form.Item>
          <RightFields />
          <Statement />
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/allocation-applications', {
            ...keyed(key),
            body: given(body) as Schemas['DraftApplication'],
          }),
        )
      }
      done={(application) => void go(`/applications/${application.id}`)}
    />
  );
}

function Revise({ application }: { application: Application }) {
  const { t } = useTranslation();
  const { pollutant, origin, valid_from, valid_to, quantity, statement } = application;
  return (
    <FormAct<Schemas['ReviseApplication'], Application>
      label={t('application.revise')}
      lead={t('application.reviseLead')}
      initial={{ pollutant, origin, valid_from, valid_to, quantity, statement }}
      fields={
        <>
          <RightFields />
          <Statement />
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/revise', {
            params: { path: { id: application.id } },
            ...keyed(key),
            body: given(body) as Schemas['ReviseApplication'],
          }),
        )
      }
    />
  );
}

function HandIn({ application }: { application: Application }) {
  const { t } = useTranslation();
  const isCorrected = application.state === 'correction_requested';
  return (
    <FormAct<{ documents?: File[] }, Application | Schemas['Task']>
      label={isCorrected ? t('application.correct') : t('application.submit')}
      lead={isCorrected ? t('application.correctLead') : t('application.submitLead')}
      kind="primary"
      fields={
        <Form.Item name="documents" label={t('reduction.documents')} extra={t('application.documentsHint')}>
          <EvidenceInput />
        </Form.Item>
      }
      run={async ({ documents }, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/submit', {
            params: { path: { id: application.id } },
            ...keyed(key),
            body: { documents: await uploadAll(documents) },
          }),
        )
      }
    />
  );
}

/** What an enterprise may do about an application of its own now. */
export function ApplicantActs({ application }: { application: Application }) {
  const { t } = useTranslation();
  const isOpen = ['draft', 'correction_requested'].includes(application.state);
  return (
    <>
      {isOpen && <HandIn application={application} />}
      {isOpen && <Revise application={application} />}
      <Act
        label={t('tasks.withdraw')}
        run={(_, key) =>
          call(
            api.POST('/api/v1/allocation-applications/{id}/withdraw', {
              params: { path: { id: application.id } },
              ...keyed(key),
              body: {},
            }),
          )
        }
      >
        {t('application.withdrawLead')}
      </Act>
    </>
  );
}
