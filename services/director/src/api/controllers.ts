import { ApiTokensController } from '../access/api-tokens.controller.ts';
import { SetupController } from '../access/setup.controller.ts';
import { HealthController } from '../health/health.controller.ts';
import { InventoryController } from '../inventory/inventory.controller.ts';
import { JobsController } from '../jobs/jobs.controller.ts';
import { ExportController } from '../points/export.controller.ts';
import { ItemsController } from '../points/items.controller.ts';
import { PointsController } from '../points/points.controller.ts';
import { RepositoriesController } from '../repositories/repositories.controller.ts';
import { RestoresController } from '../restores/restores.controller.ts';
import { RunsController } from '../runs/runs.controller.ts';
import { TenantsController } from '../tenants/tenants.controller.ts';
import { TransportersController } from '../transporters/transporters.controller.ts';
import { OpenApiController } from './openapi.controller.ts';

/** Everything that answers over HTTP. */
export const CONTROLLERS = [
  SetupController,
  ApiTokensController,
  TenantsController,
  InventoryController,
  RepositoriesController,
  TransportersController,
  JobsController,
  RunsController,
  PointsController,
  ItemsController,
  ExportController,
  RestoresController,
  HealthController,
  OpenApiController,
];
