import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/** A push consumer as it comes, which tells what it got. */
final class Receiver {
  private static final int POLL_NAME_SERVER_INTERVAL_MS = 1_000;

  private final DefaultMQPushConsumer consumer;
  private final String name;

  Receiver(String nameServers, String name, String topic, boolean isOrderly) throws Exception {
    this.name = name;
    consumer = new DefaultMQPushConsumer("gets-" + name);
    consumer.setNamesrvAddr(nameServers);
    consumer.setPollNameServerInterval(POLL_NAME_SERVER_INTERVAL_MS);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe(topic, "*");
    if (isOrderly) {
      consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
        tell(messages);
        return ConsumeOrderlyStatus.SUCCESS;
      });
    } else {
      consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
        tell(messages);
        return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
      });
    }
    // Clients of one process share a heartbeat: one that starts while another is sending it would wait for the next.
    synchronized (Receiver.class) {
      consumer.start();
    }
  }

  private void tell(List<MessageExt> messages) {
    for (MessageExt message : messages) {
      long atMs = System.currentTimeMillis();
      String[] words = new String(message.getBody(), StandardCharsets.UTF_8).split(" ");
      Say.line("{\"got\":" + Say.text(name) + ",\"of\":" + Say.text(words[0]) + ",\"n\":" + words[1]
          + ",\"key\":" + Say.text(String.valueOf(message.getKeys())) + ",\"atMs\":" + atMs
          + ",\"afterMs\":" + (atMs - message.getBornTimestamp()) + "}");
    }
  }

  void close() {
    consumer.shutdown();
  }
}
