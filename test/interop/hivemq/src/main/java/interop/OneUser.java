package interop;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lets one user in and only to owlcms/#, as a credential of HiveMQ Cloud does; everybody else is refused. */
final class OneUser implements ExtensionMain, SimpleAuthenticator {
    private final String user;
    private final String password;

    OneUser(String user, String password) {
        this.user = user;
        this.password = password;
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        Services.securityRegistry().setAuthenticatorProvider(providerInput -> this);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        var connect = input.getConnectPacket();
        Optional<String> name = connect.getUserName();
        Optional<String> given = connect.getPassword()
                .map(bytes -> StandardCharsets.UTF_8.decode(bytes.asReadOnlyBuffer()).toString());
        if (!name.equals(Optional.of(user)) || !given.equals(Optional.of(password))) {
            output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED, "user name or password");
            return;
        }
        var permissions = output.getDefaultPermissions();
        permissions.add(Builders.topicPermission().topicFilter("owlcms/#").build());
        permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
        output.authenticateSuccessfully();
    }
}
