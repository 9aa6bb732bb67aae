package interop;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * HiveMQ Community Edition with one TLS listener on 127.0.0.1 and one user. Arguments: a folder that holds
 * key.pem and cert.pem and may be filled, and the port. The first two lines of standard input are user name
 * and password, so that no process list shows them. Prints "version VERSION" and "READY" between HiveMQ's own
 * lines, and ends with its standard input.
 */
public final class Broker {
    private Broker() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int port = Integer.parseInt(args[1]);
        var lines = new BufferedReader(new InputStreamReader(System.in));
        var oneUser = new OneUser(lines.readLine(), lines.readLine());
        Path configuration = Files.createDirectories(folder.resolve("conf"));
        Path keyStore = folder.resolve("broker.p12");
        KeyStoreFile.write(folder.resolve("key.pem"), folder.resolve("cert.pem"), keyStore);
        Files.writeString(configuration.resolve("config.xml"), configuration(port, keyStore));

        start(folder, oneUser);
        say("version " + jarVersion());
        say("READY");
        while (lines.readLine() != null) {}
        // Nothing here is worth an orderly end.
        Runtime.getRuntime().halt(0);
    }

    private static void start(Path folder, OneUser oneUser) throws Exception {
        var extension = EmbeddedExtension.builder()
                .withId("one-user")
                .withName("One user")
                .withVersion("1")
                .withPriority(0)
                .withStartPriority(0)
                .withAuthor("owlcms-bridge")
                .withExtensionMain(oneUser)
                .build();
        EmbeddedHiveMQ.builder()
                .withConfigurationFolder(folder.resolve("conf"))
                .withDataFolder(Files.createDirectories(folder.resolve("data")))
                .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
                .withEmbeddedExtension(extension)
                .build()
                .start()
                .join();
    }

    /** The version in the name of HiveMQ's jar; the embedded edition calls itself a snapshot. */
    private static String jarVersion() {
        String jar = EmbeddedHiveMQ.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*-embedded-(.*)[.]jar", "$1");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static String configuration(int port, Path keyStore) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <hivemq>
                  <listeners>
                    <tls-tcp-listener>
                      <port>%d</port>
                      <bind-address>127.0.0.1</bind-address>
                      <tls>
                        <keystore>
                          <path>%s</path>
                          <password>%s</password>
                          <private-key-password>%s</private-key-password>
                        </keystore>
                      </tls>
                    </tls-tcp-listener>
                  </listeners>
                  <persistence>
                    <mode>in-memory</mode>
                  </persistence>
                  <anonymous-usage-statistics>
                    <enabled>false</enabled>
                  </anonymous-usage-statistics>
                </hivemq>
                """
                .formatted(port, keyStore, KeyStoreFile.PASSWORD, KeyStoreFile.PASSWORD);
    }
}
