package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import java.util.List;

/** Which services know an account's name: by their own SASL, or told by a front end. */
final class Logins {

    private Logins() {}

    static List<Service> of(PostfixSettings settings) {
        return settings.smtpd().stream()
                .filter(s -> own(settings, s) || (fromFrontEnd(settings, s) && !s.inbound()))
                .toList();
    }

    static boolean own(PostfixSettings settings, Service service) {
        return settings.yes(service, "smtpd_sasl_auth_enable");
    }

    /** Dovecot's submission service and nginx's mail proxy hand the login over by XCLIENT. */
    static boolean fromFrontEnd(PostfixSettings settings, Service service) {
        return !settings.of(service, "smtpd_authorized_xclient_hosts").isBlank();
    }
}
