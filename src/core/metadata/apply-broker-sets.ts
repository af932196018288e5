/** Gives each command about RocketMQ to its rule. */
import { unreachable } from '../primitives/assert.ts';
import type { Result } from '../primitives/refusal.ts';
import type { BrokerSetCommand } from './broker-set-command.ts';
import { brokerSetAddStep } from './commands/broker-set-add-step.ts';
import { brokerSetAlterSyncStateSet } from './commands/broker-set-alter-sync-state-set.ts';
import { brokerSetApplyId } from './commands/broker-set-apply-id.ts';
import { brokerSetClean } from './commands/broker-set-clean.ts';
import { brokerSetElect } from './commands/broker-set-elect.ts';
import { brokerSetLoseMaster } from './commands/broker-set-lose-master.ts';
import { brokerSetRaiseEpoch } from './commands/broker-set-raise-epoch.ts';
import { brokerSetRegisterBroker } from './commands/broker-set-register-broker.ts';
import { brokerSetSetPolicy } from './commands/broker-set-set-policy.ts';
import { namingDeleteKeyValue } from './commands/naming-delete-key-value.ts';
import { namingDeleteTopic } from './commands/naming-delete-topic.ts';
import { namingPutKeyValue } from './commands/naming-put-key-value.ts';
import { namingPutTopic } from './commands/naming-put-topic.ts';
import { namingSetTopicNear } from './commands/naming-set-topic-near.ts';
import { namingSetWritePermission } from './commands/naming-set-write-permission.ts';
import { registrationPutTopics } from './commands/registration-put-topics.ts';
import { registrationRemove } from './commands/registration-remove.ts';
import { registrationSet } from './commands/registration-set.ts';
import type { MutableMetadata } from './store.ts';

export function applyBrokerSetCommand(store: MutableMetadata, command: BrokerSetCommand): Result<null> {
  switch (command.type) {
    case 'registration.set':
      return registrationSet(store, command);
    case 'registration.putTopics':
      return registrationPutTopics(store, command);
    case 'registration.remove':
      return registrationRemove(store, command);
    case 'naming.deleteTopic':
      return namingDeleteTopic(store, command);
    case 'naming.putTopic':
      return namingPutTopic(store, command);
    case 'naming.setWritePermission':
      return namingSetWritePermission(store, command);
    case 'naming.setTopicNear':
      return namingSetTopicNear(store, command);
    case 'naming.putKeyValue':
      return namingPutKeyValue(store, command);
    case 'naming.deleteKeyValue':
      return namingDeleteKeyValue(store, command);
    case 'brokerSet.applyId':
      return brokerSetApplyId(store, command);
    case 'brokerSet.registerBroker':
      return brokerSetRegisterBroker(store, command);
    case 'brokerSet.alterSyncStateSet':
      return brokerSetAlterSyncStateSet(store, command);
    case 'brokerSet.elect':
      return brokerSetElect(store, command);
    case 'brokerSet.loseMaster':
      return brokerSetLoseMaster(store, command);
    case 'brokerSet.raiseEpoch':
      return brokerSetRaiseEpoch(store, command);
    case 'brokerSet.clean':
      return brokerSetClean(store, command);
    case 'brokerSet.setPolicy':
      return brokerSetSetPolicy(store, command);
    case 'brokerSet.addStep':
      return brokerSetAddStep(store, command);
    default:
      return unreachable(command);
  }
}
