import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { State } from '../ui/State';

type Application = Schemas['ReductionApplication'];
type Registering = Schemas['RegisterAppliedReduction'];

/** Registering what was applied for, or less of it. */
function Register({ application }: { application: Application }) {
  const { t } = useTranslation();
  return (
    <FormAct<Registering, Application>
      label={t('reduction.register')}
      lead={t('reduction.registerLead')}
      kind="primary"
      size="small"
      initial={{ quantity: application.quantity }}
      fields={
        <>
          <Form.Item name="quantity" label={t('reduction.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit={application.unit} />
          </Form.Item>
          <Form.Item name="document" label={t('field.document')} extra={t('reduction.documentHint')}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="reason" label={t('field.reasonOptional')}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/reduction-applications/{id}/register', {
            params: { path: { id: application.id } },
            ...keyed(key),
            body: { ...(given(body) as Registering), documents: [] },
          }),
        )
      }
    />
  );
}

/** Where an application stands, and what whoever looks at it may do about it. */
export function ReductionActs({ application }: { application: Application }) {
  const { t } = useTranslation();
  const session = useSession();
  const path = { params: { path: { id: application.id } } };
  if (application.state !== 'submitted') return <State state={application.state} />;
  if (hasRole(session, 'bureau_officer', 'bureau_head')) {
    return (
      <div className="actions">
        <Register application={application} />
        <Act
          label={t('tasks.refuse')}
          isDanger
          size="small"
          reason="needed"
          run={(reason, key) =>
            call(
              api.POST('/api/v1/reduction-applications/{id}/refuse', {
                ...path,
                ...keyed(key),
                body: { documents: [], ...(reason !== undefined && { reason }) },
              }),
            )
          }
        >
          {t('tasks.refuseLead')}
        </Act>
      </div>
    );
  }
  return (
    <div className="actions">
      <State state="waiting" word={t('reduction.submitted')} />
      {hasRole(session, 'enterprise_trader') && (
        <Act
          label={t('tasks.withdraw')}
          size="small"
          run={(_, key) =>
            call(api.POST('/api/v1/reduction-applications/{id}/withdraw', { ...path, ...keyed(key), body: {} }))
          }
        >
          {t('reduction.withdrawLead')}
        </Act>
      )}
    </div>
  );
}
