/**
 * What the tools that read a stock server's configuration see here: properties under their stock names, where the name
 * fits, with what this tier really does. There is nothing to change by them: the settings of a node are in its file.
 */
import type { RocketmqDoorOptions } from './door-ports.ts';

const propertiesText = (properties: Readonly<Record<string, string | boolean | number>>): Buffer =>
  Buffer.from(
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );

export const nameServerProperties = ({ self, version }: RocketmqDoorOptions): Buffer =>
  propertiesText({
    polluxNode: self,
    polluxVersion: version,
    enableAllTopicList: true,
    enableTopicList: true,
    returnOrderTopicConfigToBroker: true,
    orderMessageEnable: false,
    needWaitForService: false,
    supportActingMaster: false,
    notifyMinBrokerIdChanged: false,
    deleteTopicWithBrokerRegistration: false,
  });

export const controllerProperties = ({ self, version }: RocketmqDoorOptions): Buffer =>
  propertiesText({
    polluxNode: self,
    polluxVersion: version,
    controllerType: 'pollux',
    enableElectUncleanMaster: false,
    notifyBrokerRoleChanged: true,
    isProcessReadEvent: true,
  });
