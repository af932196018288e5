import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Everything that is done with RocketMQ's own libraries at one host: a line of words between tabs asks for it (a number,
 * a command, its parameters), a line of JSON with that number answers. What producers and consumers do is told by lines
 * of their own, with the time of the wall clock that all processes of a machine share.
 */
public final class Agent {
  private static final Map<String, Load> LOADS = new ConcurrentHashMap<>();
  private static final Map<String, Receiver> RECEIVERS = new ConcurrentHashMap<>();

  public static void main(String[] parameters) throws Exception {
    String nameServers = parameters[0];
    ExecutorService workers = Executors.newCachedThreadPool();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Say.line("{\"ready\":true}");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t", -1);
      workers.execute(() -> answer(nameServers, words));
    }
    // Nobody is there to be told anything more.
    Runtime.getRuntime().halt(0);
  }

  private static void answer(String nameServers, String[] words) {
    String value;
    boolean ok = true;
    try {
      value = perform(nameServers, words[1], Arrays.copyOfRange(words, 2, words.length));
    } catch (Throwable error) {
      ok = false;
      value = Say.text(error.getClass().getSimpleName() + ": " + error.getMessage());
    }
    Say.line("{\"answer\":" + words[0] + ",\"ok\":" + ok + ",\"value\":" + value + "}");
  }

  /** The answer in JSON. */
  private static String perform(String nameServers, String command, String[] of) throws Exception {
    switch (command) {
      case "produce":
        LOADS.put(of[0], new Load(nameServers, of[0], of[1], Long.parseLong(of[2])));
        return "null";
      case "rest":
        LOADS.get(of[0]).rest();
        return "null";
      case "goOn":
        LOADS.get(of[0]).goOn();
        return "null";
      case "halt":
        return Long.toString(LOADS.remove(of[0]).halt());
      case "send":
        return Load.sendSome(nameServers, of[0], of[1], Integer.parseInt(of[2]), Integer.parseInt(of[3]), 0);
      case "delayed":
        return Load.sendSome(nameServers, of[0], of[1], Integer.parseInt(of[2]), 1, Integer.parseInt(of[3]));
      case "consume":
        RECEIVERS.put(of[0], new Receiver(nameServers, of[0], of[1], of[2].equals("orderly")));
        return "null";
      case "close":
        RECEIVERS.remove(of[0]).close();
        return "null";
      case "read":
        return Reading.all(nameServers, of[0]);
      case "mqadmin":
        return Say.text(Admin.command(of));
      case "state":
        return Admin.state(of[0], of[1]);
      case "controller":
        return Admin.controller(of[0]);
      case "route":
        return Admin.route(of[0], of[1]);
      case "hasTopic":
        return Admin.hasTopic(nameServers, of[0], of[1]);
      case "value":
        return Admin.value(of[0], of[1], of[2]);
      default:
        throw new IllegalArgumentException(command);
    }
  }
}
