export default {
  sale: {
    title: "Sales with the pledgee's consent",
    none: 'No sales with consent',
    noneLead:
      'A pledgor asks on the page of its pledge to sell what is pledged to a named buyer; with the written consent of the pledgee it is a trade.',
    request: 'Ask to sell',
    requestLead:
      'Both sides are judged as in any trade, and nothing moves yet. With the consent of the pledgee, who sets the order of payment, it is a trade: both bureaux decide, and rights and money change hands when the buyer settles.',
    requested: 'Asked {{at}}',
    pledgee: 'Pledgee {{name}}',
    order: 'Consent and order of payment',
    first: 'To the claim first',
    rest: 'Left for the pledgor',
    answeredAt: 'Consented',
    paid: 'Paid of the claim',
    opened: 'The trade',
    consent: 'Consent',
    consentLead:
      "It is a trade from then on, on which both bureaux decide; the rights stay pledged until it settles. Then the claim is paid first, and the rest is the pledgor's. Total:",
    document: 'Number of the consent',
    toClaim: 'To the claim first (before its time)',
    toClaimHint:
      "No more than the total and what is outstanding, and may be 0; the exchange's fee, which the pledgor bears, is taken before",
    refuseLead: 'The rights stay pledged; the pledgor is told the reason.',
    withdraw: 'Take back',
    withdrawLead: 'It ends here, and the rights stay pledged. Another sale may be asked for.',
    settle: 'Pay and settle',
    settleLead:
      "You pay the total and have the rights, for good; the claim is paid first, and the rest is the pledgor's. Total:",
    states: {
      requested: 'Waits for consent',
      consented: 'Consented',
      settled: 'Settled',
      refused: 'Consent refused',
      withdrawn: 'Taken back',
    },
  },
  claimTransfer: {
    title: 'Transfers of claims',
    parties: 'From and to',
    document: 'Number of the contract',
    proposedAt: 'Proposed',
    none: 'No transfers',
    noneLead:
      'A claim that goes to another bank or guarantor, with the pledge that secures it, is proposed and answered here.',
    propose: 'Transfer the claim',
    proposeLead:
      'From the acceptance on the other is the pledgee: number, terms and grams stay, you no longer see the pledge, and the pledgor is told.',
    to: 'To (a bank or guarantor)',
    noOther: 'There is no other bank or guarantor',
    accept: 'Accept the claim',
    acceptLead: 'You are the pledgee from then on: claim and pledge are in your book, and the pledgor is told. Pledge:',
    decline: 'Decline',
    declineLead: 'Claim and pledge stay where they are.',
    withdraw: 'Take back',
    withdrawLead: 'Claim and pledge stay as they are. Another transfer may be proposed.',
    states: {
      proposed: 'Waits for an answer',
      accepted: 'Transferred',
      declined: 'Declined',
      withdrawn: 'Taken back',
    },
  },
};
