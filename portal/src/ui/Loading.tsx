import { Skeleton } from 'antd';

/** A page on its way. */
export function Loading() {
  return (
    <div className="page" aria-busy="true">
      <Skeleton active title={{ width: 220 }} paragraph={{ rows: 8 }} />
    </div>
  );
}
