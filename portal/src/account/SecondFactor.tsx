import { useMutation } from '@tanstack/react-query';
import { App, Button, Form, Input, QRCode, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { session, useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { ShownOnce } from '../ui/ShownOnce';
import { FactorState } from './FactorState';

function CodeField() {
  const { t } = useTranslation();
  return (
    <Form.Item name="code" label={t('signIn.code')} rules={[{ required: true, message: t('field.needed') }]}>
      <Input autoComplete="one-time-code" inputMode="numeric" />
    </Form.Item>
  );
}

interface ConfirmProps {
  enrolment: Schemas['Enrolment'];
  done: (enrolled: Schemas['Enrolled']) => void;
}

/** The secret for the app, and the first code of it: from then on it counts. */
function Confirm({ enrolment, done }: ConfirmProps) {
  const { t } = useTranslation();
  const attempt = useMutation({
    mutationFn: (code: string) => call(api.POST('/api/v1/auth/second-factor/confirmation', { body: { code } })),
    onSuccess: done,
  });
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      onFinish={(given: { code: string }) => attempt.mutate(given.code.trim())}
    >
      <div className="enrolment">
        <QRCode
          type="svg"
          aria-label={t('factor.qr')}
          value={enrolment.otpauth_uri}
          size={172}
          color="#000000"
          bgColor="#ffffff"
        />
        <div>
          <p>{t('factor.scan')}</p>
          <p className="gap">
            <Typography.Text code copyable={{ tooltips: [t('secret.copy'), t('secret.copied')] }}>
              {enrolment.secret}
            </Typography.Text>
          </p>
          <p className="gap">
            <a href={enrolment.otpauth_uri}>{t('factor.openApp')}</a>
          </p>
        </div>
      </div>
      <CodeField />
      <div className="stack">
        <Refusal error={attempt.error} />
        <div className="actions">
          <Button type="primary" htmlType="submit" loading={attempt.isPending}>
            {t('factor.confirm')}
          </Button>
        </div>
      </div>
    </Form>
  );
}

/** Enrolling an authenticator app, and doing away with it. */
export function SecondFactor() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useSession();
  const isNeeded = me?.next === 'enrolment';
  const isActive = me?.me.has_second_factor === true;
  const [enrolment, setEnrolment] = useState<Schemas['Enrolment']>();
  const [codes, setCodes] = useState<string[]>();
  const enrolled = (made: Schemas['Enrolled']) => {
    setEnrolment(undefined);
    setCodes(made.recovery_codes);
    session.set(made.session);
  };
  return (
    <Panel title={t('factor.title')} actions={<FactorState isActive={isActive} />}>
      {enrolment ? (
        <Confirm enrolment={enrolment} done={enrolled} />
      ) : (
        <div className="stack">
          {isNeeded && (
            <div className="notice" role="status">
              <h3>{t('factor.needed')}</h3>
              <p>{t('factor.neededLead')}</p>
            </div>
          )}
          <p className="muted">{t('factor.lead')}</p>
          <div className="actions">
            {isActive ? (
              <FormAct<Schemas['Code'], Schemas['FactorView']>
                label={t('factor.remove')}
                lead={t('factor.removeLead')}
                isDanger
                fields={<CodeField />}
                run={(body) => call(api.POST('/api/v1/auth/second-factor/removal', { body }))}
                done={() => {
                  session.learn({ has_second_factor: false });
                  void message.success(t('factor.removed'));
                }}
              />
            ) : (
              <FormAct<Schemas['Enrol'], Schemas['Enrolment']>
                label={t('factor.enrol')}
                lead={t('factor.enrolLead')}
                kind="primary"
                fields={
                  <Form.Item
                    name="password"
                    label={t('signIn.password')}
                    rules={[{ required: true, message: t('field.needed') }]}
                  >
                    <Input.Password autoComplete="current-password" />
                  </Form.Item>
                }
                run={(body) => call(api.POST('/api/v1/auth/second-factor/enrolment', { body }))}
                done={setEnrolment}
              />
            )}
          </div>
        </div>
      )}
      {codes && (
        <ShownOnce
          title={t('factor.recovery')}
          lead={t('factor.recoveryLead')}
          values={codes.map((code, place) => [String(place + 1), code] as const)}
          close={() => setCodes(undefined)}
        />
      )}
    </Panel>
  );
}
