import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** What a topic holds: every message of every queue, read from its beginning to its end. */
final class Reading {
  private static final int BATCH = 32;
  /** An answer without messages may be a broker that is not ready yet; after so many it is the end. */
  private static final int EMPTY_ANSWERS = 20;
  private static final long EMPTY_PAUSE_MS = 100;

  private Reading() {}

  /** The numbers of each producer's messages, as ranges: {"producer": [[first, last], ...]}. */
  @SuppressWarnings("deprecation")
  static String all(String nameServers, String topic) throws Exception {
    DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("reads-" + topic);
    consumer.setNamesrvAddr(nameServers);
    consumer.start();
    Map<String, TreeSet<Long>> found = new TreeMap<>();
    try {
      for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) readQueue(consumer, queue, found);
    } finally {
      consumer.shutdown();
    }
    StringBuilder json = new StringBuilder("{");
    for (Map.Entry<String, TreeSet<Long>> entry : found.entrySet()) {
      if (json.length() > 1) json.append(',');
      json.append(Say.text(entry.getKey())).append(':').append(rangesOf(entry.getValue()));
    }
    return json.append('}').toString();
  }

  @SuppressWarnings("deprecation")
  private static void readQueue(
      DefaultMQPullConsumer consumer, MessageQueue queue, Map<String, TreeSet<Long>> found) throws Exception {
    long end = consumer.maxOffset(queue);
    long at = consumer.minOffset(queue);
    int empty = 0;
    while (at < end) {
      PullResult result = consumer.pull(queue, "*", at, BATCH);
      if (result.getPullStatus() != PullStatus.FOUND) {
        empty += 1;
        if (empty > EMPTY_ANSWERS)
          throw new IllegalStateException(queue + " at " + at + " of " + end + ": " + result.getPullStatus());
        Thread.sleep(EMPTY_PAUSE_MS);
        if (result.getPullStatus() == PullStatus.NO_NEW_MSG) continue;
      } else {
        for (MessageExt message : result.getMsgFoundList()) {
          String[] words = new String(message.getBody(), StandardCharsets.UTF_8).split(" ");
          found.computeIfAbsent(words[0], none -> new TreeSet<>()).add(Long.parseLong(words[1]));
        }
      }
      at = result.getNextBeginOffset();
    }
  }

  private static String rangesOf(TreeSet<Long> numbers) {
    StringBuilder json = new StringBuilder("[");
    Long first = null;
    Long last = null;
    for (Long n : numbers) {
      if (last != null && n == last + 1) {
        last = n;
        continue;
      }
      if (first != null) json.append('[').append(first).append(',').append(last).append("],");
      first = n;
      last = n;
    }
    if (first != null) json.append('[').append(first).append(',').append(last).append(']');
    return json.append(']').toString();
  }
}
