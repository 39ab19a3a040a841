import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { Panel } from '../ui/Panel';
import { Disposals } from './Disposals';
import { PledgedLots, ProposePledgedLot } from './PledgedLots';
import { ProposeDisposal } from './ProposeDisposal';
import { usePart } from './roles';

type Pledge = Schemas['Pledge'];

/** What is due, and why. */
function DueFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="amount_due" label={t('default.amountDue')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, message: t('field.needed') }]}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </>
  );
}

/** The button by which a bank declares a default. */
export function DeclareDefault({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['DeclareDefault'], Pledge>
      label={t('default.declare')}
      lead={t('default.declareLead')}
      isDanger
      initial={{ amount_due: pledge.secured }}
      fields={<DueFields />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/declare-default', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}

/** The button by which a bank tells anew what is due: interest since, or less because the debtor has paid. */
function RestateDefault({ pledge, outstanding }: { pledge: Pledge; outstanding: string }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['DeclareDefault'], Pledge>
      label={t('default.restate')}
      lead={t('default.restateLead')}
      size="small"
      initial={{ amount_due: outstanding }}
      fields={<DueFields />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/restate-default', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}

/** The notice of the default: what was due, why, and until when it may be cured. */
function Notice({ pledge, notice }: { pledge: Pledge; notice: Schemas['DefaultNotice'] }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  return (
    <div className="notice" role="status">
      <h3>{t('default.notice', { at: minuteOf(notice.declared_at) })}</h3>
      <p>{notice.reason}</p>
      <p>
        {t('default.amountDue')} <Amount value={notice.amount_due} unit="CNY" /> · {t('default.outstanding')}{' '}
        <Amount value={notice.outstanding} unit="CNY" /> ·{' '}
        {notice.cure_until ? t('default.cureUntil', { day: notice.cure_until }) : t('default.noTerm')}
      </p>
      {isPledgee && pledge.state === 'defaulted' && (
        <div className="actions gap">
          <Act
            label={t('default.cure')}
            size="small"
            run={(_, key) =>
              call(
                api.POST('/api/v1/pledges/{id}/cure-default', {
                  params: { path: { id: pledge.id } },
                  ...keyed(key),
                  body: {},
                }),
              )
            }
          >
            {t('default.cureLead')}
          </Act>
          <RestateDefault pledge={pledge} outstanding={notice.outstanding} />
        </div>
      )}
    </div>
  );
}

/** Default and enforcement of a pledge; nothing while all is well and nothing was disposed of. */
export function Enforcement({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const notice = pledge.default_notice;
  if (!notice && pledge.state !== 'closed') return null;
  return (
    <>
      {notice && <Notice pledge={pledge} notice={notice} />}
      <PledgedLots pledge={pledge} />
      <Panel
        flush
        title={t('disposal.title')}
        actions={
          isPledgee &&
          pledge.state === 'defaulted' && (
            <>
              <ProposePledgedLot pledge={pledge} />
              <ProposeDisposal pledge={pledge} />
            </>
          )
        }
      >
        <Disposals pledge={pledge.id} />
        {pledge.still_owed && (
          <div className="remark">
            {t('disposal.stillOwed')}{' '}
            <b>
              <Amount value={pledge.still_owed} unit="CNY" />
            </b>
          </div>
        )}
      </Panel>
    </>
  );
}
