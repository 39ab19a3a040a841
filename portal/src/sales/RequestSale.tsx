import { Form, type FormInstance } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { isDecimal, product } from '../figures/decimal';
import { BuyerProject } from '../pledges/BuyerProject';
import { LienFields } from '../pledges/ClaimFields';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';

type Pledge = Schemas['Pledge'];
type Asked = Schemas['RequestConsentedSale'];

function Fields({ pledge, form }: { pledge: Pledge; form: FormInstance<Asked> }) {
  const { t } = useTranslation();
  const asked = Form.useWatch([], form) as Partial<Asked> | undefined;
  const lien = pledge.liens.find((one) => one.id === asked?.lien);
  const unit = lien?.unit ?? 't';
  const [quantity, price] = [asked?.quantity || lien?.held || '', asked?.unit_price ?? ''];
  const total = isDecimal(quantity, 6) && isDecimal(price, 2) && product(price, quantity);
  return (
    <>
      <LienFields pledge={pledge} unit={unit} />
      <BuyerProject
        form={form}
        find={(number) =>
          call(api.GET('/api/v1/pledges/{id}/sale-project', { params: { path: { id: pledge.id }, query: { number } } }))
        }
      />
      <Form.Item
        name="unit_price"
        label={t('field.unitPrice')}
        rules={decimalRules(t, 2)}
        extra={
          total && (
            <>
              {t('field.total')} <Amount value={total} unit="CNY" />
            </>
          )
        }
      >
        <DecimalInput unit={`CNY/${unit}`} />
      </Form.Item>
    </>
  );
}

/** A pledgor asks to sell what a lien holds to a named buyer. */
export function RequestSale({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const only = pledge.liens.length === 1 ? pledge.liens[0] : undefined;
  return (
    <FormAct<Asked, Schemas['ConsentedSale']>
      label={t('sale.request')}
      lead={t('sale.requestLead')}
      size="small"
      {...(only !== undefined && { initial: { lien: only.id } })}
      fields={(form) => <Fields pledge={pledge} form={form} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/consented-sales', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Asked,
          }),
        )
      }
    />
  );
}
