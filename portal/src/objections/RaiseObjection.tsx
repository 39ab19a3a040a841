import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';

type Raised = Pick<Schemas['RaiseObjection'], 'subject' | 'subject_kind'>;

/** As many characters as an objection may have. */
const MOST = 2000;

/** Objecting to what is laid open: whoever takes part may, and a visitor is shown the way in first, and comes back here. */
export default function RaiseObjection(raised: Raised) {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  if (session === undefined) {
    return (
      <Link to="/sign-in" state={{ from: pathname }}>
        <Button size="small" tabIndex={-1}>
          {t('objection.raise')}
        </Button>
      </Link>
    );
  }
  if (!hasRole(session, 'enterprise_trader')) return null;
  return (
    <FormAct<Pick<Schemas['RaiseObjection'], 'text'>, Schemas['Objection']>
      label={t('objection.raise')}
      lead={t('objection.raiseLead')}
      size="small"
      fields={
        <Form.Item name="text" label={t('objection.text')} rules={[{ required: true, message: t('field.needed') }]}>
          <Input.TextArea rows={5} maxLength={MOST} showCount />
        </Form.Item>
      }
      run={({ text }, key) => call(api.POST('/api/v1/objections', { ...keyed(key), body: { ...raised, text } }))}
    />
  );
}
