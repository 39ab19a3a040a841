import { useMutation } from '@tanstack/react-query';
import { Form, type FormInstance, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { Refusal } from '../ui/Refusal';

/** Looks up a project by its number: the pledgee for a disposal, a pledgor for a sale with consent. */
type Find = (number: string) => Promise<Schemas['BuyerProject']>;

/** What a form has that names a buyer. */
interface Named {
  project?: string | null;
  buyer_site: string;
}

interface SearchProps<Values extends Named> {
  find: Find;
  form: FormInstance<Values>;
  /** From the field that it stands in. */
  id?: string;
  onChange?: (project: string | undefined) => void;
}

/** Looks up whose the project of a number is, and takes it with the site that builds it. */
function Search<Values extends Named>({ find, form, id, onChange }: SearchProps<Values>) {
  const { t } = useTranslation();
  const take = (project: Schemas['BuyerProject'] | undefined) => {
    onChange?.(project?.id);
    form.setFieldsValue({ buyer_site: project?.site } as Parameters<typeof form.setFieldsValue>[0]);
  };
  const search = useMutation({
    mutationFn: find,
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
export function BuyerProject<Values extends Named>({ find, form }: { find: Find; form: FormInstance<Values> }) {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="project"
        label={t('disposal.project')}
        extra={t('disposal.projectHint')}
        rules={[{ required: true, message: t('disposal.projectNeeded') }]}
      >
        <Search find={find} form={form} />
      </Form.Item>
      <Form.Item name="buyer_site" hidden>
        <Input />
      </Form.Item>
    </>
  );
}
