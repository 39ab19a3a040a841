import { Button, Form, type FormInstance, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { useAreaName } from '../parties/names';
import { Facts } from '../ui/Facts';
import { given } from '../ui/given';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';
import { useFieldErrors } from '../ui/useFieldErrors';
import { OrganisationFields } from './OrganisationFields';
import { loginRules, neededRule, passwordRules, repeatedRules } from './rules';

type Application = Schemas['ApplyForOrganisation'];
type Applied = Schemas['Applied'];
type Filled = Application & { repeated: string };

/** Whoever takes part without being an office. */
const KINDS = ['enterprise', 'bank', 'guarantor'] as const;

/** Who keeps the users of the organisation from then on. */
function AdministratorFields({ form }: { form: FormInstance<Filled> }) {
  const { t } = useTranslation();
  const valueOf = (name: 'login' | 'password') => form.getFieldValue(['administrator', name]) as string | undefined;
  return (
    <>
      <Form.Item name={['administrator', 'name']} label={t('user.name')} rules={[neededRule(t)]}>
        <Input autoComplete="name" maxLength={200} />
      </Form.Item>
      <Form.Item
        name={['administrator', 'login']}
        label={t('signIn.login')}
        extra={t('joining.loginHint')}
        normalize={(login: string) => login.trim().toLowerCase()}
        rules={loginRules(t)}
      >
        <Input autoComplete="username" maxLength={200} />
      </Form.Item>
      <Form.Item
        name={['administrator', 'password']}
        label={t('signIn.password')}
        extra={t('account.passwordHint')}
        dependencies={[['administrator', 'login']]}
        rules={passwordRules(t, () => valueOf('login'))}
        validateTrigger="onBlur"
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeated"
        label={t('joining.repeatPassword')}
        dependencies={[['administrator', 'password']]}
        rules={repeatedRules(t, () => valueOf('password'))}
        validateTrigger="onBlur"
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  );
}

/** What has become of the application, and what comes next. */
function Done({ applied: { organisation, administrator } }: { applied: Applied }) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  return (
    <Panel title={t('joining.applied')} actions={<State state="waiting" word={t('organisation.states.applied')} />}>
      <div className="stack" role="status">
        <p>{t('joining.appliedLead', { area: areaName(organisation.area) })}</p>
        <Facts
          facts={[
            [t('joining.name'), organisation.name],
            [t('organisation.code'), <span className="code">{organisation.code}</span>],
            [t('joining.kind'), t(`organisation.kinds.${organisation.kind}`)],
            [t('field.area'), areaName(organisation.area)],
            [t('signIn.login'), <span className="code">{administrator.login}</span>],
          ]}
        />
        <div className="actions">
          <Link to="/sign-in">
            <Button type="primary" tabIndex={-1}>
              {t('joining.toSignIn')}
            </Button>
          </Link>
        </div>
      </div>
    </Panel>
  );
}

function ApplyForm({ done }: { done: (applied: Applied) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Filled>();
  const command = useCommand(
    ({ organisation, administrator }: Filled, key) =>
      call(
        api.POST('/api/v1/organisations/applications', {
          ...keyed(key),
          body: { organisation: given(organisation) as Application['organisation'], administrator },
        }),
      ),
    done,
  );
  useFieldErrors(form, command.error);
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(filled: Filled) => command.mutate(filled)}>
      <div className="stack">
        <div className="two even">
          <Panel title={t('joining.organisation')}>
            <OrganisationFields kinds={KINDS} within="organisation" />
          </Panel>
          <Panel title={t('joining.administrator')}>
            <p className="muted">{t('joining.administratorLead')}</p>
            <div className="gap">
              <AdministratorFields form={form} />
            </div>
          </Panel>
        </div>
        <Refusal error={command.error} />
        <div className="actions">
          <Button type="primary" size="large" htmlType="submit" loading={command.isPending}>
            {t('joining.apply')}
          </Button>
          <Link to="/sign-in">{t('joining.haveLogin')}</Link>
        </div>
      </div>
    </Form>
  );
}

/** Applying to take part: an organisation with its first administrator, without a login. */
export default function ApplyPage() {
  const { t } = useTranslation();
  const [applied, setApplied] = useState<Applied>();
  return (
    <>
      <PageHead title={t('joining.title')} lead={t('joining.lead')} />
      {applied === undefined ? <ApplyForm done={setApplied} /> : <Done applied={applied} />}
    </>
  );
}
