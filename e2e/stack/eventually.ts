export { eventually } from '@todo/service/testing/eventually';
