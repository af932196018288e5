import java.util.LinkedHashSet;
import java.util.Set;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisSentinelClient;

/** Jedis as an application has it: all its defaults, among them a timeout of two seconds. */
public final class JedisWriter {
  public static void main(String[] words) throws InterruptedException {
    Set<HostAndPort> sentinels = new LinkedHashSet<>();
    for (int at = 2; at < words.length; at += 1) sentinels.add(HostAndPort.from(words[at]));
    RedisSentinelClient client =
        RedisSentinelClient.builder().masterName(words[0]).sentinels(sentinels).build();
    Report.writeOn(n -> client.sadd(words[1], Long.toString(n)));
  }

  private JedisWriter() {}
}
