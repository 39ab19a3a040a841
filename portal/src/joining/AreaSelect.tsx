import { useQuery } from '@tanstack/react-query';
import { Select, type SelectProps } from 'antd';
import { api, call } from '../api/client';

/** Every area with all that it lies in, each after the one it lies in. */
export const useAreaTree = () =>
  useQuery({
    queryKey: ['areas'],
    queryFn: () => call(api.GET('/api/v1/public/areas')),
    select: (found) => found.items,
    staleTime: 300_000,
  });

/** Choosing an area, found by its name, its code or the name of what it lies in. */
export function AreaSelect(field: Omit<SelectProps<string>, 'options' | 'showSearch' | 'loading'>) {
  const areas = useAreaTree();
  const names = new Map(areas.data?.map((one) => [one.code, one.name]));
  return (
    <Select
      {...field}
      loading={areas.isPending}
      showSearch={{ optionFilterProp: 'label' }}
      options={(areas.data ?? []).map((one) => ({
        value: one.code,
        label: `${one.path
          .split('/')
          .map((code) => names.get(code) ?? code)
          .join(' · ')} ${one.code}`,
      }))}
    />
  );
}
