import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';

type Decision = Schemas['Decision'];

/** The legal review of a major decision, before it is made. */
function Review({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['ReviewDecision'], Decision>
      label={t('decision.review')}
      lead={t('decision.reviewLead')}
      kind="primary"
      size="small"
      initial={{ outcome: 'agreed' }}
      fields={
        <>
          <Form.Item name="outcome" label={t('decision.outcome')}>
            <Select
              options={['agreed', 'objected'].map((value) => ({ value, label: t(`decision.reviews.${value}`) }))}
            />
          </Form.Item>
          <Form.Item name="opinion" label={t('decision.opinion')}>
            <Input.TextArea rows={4} maxLength={500} />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/decisions/{id}/review', {
            params: { path: { id: decision.id } },
            ...keyed(key),
            body: { ...(given(body) as Schemas['ReviewDecision']), documents: [] },
          }),
        )
      }
    />
  );
}

/** Taking a published decision back, because it was changed. */
function Withdraw({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  const today = useToday();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['WithdrawDecision'], Decision>
      label={t('decision.withdraw')}
      lead={t('decision.withdrawLead')}
      isDanger
      size="small"
      initial={today === undefined ? {} : { changed_on: today }}
      fields={
        <>
          <Form.Item name="changed_on" label={t('decision.changedOn')} rules={needed}>
            <Input type="date" max={today} />
          </Form.Item>
          <Form.Item name="reason" label={t('field.reason')} rules={needed}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/decisions/{id}/withdraw', {
            params: { path: { id: decision.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}

/** What whoever looks at a decision may do about it now. */
export function DecisionActs({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  const session = useSession();
  const mayPublish = hasRole(session, 'bureau_head') && decision.organisation === null;
  const mayReview = hasRole(session, 'legal_reviewer') && decision.state === 'legal_review';
  return (
    <div className="actions">
      {mayReview && <Review decision={decision} />}
      {mayPublish && decision.state === 'decided' && (
        <Act
          label={t('decision.publish')}
          size="small"
          run={(_, key) =>
            call(
              api.POST('/api/v1/decisions/{id}/publish', {
                params: { path: { id: decision.id } },
                ...keyed(key),
                body: {},
              }),
            )
          }
        >
          {t('decision.publishLead')}
        </Act>
      )}
      {mayPublish && decision.state === 'published' && <Withdraw decision={decision} />}
    </div>
  );
}
