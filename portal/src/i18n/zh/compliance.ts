export default {
  report: {
    quantityForm: '请输入数量，小数不超过 6 位，可为 0',
  },
};
