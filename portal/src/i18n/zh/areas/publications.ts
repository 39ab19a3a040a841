export default {
  publication: {
    lead: '已结算交易的结果在期限内向社会公开；误公开的可以撤回，撤回后不再公开。',
    settledOn: '结算日期',
    lastDay: '公开期限',
    late: '逾期未公开',
    publish: '公开结果',
    publishLead: '公开后任何人都可以看到：',
    withdraw: '撤回公开',
    withdrawLead: '内容不再公开，但仍显示曾经公开过；理由只有交易中心和审计人员可见。',
    states: {
      due: '待公开',
      published: '已公开',
      withdrawn: '已撤回',
    },
    none: '没有这样的结果',
    noneLead: '交易结算后，结果会自动出现在这里。',
  },
};
