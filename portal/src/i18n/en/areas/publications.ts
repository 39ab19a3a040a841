export default {
  publication: {
    lead: 'Results of settled trades are published within their term. What was published by mistake is taken back, and not published again.',
    settledOn: 'Settled on',
    lastDay: 'Last day',
    late: 'Overdue',
    publish: 'Publish the result',
    publishLead: 'From then on everybody can see it:',
    withdraw: 'Take back',
    withdrawLead:
      'Its content is no longer public, and that it was there stays visible. The reason is for the exchange and its auditors.',
    states: {
      due: 'Waits',
      published: 'Published',
      withdrawn: 'Taken back',
    },
    none: 'No such results',
    noneLead: 'The result of a trade comes here by itself once it is settled.',
  },
};
