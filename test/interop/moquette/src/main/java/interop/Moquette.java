package interop;

import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.broker.security.IAuthenticator;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/**
 * Moquette as owlcms configures its own server (docs/owlcms.md 1.1, 1.2): plain MQTT, WebSocket at /mqtt, packets up to 8092 bytes, nothing
 * kept on disk, anonymous or one user. Arguments: port, WebSocket port. The first two lines of standard input are user name and
 * password; both empty: anybody gets in. Prints "version VERSION" and "READY", and ends with its standard input.
 */
public final class Moquette {
    private Moquette() {}

    public static void main(String[] args) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String user = lines.readLine();
        String password = lines.readLine();
        var settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, args[0]);
        settings.setProperty(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, args[1]);
        settings.setProperty(IConfig.WEB_SOCKET_PATH_PROPERTY_NAME, "/mqtt");
        settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, String.valueOf(user.isEmpty()));
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        settings.setProperty(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, "8092");
        // Nothing leaves this computer.
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        IAuthenticator oneUser = (clientId, name, secret) -> user.isEmpty()
                || (user.equals(name) && secret != null && password.equals(new String(secret, StandardCharsets.UTF_8)));
        new Server().startServer(new MemoryConfig(settings), List.of(), null, oneUser, null);
        String jar = Server.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        say("version " + jar.replaceAll(".*-broker-(.*)[.]jar", "$1"));
        say("READY");
        while (lines.readLine() != null) {}
        // Nothing here is worth an orderly end.
        Runtime.getRuntime().halt(0);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
