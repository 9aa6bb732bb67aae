import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * HiveMQ Community Edition with the configuration it is installed with: one plain listener, files for what it keeps, and the extension
 * that lets everybody in. Only the address and port are ours, and it tells nobody of its use. Arguments: a folder that may be filled,
 * and the port.
 */
final class HiveMq implements ExtensionMain {
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Path configuration = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(configuration.resolve("config.xml"), """
                <?xml version="1.0"?>
                <hivemq>
                  <listeners>
                    <tcp-listener>
                      <port>%s</port>
                      <bind-address>127.0.0.1</bind-address>
                    </tcp-listener>
                  </listeners>
                  <anonymous-usage-statistics>
                    <enabled>false</enabled>
                  </anonymous-usage-statistics>
                </hivemq>
                """.formatted(args[1]));
        var everybody = EmbeddedExtension.builder()
                .withId("allow-all")
                .withName("Allow all")
                .withVersion("1")
                .withPriority(0)
                .withStartPriority(0)
                .withAuthor("owlcms-bridge")
                .withExtensionMain(new HiveMq())
                .build();
        EmbeddedHiveMQ.builder()
                .withConfigurationFolder(configuration)
                .withDataFolder(Files.createDirectories(folder.resolve("data")))
                .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
                .withEmbeddedExtension(everybody)
                .build()
                .start()
                .join();
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        SimpleAuthenticator everybody = (connect, decision) -> decision.authenticateSuccessfully();
        Services.securityRegistry().setAuthenticatorProvider(connecting -> everybody);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
}
