/** The lines that a program prints, and the pause between two writes. */
final class Report {
  interface Write {
    void write(long n) throws Exception;
  }

  static void writeOn(Write write) throws InterruptedException {
    for (long n = 1; ; n += 1) {
      String error = "null";
      try {
        write.write(n);
      } catch (Exception failure) {
        error = '"' + String.valueOf(failure).replaceAll("[^ -~]|[\"\\\\]", " ") + '"';
      }
      System.out.println("{\"n\":" + n + ",\"atMs\":" + System.currentTimeMillis() + ",\"error\":" + error + "}");
      System.out.flush();
      Thread.sleep(20);
    }
  }

  private Report() {}
}
