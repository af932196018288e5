import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;

/** A producer as it comes: it sends numbered messages one after the other, and tells what became of each. */
final class Load implements Runnable {
  private static final int POLL_NAME_SERVER_INTERVAL_MS = 1_000;

  private final DefaultMQProducer producer;
  private final String name;
  private final String topic;
  private final long intervalMs;
  private final Thread thread;
  private volatile boolean isHalted = false;
  private volatile boolean mayRest = false;
  private volatile boolean isResting = false;
  private long sent = 0;

  Load(String nameServers, String name, String topic, long intervalMs) throws Exception {
    this.producer = started(nameServers, name);
    this.name = name;
    this.topic = topic;
    this.intervalMs = intervalMs;
    this.thread = new Thread(this, name);
    thread.start();
  }

  private static DefaultMQProducer started(String nameServers, String name) throws Exception {
    DefaultMQProducer producer = new DefaultMQProducer("sends-" + name);
    producer.setNamesrvAddr(nameServers);
    producer.setPollNameServerInterval(POLL_NAME_SERVER_INTERVAL_MS);
    synchronized (Receiver.class) {
      producer.start();
    }
    return producer;
  }

  private static Message numbered(String name, String topic, long n) {
    return new Message(topic, (name + " " + n).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void run() {
    while (!isHalted) {
      if (mayRest) {
        isResting = true;
        pause(intervalMs);
        continue;
      }
      isResting = false;
      long startedMs = System.currentTimeMillis();
      String status;
      try {
        status = producer.send(numbered(name, topic, sent)).getSendStatus().name();
      } catch (Exception error) {
        status = String.valueOf(error.getMessage()).split("\n")[0];
      }
      long atMs = System.currentTimeMillis();
      Say.line("{\"sent\":" + Say.text(name) + ",\"n\":" + sent + ",\"atMs\":" + atMs
          + ",\"tookMs\":" + (atMs - startedMs) + ",\"status\":" + Say.text(status) + "}");
      sent += 1;
      pause(intervalMs);
    }
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  /** Ends once nothing that it sent is under way. */
  void rest() {
    mayRest = true;
    while (!isResting) pause(intervalMs);
  }

  void goOn() {
    mayRest = false;
  }

  /** How many it tried to send. */
  long halt() throws InterruptedException {
    isHalted = true;
    thread.join();
    producer.shutdown();
    return sent;
  }

  /** So many messages, each in the queue of its key where there is more than one key; how many were taken. */
  static String sendSome(String nameServers, String name, String topic, int count, int keys, int delayLevel)
      throws Exception {
    DefaultMQProducer producer = started(nameServers, name);
    int taken = 0;
    String last = "";
    try {
      for (int n = 0; n < count; n += 1) {
        Message message = numbered(name, topic, n);
        int key = n % keys;
        message.setKeys(Integer.toString(key));
        if (delayLevel > 0) message.setDelayTimeLevel(delayLevel);
        SendResult result = keys == 1
            ? producer.send(message)
            : producer.send(message, (queues, one, chosen) -> queues.get(key % queues.size()), null);
        last = result.getSendStatus().name();
        if (last.equals("SEND_OK")) taken += 1;
      }
    } finally {
      producer.shutdown();
    }
    return "{\"taken\":" + taken + ",\"last\":" + Say.text(last) + "}";
  }
}
