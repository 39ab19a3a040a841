import { useMutation } from '@tanstack/react-query';
import { Form, type FormInstance, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { Refusal } from '../ui/Refusal';

interface SearchProps {
  pledge: string;
  form: FormInstance<Schemas['ProposeDisposal']>;
  /** From the field that it stands in. */
  id?: string;
  onChange?: (project: string | undefined) => void;
}

/** Looks up whose the project of a number is, and takes it with the site that builds it. */
function Search({ pledge, form, id, onChange }: SearchProps) {
  const { t } = useTranslation();
  const take = (project: Schemas['BuyerProject'] | undefined) => {
    onChange?.(project?.id);
    form.setFieldValue('buyer_site', project?.site);
  };
  const search = useMutation({
    mutationFn: (number: string) =>
      call(api.GET('/api/v1/pledges/{id}/buyer-project', { params: { path: { id: pledge }, query: { number } } })),
    onMutate: () => take(undefined),
    onSuccess: take,
  });
  return (
    <>
      <Input.Search
        {...(id !== undefined && { id })}
        autoComplete="off"
        enterButton={t('act.find')}
        loading={search.isPending}
        onSearch={(number, event) => {
          // The key that looks up is not the one that proposes.
          event?.preventDefault();
          if (number.trim() !== '') search.mutate(number.trim());
        }}
      />
      {search.data && (
        <div className="found" role="status">
          <b>{search.data.organisation_name}</b> · {search.data.site_name}
        </div>
      )}
      <Refusal error={search.error} />
    </>
  );
}

/** Who buys, named by the project that they buy for: they have told its number. */
export function BuyerProject({ pledge, form }: { pledge: string; form: FormInstance<Schemas['ProposeDisposal']> }) {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="project"
        label={t('disposal.project')}
        extra={t('disposal.projectHint')}
        rules={[{ required: true, message: t('disposal.projectNeeded') }]}
      >
        <Search pledge={pledge} form={form} />
      </Form.Item>
      <Form.Item name="buyer_site" hidden>
        <Input />
      </Form.Item>
    </>
  );
}
