/** 318, 319, 1009 and 1010: what there is to see of the configuration, and that it is not changed this way. */
import { REQUEST, type RequestCode } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { failure, successBody } from '../answer.ts';
import { controllerProperties, nameServerProperties } from '../properties.ts';
import type { DoorCommand } from './command.ts';

const NOT_HERE =
  'pollux is not configured over this protocol: change the configuration file of each node, or use `pollux`';

const refusesUpdates = (code: RequestCode): DoorCommand => ({
  code,
  run: () => failure(RESPONSE.noPermission, NOT_HERE),
});

export const updateNameServerConfiguration = refusesUpdates(REQUEST.updateNamesrvConfig);
export const updateControllerConfiguration = refusesUpdates(REQUEST.updateControllerConfig);

export const getNameServerConfiguration: DoorCommand = {
  code: REQUEST.getNamesrvConfig,
  run: ({ door }) => successBody(nameServerProperties(door.options)),
};

export const getControllerConfiguration: DoorCommand = {
  code: REQUEST.getControllerConfig,
  run: ({ door }) => successBody(controllerProperties(door.options)),
};
