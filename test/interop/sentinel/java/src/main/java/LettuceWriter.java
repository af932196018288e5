import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import io.lettuce.core.masterreplica.StatefulRedisMasterReplicaConnection;
import java.time.Duration;

/** Lettuce with its master-replica connection; commands end after a second instead of after a minute. */
public final class LettuceWriter {
  public static void main(String[] words) throws InterruptedException {
    RedisURI.Builder uri = RedisURI.builder().withSentinelMasterId(words[0]).withTimeout(Duration.ofSeconds(1));
    for (int at = 2; at < words.length; at += 1) {
      String[] parts = words[at].split(":");
      uri.withSentinel(parts[0], Integer.parseInt(parts[1]));
    }
    StatefulRedisMasterReplicaConnection<String, String> connection =
        MasterReplica.connect(RedisClient.create(), StringCodec.UTF8, uri.build());
    RedisCommands<String, String> commands = connection.sync();
    Report.writeOn(n -> commands.sadd(words[1], Long.toString(n)));
  }

  private LettuceWriter() {}
}
