package io.postbrake.embedded;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;

/**
 * Knows the one user that the listener's own JAAS line names. Kafka keeps SCRAM users in its metadata, which needs a
 * controller to be read, so that neither a controller's listener nor data formatted before could be closed that way.
 */
public final class ScramCredentialOfListener implements AuthenticateCallbackHandler {

    private static final int ITERATIONS = 4096;

    private String user;
    private ScramCredential credential;

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
        Map<String, ?> options = jaas.get(0).getOptions();
        user = String.valueOf(options.get("username"));
        try {
            credential = new ScramFormatter(ScramMechanism.forMechanismName(mechanism))
                    .generateCredential(String.valueOf(options.get("password")), ITERATIONS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has the parts of " + mechanism, e);
        }
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        boolean known = false;
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
                known = user.equals(name.getDefaultName());
            } else if (callback instanceof ScramCredentialCallback wanted) {
                wanted.scramCredential(known ? credential : null);
            } else {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    @Override
    public void close() {
        credential = null;
    }
}
