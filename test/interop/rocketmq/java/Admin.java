import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/** The administrator's side: mqadmin by its own main class, and the library beneath it where a program has to judge. */
final class Admin {
  private static final long TIMEOUT_MS = 3_000;
  private static final Map<String, DefaultMQAdminExt> STARTED = new ConcurrentHashMap<>();

  private Admin() {}

  /** What it prints, on either stream. */
  static synchronized String command(String[] words) throws Exception {
    PrintStream out = System.out;
    PrintStream errors = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream into = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(into);
      System.setErr(into);
      MQAdminStartup.main(words);
    } finally {
      System.setOut(out);
      System.setErr(errors);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static synchronized DefaultMQAdminExt at(String nameServers) throws Exception {
    DefaultMQAdminExt known = STARTED.get(nameServers);
    if (known != null) return known;
    DefaultMQAdminExt admin = new DefaultMQAdminExt(TIMEOUT_MS);
    admin.setInstanceName("looks-" + STARTED.size());
    admin.setNamesrvAddr(nameServers);
    admin.start();
    STARTED.put(nameServers, admin);
    return admin;
  }

  /** The sync state sets of these brokers, as a controller's leader has them. */
  static String state(String controller, String brokers) throws Exception {
    return json(at(controller).getInSyncStateData(controller, Arrays.asList(brokers.split(","))));
  }

  static String controller(String address) throws Exception {
    return json(at(address).getControllerMetaData(address));
  }

  /** The route of a topic, as one name server has it. */
  static String route(String nameServer, String topic) throws Exception {
    return json(at(nameServer).examineTopicRouteInfo(topic));
  }

  /** Whether a broker has this topic: slaves copy it from their master every ten seconds or so. */
  static String hasTopic(String nameServers, String broker, String topic) throws Exception {
    return String.valueOf(
        at(nameServers).getAllTopicConfig(broker, TIMEOUT_MS).getTopicConfigTable().containsKey(topic));
  }

  static String value(String nameServer, String namespace, String key) throws Exception {
    return Say.text(String.valueOf(at(nameServer).getKVConfig(namespace, key)));
  }

  /** Keys of maps are numbers without quotes in their dialect; this end wants JSON. */
  private static String json(Object value) {
    return RemotingSerializable.toJson(value, false).replaceAll("([{,])(\\d+):", "$1\"$2\":");
  }
}
