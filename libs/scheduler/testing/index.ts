export { aLane, aTask, aTransporter } from './builders.ts';
export { happen, type SchedulerEvent, type Schedules } from './history.ts';
export { NaiveModel } from './naive-model.ts';
