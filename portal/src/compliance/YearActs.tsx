import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { readRightClass } from '../figures/rightClass';
import { positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { useRightWords } from '../ui/useRightWords';

type Year = Schemas['ComplianceYear'];

/** Giving annual surplus up for a shortfall. */
function Cover({ year }: { year: Year }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const positions = positionsOf(useBalances(year.organisation).data ?? []).filter((one) => {
    const parts = readRightClass(one.rightClass);
    return one.site === year.site && parts?.pollutant === year.pollutant && parts.product === `Y${year.year}`;
  });
  return (
    <FormAct<Schemas['CoverShortfall'], Year>
      label={t('compliance.cover')}
      lead={t('compliance.coverLead')}
      kind="primary"
      initial={{
        ...(year.uncovered && { quantity: year.uncovered }),
        ...(positions[0] && { right_class: positions[0].rightClass }),
      }}
      fields={
        <>
          <Form.Item
            name="right_class"
            label={t('right.name')}
            rules={[{ required: true, message: t('field.needed') }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              notFoundContent={t('compliance.noSurplusHeld')}
              options={positions.map((one) => ({
                value: one.rightClass,
                label: `${rightWords(one.rightClass)} — ${t('market.freeNow', { quantity: one.available, unit: one.unit })}`,
              }))}
            />
          </Form.Item>
          <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit={year.unit} />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/compliance-years/{id}/cover', { params: { path: { id: year.id } }, ...keyed(key), body }),
        )
      }
    />
  );
}

/** Making a part of a surplus a right. */
function Grant({ year }: { year: Year }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['GrantSurplus'], Year | Schemas['Task']>
      label={t('compliance.grant')}
      lead={t('compliance.grantLead')}
      fields={
        <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
          <DecimalInput unit={year.unit} />
        </Form.Item>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/compliance-years/{id}/grant', { params: { path: { id: year.id } }, ...keyed(key), body }),
        )
      }
    />
  );
}

/** What the bureau does about an account that was handed in. */
function BureauActs({ year }: { year: Year }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: year.id } } };
  return (
    <>
      {year.state === 'reported' && (
        <>
          <Act
            label={t('compliance.verify')}
            kind="primary"
            run={(_, key) =>
              call(api.POST('/api/v1/compliance-years/{id}/verify', { ...path, ...keyed(key), body: {} }))
            }
          >
            {t('compliance.verifyLead')}
          </Act>
          <FormAct<Schemas['ReturnComplianceYear'], Year>
            label={t('compliance.return')}
            lead={t('compliance.returnLead')}
            isDanger
            fields={
              <Form.Item
                name="reason"
                label={t('field.reason')}
                rules={[{ required: true, message: t('field.needed') }]}
              >
                <Input.TextArea rows={3} maxLength={500} />
              </Form.Item>
            }
            run={(body, key) =>
              call(api.POST('/api/v1/compliance-years/{id}/return', { ...path, ...keyed(key), body }))
            }
          />
        </>
      )}
      {year.state === 'surplus' && <Grant year={year} />}
      {['surplus', 'shortfall'].includes(year.state) && (
        <Act
          label={t('compliance.settle')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/compliance-years/{id}/settle', { ...path, ...keyed(key), body: {} }))}
        >
          {t('compliance.settleLead')} <Amount value={year.uncovered} unit={year.unit} />
        </Act>
      )}
      {year.state === 'settled' && (
        <Act
          label={t('compliance.seal')}
          isDanger
          run={(_, key) => call(api.POST('/api/v1/compliance-years/{id}/seal', { ...path, ...keyed(key), body: {} }))}
        >
          {t('compliance.sealLead')}
        </Act>
      )}
    </>
  );
}

/** What whoever looks at an annual account may do about it now. */
export function YearActs({ year }: { year: Year }) {
  const { t } = useTranslation();
  const session = useSession();
  const isOwn = hasRole(session, 'enterprise_trader') && session?.me.organisation === year.organisation;
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head');
  return (
    <>
      {(isOwn || isBureau) && year.state === 'open' && (
        <Act
          label={t('compliance.handIn')}
          kind="primary"
          run={(_, key) =>
            call(
              api.POST('/api/v1/compliance-years/{id}/report', {
                params: { path: { id: year.id } },
                ...keyed(key),
                body: {},
              }),
            )
          }
        >
          {t('compliance.handInLead')}
        </Act>
      )}
      {isOwn && year.state === 'shortfall' && <Cover year={year} />}
      {isBureau && <BureauActs year={year} />}
    </>
  );
}
