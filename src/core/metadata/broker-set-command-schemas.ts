/** Schemas of the commands about RocketMQ; each stands beside its rule. */
import { brokerSetAddStepSchema } from './commands/broker-set-add-step.ts';
import { brokerSetAlterSyncStateSetSchema } from './commands/broker-set-alter-sync-state-set.ts';
import { brokerSetApplyIdSchema } from './commands/broker-set-apply-id.ts';
import { brokerSetCleanSchema } from './commands/broker-set-clean.ts';
import { brokerSetElectSchema } from './commands/broker-set-elect.ts';
import { brokerSetLoseMasterSchema } from './commands/broker-set-lose-master.ts';
import { brokerSetRaiseEpochSchema } from './commands/broker-set-raise-epoch.ts';
import { brokerSetRegisterBrokerSchema } from './commands/broker-set-register-broker.ts';
import { brokerSetSetPolicySchema } from './commands/broker-set-set-policy.ts';
import { namingDeleteKeyValueSchema } from './commands/naming-delete-key-value.ts';
import { namingDeleteTopicSchema } from './commands/naming-delete-topic.ts';
import { namingPutKeyValueSchema } from './commands/naming-put-key-value.ts';
import { namingPutTopicSchema } from './commands/naming-put-topic.ts';
import { namingSetTopicNearSchema } from './commands/naming-set-topic-near.ts';
import { namingSetWritePermissionSchema } from './commands/naming-set-write-permission.ts';
import { registrationPutTopicsSchema } from './commands/registration-put-topics.ts';
import { registrationRemoveSchema } from './commands/registration-remove.ts';
import { registrationSetSchema } from './commands/registration-set.ts';

export const BROKER_SET_COMMAND_SCHEMAS = [
  registrationSetSchema,
  registrationPutTopicsSchema,
  registrationRemoveSchema,
  namingDeleteTopicSchema,
  namingPutTopicSchema,
  namingSetWritePermissionSchema,
  namingSetTopicNearSchema,
  namingPutKeyValueSchema,
  namingDeleteKeyValueSchema,
  brokerSetApplyIdSchema,
  brokerSetRegisterBrokerSchema,
  brokerSetAlterSyncStateSetSchema,
  brokerSetElectSchema,
  brokerSetLoseMasterSchema,
  brokerSetRaiseEpochSchema,
  brokerSetCleanSchema,
  brokerSetSetPolicySchema,
  brokerSetAddStepSchema,
] as const;
