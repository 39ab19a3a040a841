export default {
  report: {
    quantityForm: 'A quantity with at most 6 decimals, zero among them',
  },
};
